"""What no log may keep: the tokens of personal links, and the rows that a database error quotes.

In production each record is one line of JSON, so that machines can count and people can search.
"""

import json
import logging
import re
from datetime import UTC, datetime

CUT = "…"
# Every path that carries a token, in each language; machines' hooks name their secret likewise.
TOKEN = re.compile(
    r"(/(?:r|c|p|l|apply/late|status/correct|status/p|hooks/[a-z_]+)/)[0-9A-Za-z_-]+"
)
# PostgreSQL: "DETAIL:  Failing row contains (...)", and the statement's place with its values.
DETAIL = re.compile(r"((?:DETAIL|CONTEXT|詳細|文脈): ).*(?:\n(?!\S*Error|Traceback|  File ).*)*")


class Discreet(logging.Filter):
    """Writes each record without tokens and without personal data of the database's answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, cut."""
        record.msg, record.args = discreet(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = discreet(record.exc_text)
        return True


def discreet(text: str) -> str:
    """The text with tokens and quoted rows cut out."""
    return DETAIL.sub(rf"\1{CUT}", TOKEN.sub(rf"\1{CUT}", text))


class Json(logging.Formatter):
    """A record as one line: time (UTC), level, logger, message, process, and where it failed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. `Discreet` has cut the record before."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)
