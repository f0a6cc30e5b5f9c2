"""Step 4, for the bank road only: the account, the holder, the stay (N45, N48)."""

from functools import partial
from typing import Any

from crispy_forms.layout import Fieldset
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.answers import AccountAnswer
from applications.forms.fields import Box, Choice, StepForm, Tick, heading, words
from applications.models import Application
from applications.validators import accounts, banks
from applications.validators.emails import email
from applications.validators.names import NAME_LIMIT
from applications.validators.phones import phone
from applications.validators.postal import postal_code
from applications.validators.text import compact, free, plain

ADDRESS_LIMIT = 120
ACCOUNT_TYPES = [("1", _("普通")), ("2", _("当座")), ("4", _("貯蓄"))]
NEED_CONSENT = ("family", "guardian", "other")
YUCHO_AGAIN = _(
    "記号と番号の組み合わせをもう一度ご確認ください。通帳のとおりでしたら、下の確認の欄に"
    "チェックを入れてください。"
)


def line(limit: int, name: str) -> Any:
    """A line of free text that may not be empty."""

    def clean(value: object) -> str:
        text = free(value, limit, name)
        if not text:
            raise ValidationError(
                _("%(name)sを入力してください。") % {"name": name}, code="required"
            )
        return text

    return clean


def app_contact(value: object) -> str:
    """The phone number or mail address registered in the app."""
    return email(value) if "@" in compact(value) else phone(value)


