"""Step 4, for the bank road only: the account, the holder, the stay (N45, N48).

An ordinary bank and ゆうちょ銀行 have a page each (`kind`); where the form is part of another page,
it offers both. A name that fits several places brings a list to choose from, what looks wrong
without being impossible a box to tick.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
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
KINDS = ("bank", "yucho")
YUCHO_BOXES = ("yucho_symbol", "yucho_number")
CONFIRMS = ("code_confirm", "yucho_confirm")
ACCOUNT = ("bank", "branch", "account_number", *YUCHO_BOXES)
CODE_AGAIN = _(
    "コード「%(code)s」は、金融機関の一覧にありません。もう一度ご確認ください。通帳やキャッシュカードの"
    "とおりでしたら、下の確認の欄にチェックを入れてください。"
)
BY_ITS_PAGE = _(
    "ゆうちょ銀行の口座は、通帳の記号と番号で、「ゆうちょ銀行の口座」に入力してください。"
)
YUCHO_AGAIN = _(
    "記号と番号の組み合わせをもう一度ご確認ください。通帳のとおりでしたら、下の確認の欄に"
    "チェックを入れてください。"
)


def kind_of(data: Mapping[str, Any]) -> str:
    """The page that a bank's step stands on: as it says itself, else by what is filled in."""
    said = data.get("account_kind", "")
    if said in KINDS:
        return said
    return "yucho" if any(plain(data.get(name)) for name in YUCHO_BOXES) else "bank"


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
        help_text=_("漢字かひらがなの名前、または4けたの金融機関コードを入力してください。"),
        kept=banks.NAME_LIMIT,
    )
    branch = Box(
        lambda value: plain(value),
        required=False,
        label=_("支店"),
        help_text=_("漢字かひらがなの名前、または3けたの支店コードを入力してください。"),
        kept=banks.NAME_LIMIT,
    )
    code_confirm = Tick(
        required=False, label=_("コードは、通帳やキャッシュカードのとおりで間違いありません")
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
    yucho_savings = Tick(
        required=False,
        label=_("「通常貯蓄貯金」の口座です"),
        help_text=_("総合口座や通常貯金の口座では、チェックはいりません。"),
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

    def __init__(
        self, *args: Any, stay: bool, charged: bool, kind: str = "", **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for name in ("agency",) if stay else ("lodging", "booking_name"):
            del self.fields[name]
        if not charged:
            del self.fields["app_contact"]
        self.kind = kind
        self.asks_again: set[str] = set()
        self.chosen: dict[str, str] = {}
        self.account: AccountAnswer | None = None
        for name in ("bank", "branch", "account_type", "account_number", *YUCHO_BOXES):
            self.fields[name].mark = _("必須") if kind else _("どちらか必須")
        for name in ("yucho_savings", *CONFIRMS, "holder_consent"):
            self.fields[name].mark = ""
        if kind:
            self.fields["account_kind"] = Box(plain, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """One whole account, and consent where it is another person's."""
        super().clean()
        self._check_account()
        relation = self.cleaned_data.get("holder_relation")
        if relation in NEED_CONSENT and not self.cleaned_data.get("holder_consent"):
            self.add_error("holder_consent", _("名義の方の同意を得て、チェックを入れてください。"))
        return self.cleaned_data

    def layout(self) -> list[Any]:
        """The account of one kind or of both, the holder, the person, the stay."""
        stay = [
            name
            for name in ("lodging", "booking_name", "agency", "app_contact")
            if name in self.fields
        ]
        return [
            *self.of_the_account(),
            heading(_("口座の名義")),
            "account_holder_kana",
            "holder_relation",
            "holder_consent",
            heading(_("ご住所と旅行について")),
            "postal_code",
            "address",
            *stay,
        ]

    def of_the_account(self) -> list[Any]:
        """The boxes of an ordinary bank, of ゆうちょ銀行, or of both."""
        names = ["bank", "bank_choice", "branch", "branch_choice", "code_confirm"]
        ordinary = Fieldset(
            _("銀行・信用金庫・農協などの口座"),
            *[name for name in names if self._shows(name)],
            "account_type",
            "account_number",
            css_class="coupon",
        )
        ticks = [name for name in ("yucho_savings", "yucho_confirm") if self._shows(name)]
        yucho = Fieldset(_("ゆうちょ銀行の口座"), *YUCHO_BOXES, *ticks, css_class="coupon")
        if not self.kind:
            return [words('{% include "apply/about_bank.html" %}'), ordinary, yucho]
        about = words(f'{{% include "apply/about_kind.html" with kind="{self.kind}" %}}')
        return [about, "account_kind", yucho if self.kind == "yucho" else ordinary]

    def typed(self) -> dict[str, str]:
        """As of every step; a place chosen from a list stands in its box."""
        return super().typed() | self.chosen

    def raw(self) -> dict[str, str]:
        """As of every step; a place chosen from a list stands in its box."""
        return super().raw() | self.chosen

    def _shows(self, name: str) -> bool:
        """Whether a box is on the page: a list or a tick only where it is needed."""
        if name in CONFIRMS:
            return name in self.asks_again or bool(self[name].data)
        return name in self.fields

    def _check_account(self) -> None:
        typed = {name: plain(self[name].data) for name in ACCOUNT}
        yucho = typed["yucho_symbol"] or typed["yucho_number"]
        ordinary = typed["bank"] or typed["branch"] or typed["account_number"]
        if yucho and ordinary:
            self.add_error(
                "yucho_symbol",
                _("銀行などの口座と、ゆうちょ銀行の口座の、どちらか片方だけを入力してください。"),
            )
        elif yucho or self.kind == "yucho":
            self._check_yucho(typed)
        else:
            self._check_bank(typed)

    def _check_yucho(self, typed: dict[str, str]) -> None:
        savings = self.cleaned_data.get("yucho_savings")
        found = self.refuse(
            "yucho_symbol",
            lambda: accounts.yucho_account(
                typed["yucho_symbol"],
                typed["yucho_number"],
                savings=savings or self.cleaned_data.get("account_type") == "4",
            ),
        )
        if not found:
            return
        if not found.looks_right and not self.cleaned_data.get("yucho_confirm"):
            self.asks_again.add("yucho_confirm")
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
        bank = self._place("bank", lambda: banks.bank(typed["bank"]))
        branch = None
        if bank and bank.code == accounts.YUCHO_BANK and not accounts.code(typed["branch"]):
            self.add_error("bank", BY_ITS_PAGE)
        elif bank:
            branch = self._place("branch", lambda: banks.branch(typed["branch"], bank))
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

    def _place(self, name: str, find: Callable[[], banks.Place]) -> banks.Place | None:
        """The place of a box, or the one chosen from its list; else the list, or a word."""
        try:
            found = find()
        except banks.Several as several:
            choice = f"{name}_choice"
            told = self.data.get(choice, "")
            found = next((each for each in several.places if each.code == told), None)
            if found is None:
                self.fields[choice] = self._list(name, several.places)
                before = list(self.fields).index(name) + 1
                self.order_fields([*list(self.fields)[:before], choice])  # errors go by this order
                self.add_error(choice, several)
                return None
            self.chosen[name] = banks.spelled(found)[: banks.NAME_LIMIT]
        except ValidationError as error:
            self.add_error(name, error)
            return None
        if found.unheard and not self.cleaned_data.get("code_confirm"):
            self.asks_again.add("code_confirm")
            self.add_error(name, CODE_AGAIN % {"code": found.code})
        return found

    def _list(self, name: str, places: list[banks.Place]) -> Choice:
        """The places that a text could mean, to choose from."""
        label = _("%(name)sを選んでください") % {"name": self.fields[name].label}
        found = Choice(
            label, label=label, choices=[(each.code, banks.spelled(each)) for each in places]
        )
        found.mark = _("必須")
        return found

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
