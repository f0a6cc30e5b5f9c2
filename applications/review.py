"""The verbs of the office on an application and its claims (N63 to N65).

A decision is made for each coupon. Two signatures: whoever checks proposes, another person
approves; for a clean match the first may be the matching itself. What must never happen is kept by
constraints of the database; here their violations become sentences. After `Refused` the database is
as it was; the object at hand may not be.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction

from applications import matching, ownership, replies, sampling, sentences
from applications.cases import held_by_another, next_case, release_case, take
from applications.corrections import asking
from applications.models import Application, Claim, Contest, Note
from applications.validators.text import plain
from config import clock
from config.states import Refused
from payouts import app_holders, clerks, opening
from payouts.links import kana_key
from payouts.models import Payout

__all__ = [
    "approve",
    "ask",
    "check",
    "check_clean",
    "hold",
    "next_case",
    "note",
    "release_case",
    "resume",
    "revoke",
    "send_back",
    "take",
    "withdraw",
]

TWO_PEOPLE = "審査した人、代行入力した人は、承認できません。別の担当者が承認してください。"
TAKEN = "このクーポンの補償は、ほかの申請または配信ですでに手続きに入っています。"
CONTEST_TOO = "重複申請の判断をした人は、承認できません。別の担当者が承認してください。"
NOT_SEALED = "残額の確定後に台帳に現れたクーポンです。確定残額がないため、承認できません。"
OTHER_PREFECTURE = "台帳の都道府県が申請と異なるクーポンは、この申請では承認できません。"
BROKEN = {  # constraint -> sentence, code
    "application_two_people": (TWO_PEOPLE, "two_people"),
    "payout_two_people": (TWO_PEOPLE, "two_people"),
    "application_not_own_entry": (ownership.ENTERED, "two_people"),
    "look_lets_go": ("二次確認が済むまで、支払いは進められません。", "second_look"),
    "amended_before_payout": ("支払いが進んでいるため、訂正できません。", "paid"),
    "application_first_signature": ("先に審査を済ませてください。", "unchecked"),
    "claim_one_approved": (TAKEN, "taken"),
    "payoutline_one_live": (TAKEN, "taken"),
    "line_coupon_prefecture": (OTHER_PREFECTURE, "prefecture"),
    "line_payout_prefecture": (OTHER_PREFECTURE, "prefecture"),
    "claim_reason": ("補償の対象外とする理由を選んでください。", "reason"),
    "claim_once_an_application": ("同じお問合せ番号が、この申請にすでにあります。", "twice"),
}
UNSIGNED = {"checked_by": None, "by_matching": False, "decided_by": None, "decided_at": None}
FREE = {"taken_by": None, "taken_until": None}

Proposals = Mapping[int, tuple[str, str]]  # claim id -> (approved, "") or (not_covered, reason)


def check(row: Application, proposals: Proposals, *, by: AbstractBaseUser) -> Application:
    """First signature: what the reviewer proposes for each coupon. Raises Refused."""
    at = clock.now()
    with promised():
        claims = locked(row, by)
        ownership.forbid(row, by)
        if set(proposals) != {claim.pk for claim in claims} or not claims:
            raise Refused("すべてのクーポンについて、判断を選んでください。", "incomplete")
        matching.match(claims, at)
        for claim in claims:
            claim.proposal, claim.reason = proposals[claim.pk]
            proposable(claim)
        Claim.objects.bulk_update(claims, ["proposal", "reason"])
        return row.move("checked", by=by, at=at, **UNSIGNED | FREE | {"checked_by": by})


def check_clean(row: Application) -> Application:
    """First signature by the matching itself: every coupon agrees, and nothing asks for a look.

    What a clerk entered or amended always takes two people (promise 7). Raises Refused.
    """
    at = clock.now()
    with promised():
        claims = locked(row, None)
        matching.match(claims, at)
        if not is_clean(row, claims):
            raise Refused("照合だけでは確認できない申請です。担当者が審査してください。", "unclean")
        for claim in claims:
            claim.proposal, claim.reason = "approved", ""
        Claim.objects.bulk_update(claims, ["proposal", "reason"])
        return row.move("checked", reason="matching", at=at, **UNSIGNED | {"by_matching": True})


def approve(row: Application, *, by: AbstractBaseUser) -> Application:
    """Second signature: decide every coupon and open one payout over the approved ones.

    1. another person than who checked or entered it; 2. nothing new stands against it since the
    check; 3. payout, claims, application and message in one transaction. Raises Refused.
    """
    at = clock.now()
    with promised():
        claims = locked(row, by)
        if row.state != Application.State.CHECKED:
            raise Refused("審査済みの申請ではありません。画面を開き直してください。", "moved")
        if by.pk in (row.checked_by_id, row.entered_by_id):
            raise Refused(TWO_PEOPLE, "two_people")
        ownership.forbid(row, by)
        matching.match(claims, at)
        approved = [claim for claim in claims if claim.proposal == Claim.State.APPROVED]
        for claim in approved:
            proposable(claim)
        if Contest.objects.filter(chosen__in=approved, by=by).exists():
            raise Refused(CONTEST_TOO, "two_people")
        if row.by_matching and not is_clean(row, claims):
            raise Refused("審査のあとに照合の結果が変わりました。差し戻してください。", "changed")
        payout = open_payout(row, approved, by) if approved else None
        for claim in claims:
            carried = {"payout": payout} if claim in approved else {}
            claim.move(claim.proposal, by=by, at=at, reason=claim.reason, **carried)
        row.move("decided", by=by, at=at, decided_by=by, decided_at=at, **FREE)
        sampling.draw(row, payout, at)
        if len(approved) < len(claims):
            replies.tell_decision(row, claims)
        return row


def hold(row: Application, *, by: AbstractBaseUser, reason: str, text: str = "") -> None:
    """Put a case aside until something is clear (保留)."""
    _step(row, "held", "hold", reason, text, by)


def resume(row: Application, *, by: AbstractBaseUser, reason: str, text: str = "") -> None:
    """Go on with a held case, or one whose answer came."""
    _step(row, "received", "resume", reason, text, by, only=("held", "asked"))


def send_back(row: Application, *, by: AbstractBaseUser, reason: str, text: str = "") -> None:
    """Return a checked case to the reviewers (差戻し); the proposals stay to start from."""
    _step(row, "received", "send_back", reason, text, by, only=("checked",), **UNSIGNED)


def withdraw(row: Application, *, by: AbstractBaseUser | None, reason: str, text: str = "") -> None:
    """Take the whole application back at the applicant's wish (N57); `by` is empty for themselves.

    Only before the check: a checked case is sent back first.
    """
    with promised():
        ids = list(row.claims.filter(state="pending").values_list("pk", flat=True))
        _step(row, "withdrawn", "withdraw", reason, text, by)
        Claim.move_all(ids, "pending", "withdrawn", by=by, reason=reason)


def ask(row: Application, what: list[str], *, by: AbstractBaseUser, text: str = "") -> Application:
    """Ask the applicant back for these items (codes of `sentences.ASKED`), by message (N63).

    Raises Refused where nothing is asked, or the time for corrections is over.
    """
    at = clock.now()
    if not what or not set(what) <= set(sentences.ASKED):
        raise Refused("申請者に確認したいことを選んでください。", "reason")
    end = replies.correction_end(at)
    if end <= at:
        raise Refused("補正をお願いできる期限を過ぎています。電話で確認してください。", "late")
    with promised():
        locked(row, by)
        row.move("asked", by=by, at=at, reason=",".join(what)[:60], **FREE)
        write_note(row, by, text, at)
        asking.ask(row, what, at)
        return row


def revoke(row: Application, *, by: AbstractBaseUser | None, reason: str, text: str = "") -> None:
    """Take a decision back (承認取消, 再審査) while no value has moved.

    Cancels the payout, which frees its entitlements. Raises Refused where it is on its way.
    """
    at = clock.now()
    with promised():
        locked(row, by)
        if by is not None:
            ownership.forbid(row, by)
        claims = row.claims.filter(state__in=["approved", "not_covered"])
        payouts = Payout.objects.filter(pk__in=claims.values("payout"))
        for payout in payouts.select_for_update(of=("self",)):
            if payout.state not in (Payout.State.WAITING, Payout.State.READY):
                raise Refused("支払いが進んでいるため、承認を取り消せません。", "paid")
            opening.cancel(payout, by=by, reason=reason)
        for claim in claims.all():
            claim.move("pending", by=by, at=at, reason=reason, payout=None)
        sampling.void(row, at)
        _step(row, "received", "revoke", reason, text, by, only=("decided",), **UNSIGNED)


def note(row: Application, text: str, *, by: AbstractBaseUser) -> Note:
    """A remark for the colleagues. Raises Refused where it is empty."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    if not written(text):
        raise Refused("メモを入力してください。", "empty")
    return write_note(row, by, text, at)


