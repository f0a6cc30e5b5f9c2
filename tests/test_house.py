"""The rules of the house: one direction, one clock, one place for the facts of the notice."""

import ast
import re
from datetime import date, datetime
from pathlib import Path

import pytest

from config.notice import NOTICE
from tests.house import APPS, ROOT, imports, modules

WIRING = {"settings.py", "urls.py", "celery.py", "admin.py"}  # they name the apps by string only
LAYERS = ("models", "forms", "views", "admin", "tasks", "management")
ENDS = ("views", "admin", "tasks", "management", "urls")  # nobody in the app stands on these
OFFICE_WORDS = ("却下", "拒否", "不正", "無効", "返戻")  # never shown to a traveller


@pytest.mark.parametrize("app", APPS)
def test_imports_run_one_way(app: str) -> None:
    later = APPS[APPS.index(app) + 1 :]
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} imports {name}"
        for path in modules(app)
        for node, name in imports(ast.parse(path.read_text()))
        if name.split(".")[0] in later
    ]
    assert wrong == []


@pytest.mark.parametrize("app", APPS)
def test_no_import_hides_in_a_function(app: str) -> None:
    hidden = []
    for path in modules(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                hidden += [f"{path.relative_to(ROOT)}:{i.lineno}" for i, _ in imports(node)]
    assert hidden == []


@pytest.mark.parametrize("app", APPS[1:])
def test_acts_stand_below_their_callers(app: str) -> None:
    """Models, acts and forms import no view, admin, task or command of their app."""
    wrong = []
    for path in modules(app):
        inside = path.relative_to(ROOT / app).parts
        if inside[0].removesuffix(".py") in ENDS:
            continue
        for node, name in imports(ast.parse(path.read_text())):
            parts = name.split(".")
            names = [*parts[1:2], *(alias.name for alias in node.names if len(parts) == 1)]
            if parts[0] == app and set(names) & set(ENDS):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("app", APPS[1:])
def test_models_know_no_acts(app: str) -> None:
    folder = ROOT / app / "models"
    allowed = {"config", *(f"{name}.models" for name in APPS)}
    wrong = [
        f"{path.name}: {name}"
        for path in folder.rglob("*.py")
        for _, name in imports(ast.parse(path.read_text()))
        if name.split(".")[0] in APPS
        and not any(name == each or name.startswith(each + ".") for each in allowed)
    ]
    assert wrong == []


def test_one_clock() -> None:
    asks = re.compile(r"(timezone|datetime|date)\.(now|today|utcnow)\(|time\.time\(|localdate\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in modules(*APPS)
        for line in path.read_text().splitlines()
        if asks.search(line)
    ]
    assert found == ["config/clock.py: return datetime.now(JST)"]


def test_no_signals() -> None:
    found = [
        path.relative_to(ROOT)
        for path in modules(*APPS)
        for _, name in imports(ast.parse(path.read_text()))
        if name.startswith("django.dispatch") or name.endswith(".signals")
    ]
    assert found == []


def dates_of_the_notice() -> set[date]:
    """Every day that the notice names, an exclusive end as the day before it."""
    days = {report.issued_on for report in NOTICE.reports}
    for value in vars(NOTICE.dates).values():
        for moment in value if isinstance(value, tuple) else [value]:
            if isinstance(moment, datetime):
                days |= {moment.date(), date.fromordinal(moment.date().toordinal() - 1)}
            elif isinstance(moment, date):
                days.add(moment)
    return days


def facts_of_the_notice() -> list[str]:
    """Spellings of its dates, its phone number and its names that may stand in notice.toml only."""
    spelt = []
    for day in sorted(dates_of_the_notice()):
        spelt += [day.isoformat(), f"{day.month}月{day.day}日", f"date({day.year}, {day.month}, "]
        spelt.append(f"datetime({day.year}, {day.month}, {day.day}")
    offices = [p.office_name for p in NOTICE.prefectures.values()]
    return [*spelt, NOTICE.call_centre.phone, *(n for n in offices if n != "（見本）")]


def texts() -> list[Path]:
    """What could repeat a fact: our modules, templates and translations."""
    folders = [(ROOT / "templates").rglob("*.*"), (ROOT / "locale").rglob("*.po")]
    return [*modules(*APPS), *(path for folder in folders for path in sorted(folder))]


def test_facts_of_the_notice_stand_in_one_place() -> None:
    facts = facts_of_the_notice()
    found = []
    for path in texts():
        content = path.read_text()
        if path.suffix == ".py":
            content = without_comments(content)
        found += [f"{path.relative_to(ROOT)}: {fact}" for fact in facts if fact in content]
    assert found == []


def without_comments(source: str) -> str:
    """A module without its docstrings and comments, which may name a date to explain it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                body[0] = ast.Pass()
    return ast.unparse(tree)


def test_travellers_read_no_hard_words() -> None:
    public = [
        path
        for folder in ("pages", "apply", "receive", "status", "messages", "parts")
        for path in (ROOT / "templates" / folder).rglob("*.*")
    ]
    found = [
        f"{path.name}: {word}"
        for path in public
        for word in OFFICE_WORDS
        if word in path.read_text()
    ]
    assert public
    assert found == []


def test_no_script_and_no_style_attribute_on_public_pages() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "admin" not in path.parts
        and re.search(r"<script|<style|\sstyle=|\son[a-z]+=\"", path.read_text())
    ]
    assert found == []
