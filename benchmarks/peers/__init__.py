"""Sites to measure against, each one file of settings, views and addresses."""
