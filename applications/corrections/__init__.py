"""What the office asks back, and what is to follow: asking, and the applicant's answer."""
