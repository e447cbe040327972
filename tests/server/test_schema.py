"""The API against its own description: generated requests find no fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.elms_service import BOT, Elms, running_elms

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

EXAMPLES = 60
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


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
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_generated_requests_keep_the_contract(
    elms: Elms, path: str, method: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", elms.app)
    cases = schema[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def keeps(case: Any) -> None:
        case.call_and_validate(headers=BOT, checks=CHECKS)

    try:
        keeps()
    except Unsatisfiable:
        pytest.skip(f"nothing to get wrong in {method} {path}")
