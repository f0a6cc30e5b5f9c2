"""The two questions of /status/."""

from django import forms

REQUIRED = {"max_length": "長すぎます。お確かめください。"}


class StatusForm(forms.Form):
    """Receipt number, and one fact that only the applicant knows."""

    receipt = forms.CharField(
        label="受付番号",
        max_length=60,
        help_text="例：K7Q2-M9XA-3BCD（大文字・小文字、全角・半角、ハイフンの有無は問いません）",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages=REQUIRED | {"required": "受付番号を入力してください。"},
    )
    proof = forms.CharField(
        label="ご連絡先の電話番号の下4けた、またはメールアドレス",
        max_length=254,
        help_text="申請のときに入力したものです。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages=REQUIRED
        | {"required": "電話番号の下4けた、またはメールアドレスを入力してください。"},
    )
