"""The receiving page's two questions: the proof, and the brand."""

from unicodedata import normalize

from django import forms
from django.utils.translation import gettext_lazy as _

from payouts.gifts import Offer, out_of_stock
from payouts.links import kana_key
from payouts.models import Payout

DASHES = str.maketrans("", "", "-‐‑‒–—―−ーｰ－ 　")


KINDS = {  # what may prove -> what is asked for
    "number": _("お問合せ番号の下4けたを入力してください。"),
    "name": _("お問合せ番号の下4けたか、お名前（カナ）の、どちらかを入力してください。"),
    "phone": _(
        "お問合せ番号の下4けた、お名前（カナ）、ご連絡先の電話番号の下4けたのうち、"
        "どれか1つを入力してください。"
    ),
}


def proof_kinds(payout: Payout) -> str:
    """Which proofs a payout accepts: the number's end, also the name, also the phone's end."""
    if payout.origin == Payout.Origin.APP_HOLDER:
        return "number"
    return "phone" if payout.phone_proof else "name"


class ProofForm(forms.Form):
    """One thing that only the person knows: last four digits or the kana name (decided 17)."""

    proof = forms.CharField(
        label=_("ご本人の確認"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("ご本人の確認のため、どれか1つを入力してください。"),
            "max_length": _("80文字までで入力してください。"),
        },
    )

    def __init__(self, *args: object, kinds: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["proof"]
        field.help_text = KINDS[kinds]
        if kinds == "number":
            field.error_messages["required"] = KINDS["number"]

    def candidates(self) -> list[str]:
        """The forms in which the typed text may be one of the accepted proofs."""
        typed = normalize("NFKC", self.cleaned_data["proof"])
        return proof_forms(typed)


def proof_forms(typed: str) -> list[str]:
    """Digits without separators (the last four of a longer number too), kana without spaces."""
    digits = "".join(ch for ch in typed if ch.isascii() and ch.isdigit())
    if len(digits) >= 4 and not any(ch.isalpha() for ch in typed.translate(DASHES)):
        return [digits[-4:]]
    return [kana_key(typed)]


class BrandForm(forms.Form):
    """One of the brands that can pay the exact amount."""

    brand = forms.ChoiceField(
        error_messages={
            "required": _("ポイントの種類を1つお選びください。"),
            "invalid_choice": _("この種類ではお渡しできません。ほかの種類をお選びください。"),
        }
    )

    def __init__(
        self, *args: object, offers: list[Offer], late: bool = False, **kwargs: object
    ) -> None:
        """`late`: the brand was offered on the page before, so that one without parts ran out."""
        super().__init__(*args, **kwargs)
        self.offers = offers
        gone = [o.brand.key for o in offers if late and not o.parts]
        if self.data.get("brand") in gone:
            others = any(offer.parts for offer in offers)
            message = out_of_stock(self.data["brand"], others=others).message
            self.fields["brand"].error_messages["invalid_choice"] = message
        self.fields["brand"].choices = [(o.brand.key, o.brand.name) for o in offers if o.parts]
