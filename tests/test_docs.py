"""What the papers name exists: links, paths, commands, settings, code and tests by clause."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from applications import demo
from tests import ledger_export
from tests.house import ROOT

DOCS = sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
AT_THE_TOP = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
PAPERS = [*AT_THE_TOP, "deploy/README.md", *DOCS]
LARGEST_PICTURE = 80_000  # bytes of those of the README
CLAUSES = [f"N{number}" for number in range(1, 97)]
# What office scripts rely on, and the file whose presence means that there is such a command.
COMMANDS = {
    "make run": "config/run.py",
    "make test": "tests/conftest.py",
    "make bench": "benchmarks/__main__.py",
    "make faults": "tests/faults/test_*.py",
    "make reset": "Makefile",
    **{
        f"manage.py {name}": f"*/management/commands/{name}.py"
        for name in (
            "import_ledger",
            "seal_balances",
            "sealed_balances",
            "import_codes",
            "release_payouts",
            "cut_batch",
            "export_batch",
            "book_results",
            "reconcile",
            "close_applications",
            "close_receiving",
            "erase",
            "rehearse",
        )
    },
}
MADE_WHILE_RUNNING = ("var/", ".venv/", "deploy/secrets/", "deploy/hosho.env")


def text_of(paper: str) -> str:
    return (ROOT / paper).read_text(encoding="utf-8")


def links_of(paper: str) -> list[str]:
    """What a paper links to or shows inside of the repository."""
    found = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text_of(paper))
    return [target for pair in found for target in pair if target and ":" not in target]


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines: functions, classes with their members, constants."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for name in names_of(node):
            found.add(name)
            if isinstance(node, ast.ClassDef):
                found |= {f"{name}.{inner}" for each in node.body for inner in names_of(each)}
    return frozenset(found)


def names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def exists(named: str) -> bool:
    """Whether `path::test`, `module:name` or a path is there."""
    place, _, name = named.partition("::") if "::" in named else named.partition(":")
    if not name:
        return (ROOT / place).exists()
    path = ROOT / (place if "::" in named else place.replace(".", "/") + ".py")
    return path.exists() and name in names_in(path)


def clauses() -> dict[str, tuple[str, str]]:
    """Clause -> the cells of code and tests, from the table of docs/notice.md."""
    rows = re.findall(
        r"^\| (N\d+) \|[^|]+\| ([^|]+) \| ([^|]+) \|$", text_of("docs/notice.md"), re.M
    )
    return {clause: (code, tests) for clause, code, tests in rows}


@pytest.mark.parametrize("paper", PAPERS)
def test_links_inside_the_repository_lead_somewhere(paper: str) -> None:
    local = links_of(paper)
    here = (ROOT / paper).parent
    assert [target for target in local if not (here / target.partition("#")[0]).exists()] == []


def test_readme_leads_to_every_paper() -> None:
    targets = {target.partition("#")[0] for target in links_of("README.md")}
    assert sorted({*PAPERS[1:], "publiccode.yml"} - targets) == []


@pytest.mark.parametrize("paper", PAPERS)
def test_links_to_a_heading_find_it(paper: str) -> None:
    here, missing = (ROOT / paper).parent, []
    for target in links_of(paper):
        path, _, name = target.partition("#")
        aimed = here / path if path else ROOT / paper
        if name and name not in headings(aimed):
            missing.append(target)
    assert missing == []


def headings(path: Path) -> list[str]:
    """The names by which the headings of a page are linked to: letters, digits and hyphens."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return [re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in titles]


def test_pictures_of_the_readme_are_small_and_made_by_a_command() -> None:
    made = text_of("tests/pictures.py") + text_of("tests/office_pictures.py")
    pictures = [ROOT / target for target in links_of("README.md") if target.endswith(".png")]
    assert pictures
    too_large = [each.name for each in pictures if each.stat().st_size > LARGEST_PICTURE]
    unmade = [each.name for each in pictures if each.stem.rpartition("-")[0] not in made]
    assert (too_large, unmade) == ([], [])


def alarm_keys() -> list[str]:
    """The keys of the alarms that the watch raises, the open end of a made one as …."""
    tree = ast.parse(text_of("applications/watching.py"))
    calls = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Stuck"
    ]
    return [
        key.value if isinstance(key, ast.Constant) else key.values[0].value + "…" for key in calls
    ]


def test_operations_explains_every_alarm_and_no_other() -> None:
    told = text_of("docs/operations.md").partition("## Alarms")[2]
    rows = re.findall(r"^\| `([a-z_…]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", told, re.M)
    assert sorted(key for key, *_ in rows) == sorted([*alarm_keys(), "database"])
    assert [key for key, *cells in rows if not all(cell.strip() for cell in cells)] == []


