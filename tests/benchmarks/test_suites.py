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
NAMES = ("import", "seal", "balances", "opening", "release")


def test_all_benchmarks_run_small() -> None:
    folder = Path(os.environ["VAR_DIR"]).resolve() / "small"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks", "--rows", "1000", "--rounds", "1"]
    keep = {name: value for name, value in os.environ.items() if "DATABASE" not in name}
    ended = subprocess.run(
        command, cwd=ROOT, env=keep | {"VAR_DIR": str(folder)}, capture_output=True, text=True
    )
    assert (ended.stderr, ended.returncode in (0, 1)) == ("", True)  # 1: a goal missed, so small
    for name in NAMES:
        kept = json.loads((folder / "bench" / f"{name}.json").read_text())
        assert (kept["name"], kept["rows"]) == (name, 1000)
        assert all(seconds for seconds in kept["seconds"].values())
