"""The answers as the check page shows them: in sections, in stored form, with notes."""

from dataclasses import dataclass

from applications.answers import AccountAnswer, Answers
from applications.forms.bank import ACCOUNT_TYPES
from applications.forms.receive import CHANNELS, METHODS
from applications.models import Application, Claim
from applications.validators.accounts import was_filled
from applications.validators.emails import has_odd_dots
from applications.validators.phones import national
from applications.validators.postal import written
from config.notice import NOTICE
from config.templatetags.notice import ja_date

TYPES = dict(ACCOUNT_TYPES)
ODD_DOTS = "このアドレスには、メールが届かないことがあります。SMSも選べます。"


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


def sections(answers: Answers, typed_number: str = "") -> list[Section]:
    """All answers by step. `typed_number` is the account number before zeros were put to it."""
    found = [
        Section("coupons", "旅行とクーポン", [*_trip(answers), *_coupons(answers)]),
        Section("person", "お名前とご連絡先", _person(answers)),
        Section("receive", "受け取り方", _receive(answers)),
    ]
    if answers.account:
        rows = [*_account(answers.account, typed_number), *_holder(answers)]
        found.append(Section("bank", "振込先の口座", rows))
    return found


def _trip(answers: Answers) -> list[Row]:
    stay = answers.travel_type == Application.TravelType.STAY
    start = [Row("チェックイン日", ja_date(answers.travel_start))] if answers.travel_start else []
    return [
        Row("ご利用の都道府県", NOTICE.prefectures[answers.prefecture].name),
        Row("旅行の種類", Application.TravelType(answers.travel_type).label),
        *start,
        Row("チェックアウト日" if stay else "旅行日", ja_date(answers.travel_end)),
        Row(
            f"有効期限が{ja_date(NOTICE.dates.outage_day)}まで",
            Application.Expires(answers.expires_on_outage_day).label,
        ),
    ]


def _coupons(answers: Answers) -> list[Row]:
    rows = [
        Row(
            f"{place}枚目のお問合せ番号",
            grouped(coupon.inquiry_number),
            Claim.Use(coupon.use).label,
        )
        for place, coupon in enumerate(answers.coupons, 1)
    ]
    if answers.number_unknown:
        rows.append(Row("番号がわからないクーポン", "あり"))
    if answers.issuer:
        rows.append(Row("クーポンの発行店", answers.issuer))
    return rows


def grouped(number: str) -> str:
    """An inquiry number in groups of four, easier to compare with the paper."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _person(answers: Answers) -> list[Row]:
    rows = [Row("お名前", answers.name), Row("お名前（カナ）", answers.kana)]
    if answers.phone:
        rows.append(Row("電話番号", national(answers.phone)))
    if answers.email:
        rows.append(Row("メールアドレス", answers.email))
    return rows


def _receive(answers: Answers) -> list[Row]:
    rows = [Row("受取方法", dict(METHODS)[answers.method])]
    if answers.channel == "sms":
        rows.append(Row("受取案内の配信先", national(answers.delivery), dict(CHANNELS)["sms"]))
    elif answers.channel == "email":
        note = ODD_DOTS if has_odd_dots(answers.delivery) else ""
        rows.append(Row("受取案内の配信先", answers.delivery, note))
    else:
        rows.append(Row("受取案内の配信先", "なし（お電話かお手紙でご連絡します）"))
    return rows


def _account(account: AccountAnswer, typed_number: str) -> list[Row]:
    filled = typed_number and was_filled(typed_number, account.account_number)
    note = f"{len(account.account_number)}けたになるように、先頭に0を付けました。" if filled else ""
    yucho = f"記号 {account.symbol}　番号 {account.number} を振込用の番号に直しました。"
    return [
        Row("金融機関", place(account.bank_name, account.bank_code)),
        Row(
            "支店", place(account.branch_name, account.branch_code), yucho if account.symbol else ""
        ),
        Row("預金種目", TYPES[account.account_type]),
        Row("口座番号", account.account_number, note),
        Row("口座名義（カナ）", account.holder_kana),
    ]


def place(name: str, code: str) -> str:
    """A bank or branch by name and code, whichever is known."""
    return f"{name}（{code}）" if name and code else name or code


def _holder(answers: Answers) -> list[Row]:
    named = (
        ("宿泊施設名", answers.lodging),
        ("予約した方のお名前", answers.booking_name),
        ("旅行会社と商品の名前", answers.agency),
        ("アプリに登録した連絡先", answers.app_contact),
    )
    return [
        Row("名義の方とのご関係", Application.Relation(answers.holder_relation).label),
        Row("郵便番号", written(answers.postal_code)),
        Row("ご住所", answers.address),
        *(Row(label, value) for label, value in named if value),
    ]
