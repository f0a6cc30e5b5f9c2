"""Every text that a traveller may read has an English translation, and the catalogues are sound."""

import ast
import gettext
import re
from pathlib import Path

import pytest

from tests.house import ROOT, modules
from tests.languages.catalogues import (
    CALLS,
    JAPANESE,
    LOCALE,
    entries,
    marked,
    public_templates,
    translations,
)

LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
OFFICE_FORMS = {"rehearsal.py", "announcement.py", "staff.py"}
NAMES = {"ゆうちょ銀行"}  # stored as a name, not said


def test_the_catalogues_are_those_of_the_languages() -> None:
    assert LANGUAGES == ["en", "ko", "zh_Hans"]


def test_every_marked_text_has_an_english_translation() -> None:
    known = translations("en")
    missing = [f"{where}: {text}" for text, where in marked().items() if not known.get(text)]
    assert missing == []


def test_no_translation_is_left_over() -> None:
    assert sorted(set(translations("en")) - set(marked())) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty_or_a_guess(language: str) -> None:
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    wrong = [
        entry.msgid for entry in entries(path) if not entry.msgstr.strip() or "fuzzy" in entry.flags
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_places_of_their_values(language: str) -> None:
    places = re.compile(r"%\(\w+\)s")
    wrong = [
        msgid
        for msgid, msgstr in translations(language).items()
        if sorted(places.findall(msgid)) != sorted(places.findall(msgstr))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_links_and_marks(language: str) -> None:
    tags = re.compile(r'</?(?:a|b|strong)\b[^>]*>|<span class="(?:hidden|must)">')
    wrong = [
        msgid
        for msgid, msgstr in translations(language).items()
        if sorted(tags.findall(msgid)) != sorted(tags.findall(msgstr))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_says_what_its_source_says(language: str) -> None:
    path = LOCALE / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as compiled:
        found = gettext.GNUTranslations(compiled)
    known = {msgid: msgstr for msgid, msgstr in found._catalog.items() if msgid}
    assert known == translations(language)


@pytest.mark.parametrize("path", public_templates(), ids=lambda path: path.stem)
def test_public_template_marks_all_its_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for tag in ("comment", "blocktranslate"):
        text = re.sub(rf"{{%\s*{tag}.*?end{tag}\s*%}}", "", text, flags=re.S)
    text = re.sub(r"{%\s*translate .*?%}|{#.*?#}", "", text)
    assert [line.strip() for line in text.splitlines() if JAPANESE.search(line)] == []


def test_forms_mark_all_their_words() -> None:
    found = []
    forms = [path for path in modules("applications") if path.parent.name == "forms"]
    for path in [*forms, ROOT / "payouts" / "forms.py"]:
        if path.name in OFFICE_FORMS:
            continue
        tree = ast.parse(path.read_text())
        fine = {id(node) for node in docstrings(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                fine |= {id(argument) for argument in node.args if node.func.id in CALLS}
        found += [
            f"{path.relative_to(ROOT)}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and JAPANESE.search(node.value)
            and id(node) not in fine
            and node.value not in NAMES
        ]
    assert found == []


def docstrings(tree: ast.AST) -> list[ast.expr]:
    """The docstrings of a module and of all that is in it."""
    found = []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            found.append(body[0].value)
    return found