@contextmanager
def promised() -> Iterator[None]:
    """One transaction; what a constraint of the database refuses is told as `Refused`."""
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()  # the deferred ones now, not at the caller's commit
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in BROKEN:
            raise
        raise Refused(*BROKEN[name]) from error


def locked(row: Application, by: AbstractBaseUser | None) -> list[Claim]:
    """Read an application anew and lock it, for a clerk who may touch it; its pending claims."""
    row.refresh_from_db(from_queryset=Application.objects.select_for_update(of=("self",)))
    if by is not None:
        clerks.require(by, row.prefecture_code)
        if held_by_another(row, by):
            raise Refused("ほかの担当者が処理中です。", "taken")
    claims = row.claims.select_for_update(of=("self",)).filter(state="pending")
    rows = claims.select_related("coupon", "application").order_by("pk")  # all lock in one order
    return sorted(rows, key=attrgetter("position"))


def proposable(claim: Claim) -> None:
    """Raises Refused where a claim can't be decided as proposed."""
    place = f"{claim.position}枚目："
    if claim.proposal == Claim.State.NOT_COVERED:
        if claim.reason not in Claim.Reason.values:
            raise Refused(place + "補償の対象外とする理由を選んでください。", "reason")
        return
    if claim.proposal != Claim.State.APPROVED:
        raise Refused(place + "判断を選んでください。", "incomplete")
    if claim.reason:
        raise Refused(place + "承認するときは、対象外の理由を選ばないでください。", "incomplete")
    if claim.coupon_id is None:
        raise Refused(place + "台帳のクーポンが特定できていないため、承認できません。", "no_coupon")
    if claim.coupon.prefecture_code != claim.prefecture_code:
        raise Refused(place + OTHER_PREFECTURE, "prefecture")
    if "after_seal" in claim.match_reasons and not claim.coupon.sealed_items.exists():
        raise Refused(place + NOT_SEALED, "after_seal")
    if claim.match == Claim.Match.CONTESTED:
        raise Refused(
            place
            + "競合する申請または支払いがあります。「重複申請」の画面で、どちらを認めるかを先に"
            "決めてください。",
            "contested",
        )


