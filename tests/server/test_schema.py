"""The API against its own description: generated requests find no fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from tests.support.elms_service import BOT, Elms, running_elms

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

EXAMPLES = 60
MODES = ("positive", "negative")


@pytest.fixture(scope="module")
def elms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elms]:
    limits = {"requests_per_minute": 1_000_000}
    with running_elms(Path(tmp_path_factory.mktemp("elms")), limits=limits) as running:
        yield running


OPERATIONS = [
    ("/api/v1/verifications", "POST"),
    ("/api/v1/account", "GET"),
    ("/api/v1/service", "GET"),
    ("/api/v1/calls/{call_id}", "PUT"),
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("mode", MODES)
def test_generated_requests_keep_the_contract(
    elms: Elms, path: str, method: str, mode: str
) -> None:
    schemathesis, checks = _schemathesis()
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", elms.app)
    kind = schemathesis.GenerationMode(mode)
    cases = schema[path][method].as_strategy(generation_mode=kind)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def keeps(case: Any) -> None:
        case.call_and_validate(headers=BOT, checks=checks)

    try:
        keeps()
    except Unsatisfiable:
        pytest.skip(f"nothing to get wrong in {method} {path}")


def test_requests_are_generated_in_every_mode() -> None:
    schemathesis, _ = _schemathesis()
    assert [mode.value for mode in schemathesis.GenerationMode] == sorted(MODES, reverse=True)


def _schemathesis() -> tuple[Any, list[Any]]:
    """The library and its checks: loaded here alone, for it takes every worker seconds."""
    import schemathesis  # noqa: PLC0415
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    return schemathesis, [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
