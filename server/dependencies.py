"""What routes ask for: the parts that ``create_app`` built, and the caller's credential."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.context import Context
from server.metrics import Metrics

bearer = HTTPBearer(auto_error=False, description="The bot's credential.")


def context_of(request: Request) -> Context:
    """The parts that create_app built."""
    context: Context = request.app.state.context
    return context


def metrics_of(request: Request) -> Metrics:
    """What is counted."""
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _context(request: Request) -> Context:
    """As a dependency: a plain function would take a thread each time."""
    return context_of(request)


async def _metrics(request: Request) -> Metrics:
    return metrics_of(request)


ContextDep = Annotated[Context, Depends(_context)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
