"""Routes for those who run the service: is it alive, is it ready, what does it count."""

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
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
async def ready(request: Request) -> Response:
    """The database answers, has this version's tables and takes writes; the disk has room."""
    readiness: Readiness = request.app.state.readiness
    why_not = await readiness.why_not()
    return problem(503, why_not) if why_not else JSONResponse({"status": "ready"})


@router.get("/metrics")
async def metrics(counted: MetricsDep, context: ContextDep, credentials: Credentials) -> Response:
    """Prometheus metrics, for whoever has the metrics credential."""
    expected = context.settings.metrics_credential.get_secret_value()
    given = credentials.credentials if credentials else ""
    if not expected or not same(given, expected):
        raise HTTPException(401, "the metrics credential is needed", {"WWW-Authenticate": "Bearer"})
    return PlainTextResponse(counted.text(), media_type=EXPOSITION)
