"""The one door through which applications come in, from the browser and from the call centre.

The deadline is judged here, inside the storing transaction, by the moment of arrival (promise 2).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from applications import channels, late_access, matching, receipts, risks, search, sources
from applications.answers import Answers
from applications.models import Application, ApplicationStep, Claim, ClaimStep, LateAccess
from applications.validators.accounts import is_cut
from applications.validators.deadline import why_not
from applications.validators.emails import has_odd_dots
from applications.validators.kana import same_reading
from config import clock
from config.models import Postponement
from config.notice import NOTICE
from config.states import Refused
from payouts import accounts

DOOR = 0x686F73686F  # advisory lock: shared by who comes in, exclusive for who closes the list
FRESH = timedelta(seconds=60)  # an arrival older than this at commit is refused (decided)
STALE = _("時間がかかりすぎたため、受け付けできませんでした。もう一度お送りください。")
FUTURE = "受付日時が、いまより後になっています。"
MARKS = {
    "changed_after": "決定のあとに申請者が受取方法を変えました",
    "twin": "同じ内容の申請があります",
    "bank_unknown": "金融機関・支店を確認してください",
    "yucho_check": "記号・番号の検査数字が合いません",
    "holder_differs": "口座名義と申請者のカナが異なります",
    "holder_long": "口座名義が長く、振込データには先頭の30文字だけが入ります",
    "other_holder": "本人以外の名義の口座です",
    "no_app_contact": "アプリ登録の連絡先が空欄です",
    "odd_dots": "届かないことがあるメールアドレスです",
    "late_access": "期限後の申請（個別に承認されたもの）",
    "entered_late": "期限のあとに代行入力されました",
    **sources.WHY,
    **risks.WHY,
}
AS_ANSWERED = (
    "travel_type",
    "travel_start",
    "travel_end",
    "expires_on_outage_day",
    "number_unknown",
    "issuer",
    "name",
    "kana",
    "phone",
    "email",
    "method",
    "channel",
    "delivery",
    "holder_relation",
    "holder_consent",
    "postal_code",
    "address",
    "lodging",
    "booking_name",
    "agency",
    "app_contact",
)
OWN_NAMES = (Application.Relation.SELF, Application.Relation.FORMER_NAME)

log = logging.getLogger(__name__)


def receive(
    answers: Answers,
    *,
    arrived_at: datetime,
    submission_id: UUID,
    entered_by: AbstractBaseUser | None = None,
    language: str = "ja",
    opens: datetime | None = None,
    receipt_number: str = "",
    source: bytes | None = None,
    suspect: Sequence[str] = (),
    late_token: str = "",
) -> Application:
    """Store an application that arrived at `arrived_at` (JST) and write its receipt message.

    The same `submission_id` again gives the application stored first, also after the deadline.
    `entered_by`: a clerk enters it for somebody, with the moment of a call or of the post (N89).
    `source`: where it came from, hashed; `suspect`: marks of a machine (applications.sources): it
    is taken like any other, and its receipt not sent.
    `opens`: an earlier opening than the site's, of the desk of category B (N42); `receipt_number`:
    the number already read out. `late_token`: the single-use link of a case proven after the
    deadline (N79), spent here. Raises Refused with code "before", "closed", "bank_closed" (N32,
    N34), "stale" or "future".
    """
    said = {
        "submission_id": submission_id,
        "entered_by": entered_by,
        "language": language,
        "receipt_number": receipt_number or receipts.new(),
        "source": source,
        "opened_at": opens,
    }
    try:
        with transaction.atomic():
            _hold_the_door()
            stored = already(submission_id)
            if stored:
                return stored
            late = late_access.claim(late_token, arrived_at) if late_token else None
            return _judged_and_stored(answers, arrived_at, said, suspect, late)
    except IntegrityError:  # the same draft sent twice at once: the first one counts
        known = already(submission_id)
        if known:
            return known
        raise


def _judged_and_stored(
    answers: Answers,
    arrived_at: datetime,
    said: dict[str, Any],
    suspect: Sequence[str],
    late: LateAccess | None,
) -> Application:
    if arrived_at > clock.now():
        raise Refused(FUTURE, "future")
    extended = Postponement.approved()
    said = {**said, "opened_at": said["opened_at"] or NOTICE.end_of("site_opens", extended)}
    if late:
        extended = late_access.extended(late, extended)
    judged = arrived_at
    if arrived_at >= said["opened_at"]:  # the desk may have opened before the site
        judged = max(arrived_at, NOTICE.end_of("site_opens", extended))
    if not NOTICE.accepts_applications(judged, extended, road=answers.method):
        raise Refused(*why_not(arrived_at, extended, answers.method))
    application = _stored(answers, arrived_at, extended, said, suspect)
    if late:
        late_access.spend(late, application, arrived_at)
    _complete(application, answers)
    channels.tell_receipt(application, held=sources.HOLDS if suspect else "", new=True)
    if application.entered_by is None and clock.now() - arrived_at > FRESH:
        log.warning("an arrival of %s was too old to be stored", arrived_at.isoformat())
        raise Refused(STALE, "stale")
    return application


def already(submission_id: UUID) -> Application | None:
    """The application that this draft became, if it did."""
    return Application.objects.filter(submission_id=submission_id).first()


def _hold_the_door() -> None:
    """Let nobody close the list while this transaction lasts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [DOOR])


