"""The form pack: marks, ids, the order of explanations, the error summary."""

import re

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string

from applications.templatetags import dads


class ThreeBoxes(forms.MultiWidget):
    template_name = "dads/year_month_day.html"

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(("year", "month", "day"), forms.TextInput))

    def decompress(self, value: object) -> list[None]:
        return [None, None, None]


class Day(forms.MultiValueField):
    widget = ThreeBoxes

    def __init__(self, label: str) -> None:
        super().__init__(fields=[forms.CharField()] * 3, label=label, help_text="例")

    def compress(self, values: list[str]) -> str:
        return "-".join(values)


class Everything(forms.Form):
    use_required_attribute = False
    name = forms.CharField(label="お名前", help_text="戸籍のとおりでなくてもかまいません")
    memo = forms.CharField(label="メモ", required=False)
    road = forms.ChoiceField(
        label="受け取り方", choices=[("a", "あ"), ("b", "い")], widget=forms.RadioSelect
    )
    day = Day("旅行日")
    consent = forms.BooleanField(label="同意します")

    def __init__(self, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Fieldset("1枚目", "name", "memo", css_class="coupon"), "road", "day", "consent"
        )
        self.helper.add_input(Submit("next", "次へ進む"))
        self.helper.add_input(Submit("add", "もう1枚追加する", css_class="secondary"))


def render(form: Everything) -> str:
    return render_crispy_form(form, context={"csrf_token": "x"})


def test_marks_say_required_and_optional_in_words() -> None:
    form = Everything()
    form.fields["memo"].mark = "必須"
    form.fields["consent"].mark = ""
    assert [dads.mark(field) for field in form] == ["必須", "必須", "必須", "必須", ""]
    assert dads.mark(Everything()["memo"]) == "任意"


def test_error_is_read_before_the_help() -> None:
    form = Everything({})
    form.helper.form_tag = False
    page = render(form)
    assert 'aria-describedby="id_name_error id_name_helptext"' in page
    assert '<fieldset class="field bad" aria-describedby="id_day_error id_day_helptext">' in page


def test_summary_links_land_on_a_control() -> None:
    form = Everything({})
    page = render(form)
    summary = render_to_string("dads/error_summary.html", {"form": form})
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_road_0", "id_day_0", "id_consent"]
    assert all(f'id="{target}"' in page for target in targets)
    assert 'role="alert" tabindex="-1" autofocus' in summary


def test_what_was_typed_is_still_there() -> None:
    typed = {"name": "髙﨑<b>", "day_year": "令和5", "day_month": "２", "day_day": "30"}
    page = render(Everything(typed))
    for value in ("髙﨑&lt;b&gt;", "令和5", "２", "30"):
        assert f'value="{value}"' in page


def test_buttons_keep_their_names_and_looks() -> None:
    page = render(Everything())
    assert re.findall(r'<button type="submit" class="([^"]+)" name="(\w+)"', page) == [
        ("button", "next"),
        ("button secondary", "add"),
    ]
    assert page.count("novalidate") == 1
    assert "required" not in page


def test_every_label_belongs_to_a_control() -> None:
    page = render(Everything())
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    assert set(re.findall(r'for="([^"]+)"', page)) <= ids
    assert [word for word in "年月日" if f">{word}</label>" not in page] == []
