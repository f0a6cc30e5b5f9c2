"""`make audit`: known weaknesses of the pinned packages, by pip-audit in an environment of its own.

Without a network nothing can be asked: then one line says so, and nothing fails. A weakness that
is known fails, with its name and the version in which it is mended.
"""

import json
import subprocess
import sys

from tests.house import ROOT

PLACE = ROOT / ".venv" / "audit"
PATIENCE = 300  # seconds for each of the three steps


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A command with its words kept; one that takes too long or is not there has failed."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def judged(output: str) -> tuple[int, list[str]]:
    """Exit code and lines for what pip-audit printed as JSON; anything else is no answer."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, ["audit: no answer from the list of weaknesses (no network?); nothing checked"]
    weak = [
        f"{each['name']} {each['version']}: {known['id']}, mended in "
        f"{', '.join(known.get('fix_versions', [])) or 'no version yet'}"
        for each in packages
        for known in each.get("vulns", [])
    ]
    return int(bool(weak)), [f"audit: {len(packages)} packages, {len(weak)} weaknesses", *weak]


def main() -> int:
    """Install pip-audit where it is missing, ask, and tell."""
    tool = PLACE / "bin" / "pip-audit"
    if not tool.exists():
        run(sys.executable, "-m", "venv", str(PLACE))
        pip = [str(PLACE / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        run(*pip, "--retries", "0", "--timeout", "10", "pip-audit")
    options = ["--format", "json", "--progress-spinner", "off", "--disable-pip", "--no-deps"]
    told = run(str(tool), "--requirement", "requirements.txt", *options)
    code, lines = judged(told.stdout)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
