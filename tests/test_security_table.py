"""docs/security.md is complete and true: each requirement is there, each file and test exists."""

import re

import pytest

from tests.house import ROOT
from tests.test_docs import exists

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# OWASP ASVS 5.0.0, levels 1 and 2, by section; the missing numbers are of level 3.
ASVS = {
    "V1.1": "1 2",
    "V1.2": "1 2 3 4 5 6 7 8 9",
    "V1.3": "1 2 3 4 5 6 7 8 9 10 11",
    "V1.4": "1 2 3",
    "V1.5": "1 2",
    "V2.1": "1 2 3",
    "V2.2": "1 2 3",
    "V2.3": "1 2 3 4",
    "V2.4": "1",
    "V3.2": "1 2",
    "V3.3": "1 2 3 4",
    "V3.4": "1 2 3 4 5 6",
    "V3.5": "1 2 3 4 5",
    "V3.7": "1 2",
    "V4.1": "1 2 3",
    "V4.2": "1",
    "V4.3": "1 2",
    "V4.4": "1 2 3 4",
    "V5.1": "1",
    "V5.2": "1 2 3",
    "V5.3": "1 2",
    "V5.4": "1 2 3",
    "V6.1": "1 2 3",
    "V6.2": "1 2 3 4 5 6 7 8 9 10 11 12",
    "V6.3": "1 2 3 4",
    "V6.4": "1 2 3 4",
    "V6.5": "1 2 3 4 5",
    "V6.6": "1 2 3",
    "V6.8": "1 2 3 4",
    "V7.1": "1 2 3",
    "V7.2": "1 2 3 4",
    "V7.3": "1 2",
    "V7.4": "1 2 3 4 5",
    "V7.5": "1 2",
    "V7.6": "1 2",
    "V8.1": "1 2",
    "V8.2": "1 2 3",
    "V8.3": "1",
    "V8.4": "1",
    "V9.1": "1 2 3",
    "V9.2": "1 2 3 4",
    "V10.1": "1 2",
    "V10.2": "1 2",
    "V10.3": "1 2 3 4",
    "V10.4": "1 2 3 4 5 6 7 8 9 10 11",
    "V10.5": "1 2 3 4 5",
    "V10.6": "1 2",
    "V10.7": "1 2 3",
    "V11.1": "1 2",
    "V11.2": "1 2 3",
    "V11.3": "1 2 3",
    "V11.4": "1 2 3 4",
    "V11.5": "1",
    "V11.6": "1",
    "V12.1": "1 2 3",
    "V12.2": "1 2",
    "V12.3": "1 2 3 4",
    "V13.1": "1",
    "V13.2": "1 2 3 4 5",
    "V13.3": "1 2",
    "V13.4": "1 2 3 4 5",
    "V14.1": "1 2",
    "V14.2": "1 2 3 4",
    "V14.3": "1 2 3",
    "V15.1": "1 2 3",
    "V15.2": "1 2 3",
    "V15.3": "1 2 3 4 5 6 7",
    "V16.1": "1",
    "V16.2": "1 2 3 4 5",
    "V16.3": "1 2 3 4",
    "V16.4": "1 2 3",
    "V16.5": "1 2 3",
    "V17.1": "1",
    "V17.2": "1 2 3 4",
    "V17.3": "1 2",
}
LEVELS = {"1": 70, "2": 183}
# 『安全なウェブサイトの作り方』改訂第7版: the measures of each kind, as they are numbered there.
IPA = {
    "1": "(i)-a (i)-b (ii) (iii) (iv)",
    "2": "(i) (ii)",
    "3": "(i)-a (i)-b (ii) (iii)",
    "4": "(i) (ii) (iii) (iv)-a (iv)-b (v) (vi)",
    "5": "(i) (ii) (iii) (iv) (v) (vi) (vii) (viii) (ix) (x)",
    "6": "(i)-a (i)-b (i)-c (ii)",
    "7": "(i)-a (i)-b (ii)",
    "8": "(i)-a (i)-b (ii) (iii)",
    "9": "(i)-a (i)-b (ii)",
    "10": "(i)-a (i)-b (ii)",
    "11": "(i) (ii)",
}


def rows(kind: str) -> list[tuple[str, ...]]:
    """The cells of the lines of a table whose first cell begins so."""
    lines = re.findall(rf"^\| ({kind}) (.+) \|$", TEXT, re.M)
    return [(number, *rest.split(" | ")) for number, rest in lines]


def test_no_requirement_of_asvs_is_missing_and_none_is_invented() -> None:
    wanted = [f"{section}.{n}" for section, numbers in ASVS.items() for n in numbers.split()]
    found = rows(r"V\d+\.\d+\.\d+")
    assert [number for number, *_ in found] == wanted
    assert {level: sum(row[2] == level for row in found) for level in LEVELS} == LEVELS


def test_no_measure_of_the_ipa_is_missing() -> None:
    wanted = [f"{kind}-{measure}" for kind, text in IPA.items() for measure in text.split()]
    found = [number for number, *_ in rows(r"\d+-\([ivx]+\)(?:-[abc])?")]
    assert found == wanted
    assert len(rows("第2章")) == 7


@pytest.mark.parametrize("kind", [r"V\d+\.\d+\.\d+", r"\d+-\([ivx]+\)(?:-[abc])?", "第2章"])
def test_each_row_has_a_test_that_exists_or_a_reason(kind: str) -> None:
    for row in rows(kind):
        control, proof = row[-2:]
        tests = re.findall(r"`(tests/[^`]+)`", proof)
        assert tests or len(proof) > 5, row
        assert [name for name in tests if not exists(name)] == [], row
        assert control != "—" or "::" not in proof, row


def test_every_file_that_a_control_names_exists() -> None:
    named = re.findall(
        r"`((?:config|applications|payouts|coupons|tests|deploy|docs)/[^`\s]+)`", TEXT
    )
    assert len(named) > 100
    made = ("deploy/secrets/",)
    assert [name for name in named if not name.startswith(made) and not exists(name)] == []


def test_a_test_that_is_gone_would_be_seen() -> None:
    assert not exists("tests/test_security_table.py::test_nothing")
    assert not exists("tests/test_nothing.py::test_nothing")