class BankForm(StepForm):
    """The account by bank and branch, or by 記号・番号 of ゆうちょ銀行."""

    road = "bank"

    bank = Box(
        lambda value: plain(value),
        required=False,
        label=_("金融機関"),
        help_text=_("名前（例：静岡銀行）か、4けたの金融機関コードを入力してください。"),
        kept=banks.NAME_LIMIT,
    )
    branch = Box(
        lambda value: plain(value),
        required=False,
        label=_("支店"),
        help_text=_("名前（例：呉服町支店）か、3けたの支店コードを入力してください。"),
        kept=banks.NAME_LIMIT,
    )
    account_type = Choice(
        _("預金種目を選んでください。"), required=False, label=_("預金種目"), choices=ACCOUNT_TYPES
    )
    account_number = Box(
        accounts.account_number,
        required=False,
        label=_("口座番号"),
        help_text=_("7けたより短い番号は、先頭に0を付けて7けたにします。"),
        attrs={"inputmode": "numeric"},
    )
    yucho_symbol = Box(
        plain,
        required=False,
        label=_("記号"),
        help_text=_("通帳の5けたの番号です。"),
        attrs={"inputmode": "numeric"},
    )
    yucho_number = Box(
        plain,
        required=False,
        label=_("番号"),
        help_text=_("通帳の8けたまでの番号です。"),
        attrs={"inputmode": "numeric"},
    )
    yucho_confirm = Tick(required=False, label=_("記号と番号は、通帳のとおりで間違いありません"))
    account_holder_kana = Box(
        accounts.holder_kana,
        label=_("口座名義（カナ）"),
        help_text=_(
            "通帳やキャッシュカードにあるカナの名義です。ひらがなで入力してもカタカナに直します。"
        ),
        kept=NAME_LIMIT,
        attrs={"spellcheck": "false"},
    )
    holder_relation = Choice(
        _("口座の名義の方とのご関係を選んでください。"),
        label=_("口座の名義の方は、申請する方からみてどなたですか"),
        help_text=_("原則として、ご本人の口座をご指定ください。"),
        choices=Application.Relation.choices,
    )
    holder_consent = Tick(
        required=False,
        label=_("ご本人以外の名義の口座で受け取ることについて、名義の方の同意を得ています"),
    )
    postal_code = Box(
        postal_code,
        label=_("郵便番号"),
        help_text=_("振込ができなかったときに、お手紙をお送りすることがあります。"),
        attrs={"autocomplete": "postal-code", "inputmode": "numeric", "class": "narrow"},
    )
    address = Box(
        line(ADDRESS_LIMIT, _("ご住所")),
        label=_("ご住所"),
        help_text=_("都道府県から、建物名と部屋番号まで入力してください。"),
        kept=ADDRESS_LIMIT,
        attrs={"autocomplete": "street-address"},
    )
    lodging = Box(line(NAME_LIMIT, _("宿泊施設名")), label=_("宿泊施設名"), kept=NAME_LIMIT)
    booking_name = Box(
        partial(free, limit=NAME_LIMIT, name=_("予約した方のお名前")),
        required=False,
        label=_("予約した方のお名前"),
        help_text=_("申請する方と違うときだけ入力してください。"),
        kept=NAME_LIMIT,
    )
    agency = Box(
        line(NAME_LIMIT, _("旅行会社と商品の名前")),
        label=_("旅行会社と商品の名前"),
        help_text=_("日帰り旅行を申し込んだ会社と、旅行商品の名前です。"),
        kept=NAME_LIMIT,
    )
    app_contact = Box(
        app_contact,
        required=False,
        label=_("アプリに登録した電話番号またはメールアドレス"),
        help_text=_(
            "アプリにチャージしたクーポンの確認に使います。わからないときは、空欄のままでかまいません。"
        ),
        kept=254,
    )

    def __init__(self, *args: Any, stay: bool, charged: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("agency",) if stay else ("lodging", "booking_name"):
            del self.fields[name]
        if not charged:
            del self.fields["app_contact"]
        self.asks_again = False
        self.account: AccountAnswer | None = None
        for name in ("bank", "branch", "account_type", "account_number"):
            self.fields[name].mark = _("どちらか必須")
        for name in ("yucho_symbol", "yucho_number"):
            self.fields[name].mark = _("どちらか必須")
        for name in ("yucho_confirm", "holder_consent"):
            self.fields[name].mark = ""

    def clean(self) -> dict[str, Any]:
        """One whole account, and consent where it is another person's."""
        super().clean()
        self._check_account()
        relation = self.cleaned_data.get("holder_relation")
        if relation in NEED_CONSENT and not self.cleaned_data.get("holder_consent"):
            self.add_error("holder_consent", _("名義の方の同意を得て、チェックを入れてください。"))
        return self.cleaned_data

    def layout(self) -> list[Any]:
        """Ordinary banks, ゆうちょ銀行, the holder, the person, the stay."""
        yucho = ["yucho_symbol", "yucho_number", *(["yucho_confirm"] if self._confirms() else [])]
        stay = [
            name
            for name in ("lodging", "booking_name", "agency", "app_contact")
            if name in self.fields
        ]
        return [
            words('{% include "apply/about_bank.html" %}'),
            Fieldset(
                _("銀行・信用金庫・農協などの口座"),
                "bank",
                "branch",
                "account_type",
                "account_number",
                css_class="coupon",
            ),
            Fieldset(_("ゆうちょ銀行の口座"), *yucho, css_class="coupon"),
            heading(_("口座の名義")),
            "account_holder_kana",
            "holder_relation",
            "holder_consent",
            heading(_("ご住所と旅行について")),
            "postal_code",
            "address",
            *stay,
        ]

    def _confirms(self) -> bool:
        return self.asks_again or bool(self["yucho_confirm"].data)

    def _check_account(self) -> None:
        typed = {name: plain(self[name].data) for name in self.fields if name != "holder_consent"}
        yucho = typed["yucho_symbol"] or typed["yucho_number"]
        ordinary = typed["bank"] or typed["branch"] or typed["account_number"]
        if yucho and ordinary:
            self.add_error(
                "yucho_symbol",
                _("銀行などの口座と、ゆうちょ銀行の口座の、どちらか片方だけを入力してください。"),
            )
        elif yucho:
            self._check_yucho(typed)
        else:
            self._check_bank(typed)

    def _check_yucho(self, typed: dict[str, str]) -> None:
        found = self.refuse(
            "yucho_symbol",
            lambda: accounts.yucho_account(
                typed["yucho_symbol"],
                typed["yucho_number"],
                savings=self.cleaned_data.get("account_type") == "4",
            ),
        )
        if not found:
            return
        if not found.looks_right and not self.cleaned_data.get("yucho_confirm"):
            self.asks_again = True
            self.add_error("yucho_symbol", YUCHO_AGAIN)
        self._take(
            bank=banks.Place(accounts.YUCHO_BANK, "ゆうちょ銀行"),
            branch=banks.Place(found.branch_code, found.branch_name),
            account_type=found.account_type,
            account_number=found.account_number,
            symbol=typed["yucho_symbol"][:40],
            number=typed["yucho_number"][:40],
            looks_right=found.looks_right,
        )

    def _check_bank(self, typed: dict[str, str]) -> None:
        bank = self.refuse("bank", lambda: banks.bank(typed["bank"]))
        branch = None
        if bank:
            branch = self.refuse("branch", lambda: banks.branch(typed["branch"], bank))
        elif not typed["branch"]:
            self.add_error("branch", _("支店名を入力してください。"))
        if self.cleaned_data.get("account_type") == "":
            self.add_error("account_type", self.fields["account_type"].error_messages["required"])
        if self.cleaned_data.get("account_number") == "":
            self.refuse("account_number", lambda: accounts.account_number(""))
        if bank and branch:
            self._take(
                bank=bank,
                branch=branch,
                account_type=self.cleaned_data.get("account_type", ""),
                account_number=self.cleaned_data.get("account_number", ""),
            )

    def _take(self, *, bank: banks.Place, branch: banks.Place, **figures: Any) -> None:
        self.account = AccountAnswer(
            bank_code=bank.code,
            bank_name=bank.name,
            branch_code=branch.code,
            branch_name=branch.name,
            holder_kana=self.cleaned_data.get("account_holder_kana", ""),
            known=bank.known and branch.known,
            **figures,
        )