def is_clean(row: Application, claims: list[Claim]) -> bool:
    """Whether no person has to look: all agrees, no mark, own account, nothing written by us."""
    own = row.holder_relation in ("", Application.Relation.SELF)
    ours = row.entered_by_id or row.amendments.filter(by__isnull=False).exists()
    plain = own and not row.marks and not ours
    return plain and bool(claims) and all(claim.match == Claim.Match.CLEAN for claim in claims)


def open_payout(row: Application, approved: list[Claim], by: AbstractBaseUser) -> Payout:
    """One payout over the approved coupons, to the channel or the account of the application.

    Whoever chose the bank needs no link to an app account any more (N46).
    """
    channel, address = replies.reach(row)
    coupons = [claim.coupon for claim in approved]
    if row.method == Application.Method.BANK:
        app_holders.give_way(coupons, by=by, reason="bank")
    return opening.open_payout(
        coupons,
        opening.Recipient(
            prefecture_code=row.prefecture_code,
            road=row.method,
            channel=channel,
            address=address,
            language=row.language,
            bank_account=row.bank_account,
            proofs=proofs(row, approved),
            phone_proof=phone_proves(row),
            subject=f"application:{row.pk}",
        ),
        opening.Signatures(row.checked_by, by, row.by_matching),
    )


def proofs(row: Application, approved: list[Claim]) -> tuple[str, ...]:
    """What the receiver may be asked for, any one of it (decided 17, N58)."""
    numbers = [claim.inquiry_number[-4:] for claim in approved]
    phone = [row.phone[-4:]] if phone_proves(row) else []
    return tuple(dict.fromkeys([*numbers, kana_key(row.kana), *phone]))


def phone_proves(row: Application) -> bool:
    """Whether the contact phone's last digits prove anything.

    Not where the link goes to a phone that ends in them: a stranger who got it by mistake can read
    them there.
    """
    return bool(row.phone) and not (row.channel == "sms" and row.phone[-4:] == row.delivery[-4:])


def write_note(row: Application, by: AbstractBaseUser, text: str, at: datetime) -> Note | None:
    """Keep a remark beside an act, where there is one."""
    kept = written(text)
    if not kept or by is None:
        return None
    return Note.objects.create(application=row, at=at, by=by, text=kept)


def written(text: str) -> str:
    """A remark as it is kept: its lines, without what no eye sees, up to 2,000 characters."""
    return "\n".join(map(plain, text.splitlines())).strip()[:2000]


def _step(
    row: Application,
    to: str,
    verb: str,
    reason: str,
    text: str,
    by: AbstractBaseUser | None,
    *,
    only: tuple[str, ...] = (),
    **fields: object,
) -> None:
    """Move an application for a coded reason; the remark is kept as a note."""
    at = clock.now()
    if reason not in sentences.WHY[verb]:
        raise Refused("理由を選んでください。", "reason")
    with promised():
        locked(row, by)
        if only and row.state not in only:
            raise Refused("この状態の申請では行えません。画面を開き直してください。", "moved")
        row.move(to, by=by, at=at, reason=reason, **fields | FREE)
        write_note(row, by, text, at)
