"""docs/office.md names what exists: each button, each screen, each alarm, each picture."""

import ast
import re
from functools import cache

import pytest
from django.apps import apps

from tests.house import ROOT

BOOK = (ROOT / "docs/office.md").read_text(encoding="utf-8")
PACKAGES = ("applications", "payouts", "coupons", "config")
LARGEST = 120_000  # bytes of one picture
BUTTONS = sorted(set(re.findall(r"［([^］]+)］", BOOK)) - {"　"})
SCREENS = sorted(set(re.findall(r"〈([^〉]+)〉", BOOK)) - {"　"})
PICTURES = sorted(set(re.findall(r'src="(pictures/[^"]+)"', BOOK)))


@cache
def templates() -> str:
    """Every template of the office in one text."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "templates/admin").rglob("*.html")
    )


@cache
def words() -> frozenset[str]:
    """Every Japanese string of the code, whole: labels, titles, names of models."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                found |= {
                    node.value
                    for node in ast.walk(tree)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                }
    return frozenset(text for text in found if not text.isascii())


def pressed(label: str) -> bool:
    """Whether a template has a button, link or heading with these words; `…` is what differs."""
    parts = [re.escape(part) for part in label.split("…")]
    inside = r"(?:\{\{[^}]+\}\}|[^<>])*".join(parts)
    label_only = rf"[>}}]\s*{inside}\s*(?:<|\{{[{{%]| )"
    inside_code = rf">{inside}</(?:a|button)>"
    return bool(re.search(label_only, templates()) or re.search(inside_code, "\n".join(words())))


def named(screen: str) -> bool:
    """Whether a screen has this name: a model's, a title of the code, a heading."""
    names = {model._meta.verbose_name_plural for model in apps.get_models()}
    heading = re.search(rf">\s*{re.escape(screen)}\s*(?:<|\{{|　)", templates())
    return screen in names | words() or heading is not None


def alarm_words() -> list[str]:
    """The fixed parts of what the watch calls each stuck state."""
    tree = ast.parse((ROOT / "applications/watching.py").read_text(encoding="utf-8"))
    labels = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "label"
    ]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    labels += [
        call.args[1] for call in calls if ast.unparse(call.func) == "Stuck" and len(call.args) > 1
    ]
    texts = [
        part.value.strip("（）")
        for label in labels
        for part in ast.walk(label)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return sorted({text for text in texts if not text.isascii()})


def test_the_book_names_buttons_screens_and_pictures() -> None:
    assert len(BUTTONS) > 50
    assert len(SCREENS) > 25
    assert 10 <= len(PICTURES) <= 16
    assert len(alarm_words()) > 10


@pytest.mark.parametrize("button", BUTTONS)
def test_each_button_of_the_book_is_on_a_screen(button: str) -> None:
    assert pressed(button) or button in words()


@pytest.mark.parametrize("screen", SCREENS)
def test_each_screen_of_the_book_has_this_name(screen: str) -> None:
    assert named(screen)


def test_a_button_that_is_nowhere_is_found_out() -> None:
    assert not pressed("すべてを消す")
    assert not named("すべてを消す画面")


@pytest.mark.parametrize("text", alarm_words())
def test_each_alarm_of_the_watch_is_explained(text: str) -> None:
    assert text in BOOK.partition("## 13")[2]


@pytest.mark.parametrize("picture", PICTURES)
def test_each_picture_is_there_and_light(picture: str) -> None:
    assert 0 < (ROOT / "docs" / picture).stat().st_size <= LARGEST


def test_no_picture_is_left_over() -> None:
    kept = {f"pictures/{path.name}" for path in (ROOT / "docs/pictures").glob("office-*.png")}
    assert kept - set(PICTURES) == set()


def test_every_word_is_one_that_travellers_may_hear() -> None:
    rule = next(line for line in BOOK.splitlines() if "言わない言葉" in line)
    rest = BOOK.replace(rule, "")
    assert [word for word in ("却下", "拒否", "不正", "無効", "返戻") if word in rest] == []
