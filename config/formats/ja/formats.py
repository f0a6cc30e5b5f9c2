"""One way of writing days and moments where nothing else is asked for: 2023/4/10 10:02."""

DATE_FORMAT = SHORT_DATE_FORMAT = "Y/n/j"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y/n/j G:i"
