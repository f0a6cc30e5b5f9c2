"""The deadline as forms say it. They are kind about it; intake is what judges (promise 2)."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from applications.validators.text import refuse
from config.notice import NOTICE
from config.templatetags.notice import ja_moment, until


def in_time(at: datetime, extended: Mapping[str, datetime], road: str = "points") -> None:
    """Refuses with a kind sentence while applications by this road are not accepted at `at`."""
    if not NOTICE.accepts_applications(at, extended, road=road):
        raise refuse(*why_not(at, extended, road))


def why_not(at: datetime, extended: Mapping[str, datetime], road: str) -> tuple[str, str]:
    """The sentence, and its code: "before", "closed" or "bank_closed"."""
    opens = NOTICE.end_of("site_opens", extended)
    if at < opens:
        return _("申請の受付は%(opens)sに始まります。") % {"opens": ja_moment(opens)}, "before"
    close = NOTICE.end_of("applications_close", extended)
    if road == "bank" and at < close:
        close = NOTICE.end_of("bank_applications_close", extended)
        return _("口座への振込の申請の受付は%(close)sで終わりました。") % {
            "close": until(close)
        }, "bank_closed"
    return _("申請の受付は%(close)sで終わりました。") % {"close": until(close)}, "closed"
