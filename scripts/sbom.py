"""Writes the service's bill of materials: CycloneDX 1.6, from the pins and hashes of its lock.

``cyclonedx-py`` reads the lock; licenses and dependencies come from the installed packages. The
time is ``SOURCE_DATE_EPOCH`` (seconds since 1970) or missing, so that two runs on the same commit
write the same bytes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from packaging.requirements import Requirement

from scripts.locked import PROJECT, SERVICE, LockError, normalized, packages

PYPROJECT = PROJECT / "pyproject.toml"


def document() -> str:
    """The bill of materials as JSON. Raises LockError."""
    bom = _bom()
    licenses = LicenseFactory()
    stated = {package.name: package.license for package in packages()}
    bom.serial_number = uuid5(NAMESPACE_URL, SERVICE.read_text("utf-8"))
    components = {normalized(component.name): component for component in bom.components}
    for name, component in components.items():
        component.licenses.add(licenses.make_from_string(stated[name]))
        component.description = None
        _depend(bom, component, _required(name), components)
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    assert bom.metadata.component is not None  # noqa: S101 - narrows: --pyproject makes it
    _depend(bom, bom.metadata.component, project["dependencies"], components)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _bom() -> Bom:
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(SERVICE)]
    options = [
        "--pyproject",
        str(PYPROJECT),
        "--mc-type",
        "application",
        "--output-reproducible",
        "--no-validate",
    ]
    run = subprocess.run(  # noqa: S603 - our own arguments
        [*command, *options, "--of", "JSON"], capture_output=True, text=True, check=True
    )
    made: Any = Bom.from_json(json.loads(run.stdout))  # type: ignore[attr-defined]
    assert isinstance(made, Bom)  # noqa: S101 - narrows
    return made


def _required(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:  # for another system
        return []


def _depend(
    bom: Bom, component: Component, required: Iterable[str], components: dict[str, Component]
) -> None:
    """Record a component's requirements among the locked packages, on any system."""
    names = {name for each in required if "extra ==" not in each for name in _names(each)}
    bom.register_dependency(component, [components[name] for name in names & components.keys()])


def _names(required: str) -> Iterator[str]:
    """A required package, and the packages of its extra (``psycopg[binary]``)."""
    wanted = Requirement(required)
    yield normalized(wanted.name)
    for extra in wanted.extras:
        for each in _required(wanted.name):
            if f'extra == "{extra}"' in each.replace("'", '"'):
                yield normalized(Requirement(each).name)


def main() -> None:
    """Write the file given as argument."""
    try:
        text = document()
    except LockError as error:
        sys.exit(f"sbom: {error}")
    # Its grammars take seconds to load.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        sys.exit(f"sbom: not valid CycloneDX: {fault}")
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
