"""What the site is made of is written down, and known weaknesses are asked for."""

import json

import pytest

from tests import audit, sbom
from tests.house import ROOT

REQUIREMENTS = (ROOT / "requirements.txt").read_text()


def test_the_bill_of_materials_names_every_pinned_package_with_its_hashes() -> None:
    document = sbom.bill(REQUIREMENTS)
    names = {part["name"].lower() for part in document["components"]}
    wanted = [line.split("==")[0].lower() for line in REQUIREMENTS.splitlines() if "==" in line]
    assert names == {name.split("[")[0] for name in wanted}
    assert all(part["properties"] for part in document["components"])
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document == sbom.bill(REQUIREMENTS)
    licensed = sum("licenses" in part for part in document["components"])
    assert licensed > len(names) * 0.8


def test_a_package_without_a_hash_would_be_seen() -> None:
    text = "a==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\nb[x]==2.0\n"
    found = [(each.name, each.version, len(each.hashes)) for each in sbom.pinned(text)]
    assert found == [("a", "1.0", 1), ("b", "2.0", 0)]


@pytest.mark.parametrize("output", ["", "null", "{}", "ConnectionError: no route", "[]"])
def test_without_an_answer_nothing_fails_and_it_is_said(output: str) -> None:
    code, lines = audit.judged(output)
    assert (code, "nothing checked" in lines[0]) == (0, True)


def test_a_known_weakness_fails_by_name() -> None:
    weak = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    packages = [{"name": "a", "version": "1.0", "vulns": [weak]}, {"name": "b", "version": "2"}]
    code, lines = audit.judged(json.dumps({"dependencies": packages}))
    assert (code, lines[1:]) == (1, ["a 1.0: PYSEC-1, mended in 1.1"])
    assert audit.judged(json.dumps({"dependencies": packages[1:]}))[0] == 0


def test_the_gate_asks_for_both_and_names_no_registry() -> None:
    gate = (ROOT / ".ci" / "run").read_text()
    assert "make sbom audit" in gate
    for path in ("Makefile", ".ci/run", "tests/audit.py", "tests/sbom.py", "requirements.txt"):
        assert "://" not in (ROOT / path).read_text().replace("http://127.0.0.1", "")
