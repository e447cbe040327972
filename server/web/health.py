"""Routes for those who run the service: is it alive, is it ready, what does it count."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from server.dependencies import ContextDep, Credentials, MetricsDep, context_of
from server.errors import DatabaseError
from server.hashing import same
from server.web.problem import problem

router = APIRouter(include_in_schema=False)
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/health")
def health() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
def ready(request: Request) -> Response:
    """The database answers and has this version's tables."""
    try:
        context_of(request).database.ping()
    except DatabaseError:
        return problem(503, "the database does not answer or is of another version")
    return JSONResponse({"status": "ready"})


@router.get("/metrics")
def metrics(counted: MetricsDep, context: ContextDep, credentials: Credentials) -> Response:
    """Prometheus metrics, for whoever has the metrics credential."""
    expected = context.settings.metrics_credential.get_secret_value()
    given = credentials.credentials if credentials else ""
    if not expected or not same(given, expected):
        raise HTTPException(401, "the metrics credential is needed", {"WWW-Authenticate": "Bearer"})
    return PlainTextResponse(counted.text(), media_type=EXPOSITION)
