"""Dependencies of routes: the parts built by ``create_app``, and the caller's credential."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.context import Context
from server.metrics import Metrics

bearer = HTTPBearer(auto_error=False, description="The bot's credential.")


def context_of(request: Request) -> Context:
    """The parts built by create_app."""
    context: Context = request.app.state.context
    return context


def metrics_of(request: Request) -> Metrics:
    """The metrics of this server."""
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _context(request: Request) -> Context:
    """As a dependency; async, since a plain function would use a thread each time."""
    return context_of(request)


async def _metrics(request: Request) -> Metrics:
    return metrics_of(request)


ContextDep = Annotated[Context, Depends(_context)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
