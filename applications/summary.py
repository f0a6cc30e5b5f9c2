"""The answers as the check page shows them: in sections, in stored form, with notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import normalize

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from applications.answers import AccountAnswer, Answers
from applications.forms.bank import ACCOUNT_TYPES
from applications.forms.receive import CHANNELS, METHODS
from applications.models import Application, Claim
from applications.validators.accounts import was_filled
from applications.validators.banks import written as written_bank
from applications.validators.emails import has_odd_dots
from applications.validators.phones import national
from applications.validators.postal import written
from config.languages import notice
from config.notice import NOTICE
from config.templatetags.notice import ja_date
from payouts.outbound.zengin.kana import bank_kana, cut30

TYPES = dict(ACCOUNT_TYPES)
NO_BANK = gettext_noop("金融機関の名前を確認できませんでした。番号をもう一度ご確認ください。")
NO_BRANCH = gettext_noop("支店の名前を確認できませんでした。番号をもう一度ご確認ください。")
NOT_CURRENT = gettext_noop(
    "いまの金融機関・支店の一覧にありません。統合などで変わっていないか、ご確認ください。"
)
ODD_DOTS = gettext_lazy("このアドレスには、メールが届かないことがあります。SMSも選べます。")


PARTS = ("value", "note")


@dataclass(frozen=True)
class Row:
    """One answer; `note` says what was changed or is to be looked at."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """The answers of one step."""

    step: str
    title: str
    rows: list[Row]

    def values(self) -> dict[str, str]:
        """What one person said, by a name of its own in the page."""
        return {
            f"{self.step}_{line}_{part}": text
            for line, row in enumerate(self.rows)
            for part in PARTS
            if (text := getattr(row, part))
        }

    def saying(self, values: Mapping[str, str]) -> "Section":
        """The same section with other values under the same names."""
        rows = [
            Row(row.label, *(values.get(f"{self.step}_{line}_{part}", "") for part in PARTS))
            for line, row in enumerate(self.rows)
        ]
        return Section(self.step, self.title, rows)


def sections(answers: Answers, typed_number: str = "") -> list[Section]:
    """All answers by step. `typed_number` is the account number before zeros were put to it."""
    found = [
        Section("coupons", _("旅行とクーポン"), [*_trip(answers), *_coupons(answers)]),
        Section("person", _("お名前とご連絡先"), _person(answers)),
        Section("receive", _("受け取り方"), _receive(answers)),
    ]
    if answers.account:
        rows = [*_account(answers.account, typed_number), *_holder(answers)]
        found.append(Section("bank", _("振込先の口座"), rows))
    return found


def _trip(answers: Answers) -> list[Row]:
    stay = answers.travel_type == Application.TravelType.STAY
    start = (
        [Row(_("チェックイン日"), ja_date(answers.travel_start))] if answers.travel_start else []
    )
    return [
        Row(_("ご利用の都道府県"), notice().prefectures[answers.prefecture].name),
        Row(_("旅行の種類"), Application.TravelType(answers.travel_type).label),
        *start,
        Row(_("チェックアウト日") if stay else _("旅行日"), ja_date(answers.travel_end)),
        Row(
            _("有効期限が%(day)sまで") % {"day": ja_date(NOTICE.dates.outage_day)},
            Application.Expires(answers.expires_on_outage_day).label,
        ),
    ]


def _coupons(answers: Answers) -> list[Row]:
    rows = [
        Row(
            _("%(place)s枚目のお問合せ番号") % {"place": place},
            grouped(coupon.inquiry_number),
            Claim.Use(coupon.use).label,
        )
        for place, coupon in enumerate(answers.coupons, 1)
    ]
    if answers.number_unknown:
        rows.append(Row(_("番号がわからないクーポン"), _("あり")))
    if answers.issuer:
        rows.append(Row(_("クーポンの発行店"), answers.issuer))
    return rows


def grouped(number: str) -> str:
    """An inquiry number in groups of four, easier to compare with the paper."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _person(answers: Answers) -> list[Row]:
    rows = [Row(_("お名前"), answers.name), Row(_("お名前（カナ）"), answers.kana)]
    if answers.phone:
        rows.append(Row(_("電話番号"), national(answers.phone)))
    if answers.email:
        rows.append(Row(_("メールアドレス"), answers.email))
    return rows


def _receive(answers: Answers) -> list[Row]:
    rows = [Row(_("受取方法"), dict(METHODS)[answers.method])]
    if answers.channel == "sms":
        rows.append(Row(_("受取案内の配信先"), national(answers.delivery), dict(CHANNELS)["sms"]))
    elif answers.channel == "email":
        note = ODD_DOTS if has_odd_dots(answers.delivery) else ""
        rows.append(Row(_("受取案内の配信先"), answers.delivery, note))
    else:
        rows.append(Row(_("受取案内の配信先"), _("なし（お電話かお手紙でご連絡します）")))
    return rows


def _account(account: AccountAnswer, typed_number: str) -> list[Row]:
    filled = typed_number and was_filled(typed_number, account.account_number)
    note = _("%(length)sけたになるように、先頭に0を付けました。") % {
        "length": len(account.account_number)
    }
    note = note if filled else ""
    yucho = _("記号 %(symbol)s　番号 %(number)s を振込用の番号に直しました。") % {
        "symbol": normalize("NFKC", account.symbol),
        "number": normalize("NFKC", account.number),
    }
    return [
        Row(
            _("金融機関"),
            place(written_bank(account.bank_code, account.bank_name), account.bank_code),
            "" if account.bank_name else _(NO_BANK),
        ),
        Row(
            _("支店"),
            place(account.branch_name, account.branch_code),
            yucho if account.symbol else branch_note(account),
        ),
        Row(_("預金種目"), TYPES[account.account_type]),
        Row(_("口座番号"), account.account_number, note),
        Row(_("口座名義（カナ）"), account.holder_kana, as_sent(account.holder_kana)),
    ]


def branch_note(account: AccountAnswer) -> str:
    """What is to be looked at where the master could not confirm a branch."""
    if not account.branch_name:
        return _(NO_BRANCH)
    return "" if account.known or not account.branch_code else _(NOT_CURRENT)


def as_sent(holder_kana: str) -> str:
    """The holder's name as the bank receives it, said beside the name as people read it."""
    return _("銀行へは「%(name)s」と送ります。") % {"name": cut30(bank_kana(holder_kana))}


def place(name: str, code: str) -> str:
    """A bank or branch by name and code, whichever is known; letters in half width."""
    name = normalize("NFKC", name)
    return (
        _("%(name)s（%(code)s）") % {"name": name, "code": code} if name and code else name or code
    )


def _holder(answers: Answers) -> list[Row]:
    named = (
        (_("宿泊施設名"), answers.lodging),
        (_("予約した方のお名前"), answers.booking_name),
        (_("旅行会社と商品の名前"), answers.agency),
        (_("アプリに登録した連絡先"), contact(answers.app_contact)),
    )
    return [
        Row(
            _("名義の方とのご関係"),
            Application.Relation(answers.holder_relation).label,
            _("名義の方の同意を得ています") if answers.holder_consent else "",
        ),
        Row(_("郵便番号"), written(answers.postal_code)),
        Row(_("ご住所"), answers.address),
        *(Row(label, value) for label, value in named if value),
    ]


def contact(stored: str) -> str:
    """A phone number or mail address as people write it."""
    return national(stored) if stored.startswith("+") else stored
