"""An error report names the error and the place, and nothing that a person typed."""

import json
import subprocess
import sys

from tests.house import ROOT

MARK = "山田花子09012345678"
REPORT = f"""
import json
import sentry_sdk
from sentry_sdk.transport import Transport
from config import sentry


class Kept(Transport):
    def capture_envelope(self, envelope):
        print(json.dumps([item.payload.json for item in envelope.items], default=str))


sentry.start("https://key@sentry.example/1", transport=Kept)
sentry_sdk.set_user({{"id": "{MARK}"}})
sentry_sdk.add_breadcrumb(message="{MARK}")
try:
    typed = "{MARK}"
    raise ValueError(typed)
except ValueError:
    sentry_sdk.capture_exception()
sentry_sdk.flush()
"""


def test_a_report_holds_the_kind_and_the_place_only() -> None:
    told = subprocess.run(
        [sys.executable, "-c", REPORT], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    ((event,),) = [json.loads(line) for line in told.splitlines()]
    assert MARK not in json.dumps(event, ensure_ascii=False)
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "ValueError")
    assert [frame["lineno"] for frame in error["stacktrace"]["frames"]] == [18]
