"""Builds the application; there is no module-level app, engine, or settings."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from server.api import routes
from server.api.examples import EXAMPLES
from server.bot_command_line import Voice
from server.context import Clock, Context, build_context, utc_now
from server.metrics import Metrics
from server.pages import add_pages, page_routes
from server.request_lanes import Lanes
from server.settings import Settings, check_settings
from server.web import health
from server.web.bodies import Bodies
from server.web.error_handlers import add_problem_handlers
from server.web.middleware import Frame
from server.web.readiness import Readiness
from server.web.request_head import Admission


class Application(FastAPI):
    """FastAPI with our examples in its description; by itself, it drops their empty members."""

    def openapi(self) -> dict[str, Any]:
        """The description of the API."""
        description = super().openapi()
        for name, documents in EXAMPLES.items():
            description["components"]["schemas"][name]["examples"] = documents
        return description


def create_app(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """Create the ASGI application for one database, which must have been migrated.

    Raises SettingsError for placeholder secrets outside the demonstration mode, and DatabaseError
    for a database that does not respond, is read-only, or has another version. Needs no lifespan
    events, so it can be served in process.
    """
    check_settings(settings)
    context = build_context(settings, clock)
    context.database.ping()
    context.database.try_writing()
    app = Application(
        title="ELMS",
        summary="License status for the voice line.",
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{routes.PREFIX}/openapi.json",
        redirect_slashes=False,  # a redirect would go to the Host header
        # As they are: include_router() builds each again at an application's first request.
        routes=[*routes.router.routes, *health.router.routes, *page_routes()],
    )
    app.state.context = context
    app.state.metrics = Metrics()
    app.state.readiness = Readiness(context)
    app.state.voice = Voice()
    add_problem_handlers(app)
    add_pages(app)
    add_middleware(app, context)
    return app


def add_middleware(app: FastAPI, context: Context) -> None:
    """Add the middleware; the one added last sees a request first."""
    settings = context.settings
    app.add_middleware(Lanes, places=settings.places)
    app.add_middleware(Bodies, limits=settings.network)
    app.add_middleware(Admission, context=context)
    app.add_middleware(Frame, settings=settings, metrics=app.state.metrics)
