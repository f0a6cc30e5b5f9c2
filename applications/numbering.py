"""A claim gets the number of the coupon that it means: a typo put right, a lost number found.

An amendment with history (N30, N31, N64). What a clerk amended takes two people from then on.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from applications import amendments, matching, review
from applications.models import Claim
from config import clock
from config.states import Refused
from coupons.models import Coupon

OPEN = ("received", "held", "asked")


def use_number(claim: Claim, coupon: Coupon, *, by: AbstractBaseUser, text: str = "") -> Claim:
    """Let a pending claim ask for this coupon of the ledger, and compare anew.

    Raises Refused after the check, for another prefecture's coupon, and where another claim of the
    same application has the number.
    """
    at, row, number = clock.now(), claim.application, coupon.inquiry_number
    with review.promised():
        pending = review.locked(row, by)
        if row.state not in OPEN or claim not in pending:
            raise Refused("審査済みの申請の番号は変えられません。先に差し戻してください。", "moved")
        if coupon.prefecture_code != row.prefecture_code:
            raise Refused(
                "別の都道府県のクーポンです。申請の都道府県をご確認ください。", "prefecture"
            )
        if row.claims.filter(inquiry_number=number).exists():
            raise Refused("この番号は、同じ申請にもう入っています。", "twice")
        old = claim.inquiry_number
        amendments.amend(row, {}, {claim.pk: {"inquiry_number": number}}, at=at, by=by)
        said = f"{claim.position}枚目のお問合せ番号を訂正：{old or '（番号なし）'} → {number}"
        review.write_note(row, by, f"{said}\n{text}", at)
        asking = Q(inquiry_number=number) | Q(inquiry_number=old) & ~Q(inquiry_number="")
        touched = Claim.objects.filter(asking, state="pending").select_related("application")
        matching.match(list(touched), at)
    claim.refresh_from_db()
    return claim