def _stored(
    answers: Answers,
    at: datetime,
    extended: dict[str, datetime],
    said: dict[str, Any],
    suspect: Sequence[str],
) -> Application:
    """The row of the application, with its account, judged by the bounds that it names."""
    close = "bank_applications_close" if answers.method == "bank" else "applications_close"
    content_hash = answers.content_hash()
    twin = Application.objects.filter(content_hash=content_hash).exists()
    return Application.objects.create(
        **said,
        prefecture_code=answers.prefecture,
        arrived_at=at,
        closes_at=NOTICE.end_of(close, extended),
        bank_account=accounts.store(answers.account.account()) if answers.account else None,
        content_hash=content_hash,
        marks=[*marks(answers, twin=twin), *suspect],
        search=search.keys(answers.name, answers.kana),
        **{name: getattr(answers, name) for name in AS_ANSWERED},
    )


def marks(answers: Answers, *, twin: bool) -> list[str]:
    """What the office should look at; none of it turns anybody away (MARKS)."""
    account = answers.account
    charged = any(coupon.use == Claim.Use.CHARGED for coupon in answers.coupons)
    found = {
        "twin": twin,
        "bank_unknown": account and not account.known,
        "yucho_check": account and not account.looks_right,
        "holder_differs": account
        and answers.holder_relation in OWN_NAMES
        and same_reading(account.holder_kana) != same_reading(answers.kana),
        "holder_long": account and is_cut(account.holder_kana),
        "other_holder": account and answers.holder_relation not in OWN_NAMES,
        "no_app_contact": account and charged and not answers.app_contact,
        "odd_dots": answers.channel == "email" and has_odd_dots(answers.delivery),
    }
    return [mark for mark, holds in found.items() if holds]


def _complete(application: Application, answers: Answers) -> None:
    """The claims and their match, the history."""
    coupons = [(coupon.typed, coupon.inquiry_number, coupon.use) for coupon in answers.coupons]
    if answers.number_unknown:
        coupons.append(("", "", Claim.Use.UNKNOWN))
    claims = Claim.objects.bulk_create(
        Claim(
            application=application,
            position=position,
            prefecture_code=application.prefecture_code,
            typed_number=typed[:40],
            inquiry_number=number,
            coupon_use=use,
        )
        for position, (typed, number, use) in enumerate(coupons, 1)
    )
    step = {"old": "", "at": application.arrived_at, "by": application.entered_by}
    ApplicationStep.objects.create(of=application, new=application.state, **step)
    ClaimStep.objects.bulk_create(ClaimStep(of=claim, new=claim.state, **step) for claim in claims)
    matching.match(claims)