def test_changelog_package_and_publiccode_name_the_same_version() -> None:
    places = {
        "CHANGELOG.md": r"^## ([\d.]+)",
        "pyproject.toml": r'^version = "([\d.]+)"$',
        "publiccode.yml": r'^softwareVersion: "([\d.]+)"$',
    }
    found = {name: re.search(form, text_of(name), re.M) for name, form in places.items()}
    assert len({match and match[1] for match in found.values()}) == 1
    assert all(found.values())


@pytest.mark.parametrize("paper", PAPERS)
def test_paths_that_a_paper_names_exist(paper: str) -> None:
    quoted = re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:py|md|toml|txt|css|in))`", text_of(paper))
    # a section about a folder names its files without it
    folders = ("", "config", "docs", "rehearsal")
    missing = [
        path
        for path in quoted
        if not path.startswith(MADE_WHILE_RUNNING)
        and not any((ROOT / folder / path).exists() for folder in folders)
    ]
    assert missing == []


def test_the_tree_of_the_readme_is_the_tree() -> None:
    block = re.search(r"## The tree\n+```text\n(.+?)```", text_of("README.md"), re.S)
    assert block
    folder, missing = "", []
    for line in block[1].splitlines():
        names = re.split(r"\s{2,}", line.strip())[0].split()
        folder = "" if not line.startswith(" ") else folder
        missing += [name for name in names if not (ROOT / folder / name).exists()]
        if not line.startswith(" ") and names[0].endswith("/"):
            folder = names[0]
    assert missing == []


@pytest.mark.parametrize(("command", "made_by"), COMMANDS.items())
def test_readme_names_each_command_that_exists_and_no_other(command: str, made_by: str) -> None:
    named = re.search(rf"{re.escape(command)}\b", text_of("README.md")) is not None
    assert named is bool(list(ROOT.glob(made_by)))


def test_settings_of_the_readme_are_read_somewhere() -> None:
    block = re.search(r"## Settings\n(.+?)\n## ", text_of("README.md"), re.S)
    assert block
    named = re.findall(r"`([A-Z][A-Z_]{3,})(?:=\d)?`", block[1])
    sources = [text_of("config/settings.py"), text_of("config/run.py"), text_of("Makefile")]
    known = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", "\n".join(sources)))
    assert named
    assert [name for name in named if name not in known | {"NAME_FILE"}] == []


def test_the_coupon_of_the_tour_is_in_the_ledger_of_the_demo() -> None:
    number = re.search(r"\b\d{12}\b", text_of("README.md"))
    assert number
    coupons = (row for row, _ in ledger_export.rows(demo.COUPONS, demo.SEED))
    found = next(row for row in coupons if row["inquiry_number"] == number[0])
    assert (found["prefecture_code"], found["travel_type"]) == ("22", "day_trip")
    assert str(found["travel_end"]) == "2023-02-24"
    assert not found["charged_at"]
    assert not found["expires_at"]  # so that the demo's own people never ask for it


def test_every_dependency_has_its_reason() -> None:
    wanted = [line.split("~")[0] for line in text_of("requirements.in").split()]
    reasons = text_of("docs/decisions.md")
    assert [name for name in wanted if f"**{name}**" not in reasons] == []


def test_every_file_of_config_has_its_reason() -> None:
    files = [path.name for path in (ROOT / "config").glob("*.*") if path.stem != "__init__"]
    reasons = text_of("docs/decisions.md")
    assert [name for name in sorted(files) if f"`{name}`" not in reasons] == []


def test_a_decision_takes_five_lines_at_most() -> None:
    items = re.split(r"\n(?=- |\n)", text_of("docs/decisions.md"))
    assert [item for item in items if item.startswith("- ") and item.count("\n") > 4] == []


def test_every_clause_stands_in_the_table_once_and_in_order() -> None:
    rows = re.findall(r"^\| (N\d+) \|", text_of("docs/notice.md"), re.M)
    assert rows == CLAUSES
    assert list(clauses()) == CLAUSES


@pytest.mark.parametrize("clause", clauses())
def test_code_and_tests_of_a_clause_exist(clause: str) -> None:
    code, tests = (re.findall(r"`([^`]+)`", cell) for cell in clauses()[clause])
    assert code
    assert tests
    assert [name for name in tests if "::" not in name] == []
    assert [name for name in [*code, *tests] if not exists(name)] == []
