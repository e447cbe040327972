"""Routes for operators: liveness, readiness, and metrics."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from server.dependencies import ContextDep, Credentials, MetricsDep
from server.hashing import same
from server.web.problem import problem
from server.web.readiness import Readiness

router = APIRouter(include_in_schema=False)
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/health")
async def health() -> JSONResponse:
    """Liveness: the process responds."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
async def ready(request: Request) -> Response:
    """Readiness: the database responds, is current and writable, and the disk has space."""
    readiness: Readiness = request.app.state.readiness
    why_not = await readiness.why_not()
    return problem(503, why_not) if why_not else JSONResponse({"status": "ready"})


@router.get("/metrics")
async def metrics(counted: MetricsDep, context: ContextDep, credentials: Credentials) -> Response:
    """Prometheus metrics; requires the metrics credential."""
    expected = context.settings.metrics_credential.get_secret_value()
    given = credentials.credentials if credentials else ""
    if not expected or not same(given, expected):
        raise HTTPException(
            401, "the metrics credential is required", {"WWW-Authenticate": "Bearer"}
        )
    return PlainTextResponse(counted.text(), media_type=EXPOSITION)
