"""Every benchmark runs, on its own small database, by the command of the README."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines import ROOT

pytestmark = pytest.mark.story
OF_ANY_SIZE = ("import", "seal", "balances", "opening", "release", "dispatch", "bankfile", "lists")
OF_THEIR_OWN = ("submission", "landing", "doubles", "matching", "books", "redemption")


def test_all_benchmarks_run_small() -> None:
    folder = Path(os.environ["VAR_DIR"]).resolve() / "small"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks", "--rows", "1000", "--rounds", "1"]
    keep = {name: value for name, value in os.environ.items() if "DATABASE" not in name}
    ended = subprocess.run(
        command, cwd=ROOT, env=keep | {"VAR_DIR": str(folder)}, capture_output=True, text=True
    )
    assert (ended.stderr, ended.returncode in (0, 1)) == ("", True)  # 1: a goal missed, so small
    kept = {path.stem: json.loads(path.read_text()) for path in (folder / "bench").glob("*.json")}
    assert sorted(kept) == sorted(OF_ANY_SIZE + OF_THEIR_OWN)
    assert {name: kept[name]["rows"] for name in OF_ANY_SIZE} == dict.fromkeys(OF_ANY_SIZE, 1000)
    for name, found in kept.items():
        assert found["name"] == name
        assert all(found["seconds"].values())
