"""The packages pinned in requirements/service.txt, with their installed metadata."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SERVICE = PROJECT / "requirements" / "service.txt"
HOMES = ("homepage", "home", "source", "source code", "repository", "github", "code")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned package: its license as stated in its metadata, and its home page."""

    name: str
    version: str
    license: str
    home: str


STATED_HERE = {
    # Its metadata states neither; the license is that of the library inside.
    "espeakng-loader": (
        "GPL-3.0-or-later (espeak-ng inside)",
        "https://github.com/thewh1teagle/espeakng-loader",
    ),
    # Installed only on Windows.
    "colorama": ("BSD-3-Clause", "https://github.com/tartley/colorama"),
}


class LockError(Exception):
    """The installed packages differ from the lock."""


def pins(file: Path = SERVICE) -> dict[str, str]:
    """Pinned versions by normalized name."""
    return {normalized(name): version for name, version in _PIN.findall(file.read_text("utf-8"))}


def normalized(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def packages() -> list[Package]:
    """All pinned packages by name. Raises LockError if another version is installed."""
    wanted = pins()
    stated = _stated_licenses(wanted)
    return [_package(name, version, stated.get(name)) for name, version in sorted(wanted.items())]


def _package(name: str, version: str, stated: str | None) -> Package:
    if name in STATED_HERE:
        license_, home = STATED_HERE[name]
        return Package(name, version, license_, home)
    if stated in {None, "UNKNOWN"}:
        raise LockError(
            f"{name} has no license in its metadata; look it up and add it to STATED_HERE"
        )
    return Package(name, version, str(stated), _home(name))


def _home(name: str) -> str:
    """The home page stated in a package's metadata."""
    stated = metadata(name)
    links = dict(each.split(", ", 1) for each in stated.get_all("Project-URL", []))
    links |= {"Homepage": stated["Home-page"]} if stated["Home-page"] else {}
    known = {label.lower(): str(address) for label, address in links.items()}
    for label in HOMES:
        if label in known:
            return known[label]
    raise LockError(
        f"{name} has no home page in its metadata; look it up and add it to STATED_HERE"
    )


def _stated_licenses(wanted: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--packages"]
    run = subprocess.run(  # noqa: S603 - our own arguments
        [*command, *wanted], capture_output=True, text=True, check=True
    )
    found = {}
    for row in json.loads(run.stdout):
        name, version = normalized(row["Name"]), row["Version"]
        if version != wanted[name]:
            raise LockError(
                f"{name} {version} is installed, but the lock file pins {wanted[name]}; "
                "run: make lock"
            )
        found[name] = row["License"]
    return found
