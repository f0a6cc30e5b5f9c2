"""Reading catalogues, and what asks for a translation, without any tool outside of Python."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

from tests.house import APPS, ROOT, modules

LOCALE = ROOT / "locale"
TEMPLATES = ROOT / "templates"
JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
CALLED = re.compile(
    r"\bgettext\((u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")\)"
)  # as templatize writes
GUIDES = {TEMPLATES / "pages" / f"{name}.html" for name in ("easy", "zh", "ko")}
OFFICE = {"admin", "rehearsal", "messages"}  # in Japanese only, or a template a language


@dataclass
class Entry:
    """One message of a .po file."""

    msgid: str = ""
    msgstr: str = ""
    flags: set[str] = field(default_factory=set)


def entries(path: Path) -> list[Entry]:
    """The messages of a .po file in their order, its header first."""
    found = []
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        entry, part = Entry(), ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry.flags |= set(re.findall(r"[\w-]+", line))
            match = re.match(r'(?:(msgid|msgstr) )?(".*")$', line)
            if match:
                part = match[1] or part
                setattr(entry, part, getattr(entry, part) + ast.literal_eval(match[2]))
        found.append(entry)
    return found


def translations(language: str) -> dict[str, str]:
    """The catalogue of a language, as its .po file says."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    return {entry.msgid: entry.msgstr for entry in entries(path) if entry.msgid}


def public_templates() -> list[Path]:
    """Every template of the site's own pages; the guides are written in their language."""
    return [
        path
        for path in sorted(TEMPLATES.rglob("*.html"))
        if not OFFICE & set(path.relative_to(TEMPLATES).parts) and path not in GUIDES
    ]


def marked() -> dict[str, str]:
    """Every text that asks for a translation, and where."""
    found = {}
    for path in public_templates():
        for source in CALLED.findall(templatize(path.read_text(encoding="utf-8"))):
            found[ast.literal_eval(source)] = str(path.relative_to(ROOT))
    for path in modules(*APPS):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in CALLS
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found[node.args[0].value] = str(path.relative_to(ROOT))
    return found
