"""The receiving page's two questions: the proof, and the brand."""

from unicodedata import normalize

from django import forms

from payouts.gifts import Offer
from payouts.links import kana_key

DASHES = str.maketrans("", "", "-‐‑‒–—―−ーｰ－ 　")


class ProofForm(forms.Form):
    """One thing that only the person knows: last four digits or the kana name (decided 17)."""

    proof = forms.CharField(
        label="ご本人の確認",
        max_length=80,
        help_text="お問合せ番号の下4けた、お名前（カナ）、ご連絡先の電話番号の下4けたのうち、"
        "どれか1つを入力してください。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "ご本人の確認のため、どれか1つを入力してください。",
            "max_length": "80文字までで入力してください。",
        },
    )

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
            "required": "ポイントの種類を1つお選びください。",
            "invalid_choice": "この種類ではお渡しできません。ほかの種類をお選びください。",
        }
    )

    def __init__(self, *args: object, offers: list[Offer], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        self.fields["brand"].choices = [(o.brand.key, o.brand.name) for o in offers if o.parts]
