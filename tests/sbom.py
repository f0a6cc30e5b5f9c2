"""`make sbom`: what the site is made of, as CycloneDX 1.6 JSON, out of requirements.txt (N92).

Names, versions and hashes are the pinned ones; licences are what the installed packages say.
"""

import json
import re
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.house import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
LONGEST = 80  # characters of what a package calls its licence; more is the licence itself


@dataclass
class Pinned:
    """One line of requirements.txt."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)


def pinned(text: str) -> list[Pinned]:
    """The packages of a requirements file, in its order."""
    found: list[Pinned] = []
    for line in text.splitlines():
        if pin := PIN.match(line):
            found.append(Pinned(pin[1], pin[2]))
        if found:
            found[-1].hashes.extend(HASH.findall(line))
    return found


def licence(name: str) -> str:
    """What the installed package says of its licence, "" where it says nothing short."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classes = [
        line.split(" :: ")[-1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ")
    ]
    said = about.get("License-Expression") or " / ".join(classes) or about.get("License") or ""
    return said if len(said) <= LONGEST else ""


def component(each: Pinned) -> dict[str, Any]:
    """A package as CycloneDX has it. The file that was installed is one of those hashed."""
    purl = f"pkg:pypi/{each.name.lower()}@{each.version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": each.name,
        "version": each.version,
        "purl": purl,
        "properties": [{"name": "hosho:sha256", "value": value} for value in each.hashes],
    }
    if said := licence(each.name):
        found["licenses"] = [{"license": {"name": said}}]
    return found


def bill(text: str) -> dict[str, Any]:
    """The whole document; the same requirements give the same one."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, text)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "hosho", "name": "hosho"}},
        "components": [component(each) for each in pinned(text)],
        "dependencies": [
            {
                "ref": "hosho",
                "dependsOn": [
                    f"pkg:pypi/{each.name.lower()}@{each.version}" for each in pinned(text)
                ],
            }
        ],
    }


def main(target: Path) -> None:
    """Write it."""
    document = bill((ROOT / "requirements.txt").read_text())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    print(f"{target}: {len(document['components'])} packages")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "sbom.cdx.json")
