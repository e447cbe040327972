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


ContextDep = Annotated[Context, Depends(context_of)]
MetricsDep = Annotated[Metrics, Depends(metrics_of)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
