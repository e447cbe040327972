"""The implementation of the ``elms-server`` commands but ``serve``, without routes and pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import typer
from sqlalchemy.exc import DBAPIError

from server import seed as seeding
from server.admin.backup import back_up
from server.admin.importing import import_all
from server.admin.init import set_up
from server.admin.restore import restore as restore_backup
from server.context import Context, build_context
from server.database import Database, one_line
from server.database import migrate as migrate_database
from server.domain import Role
from server.errors import DatabaseError, RuleError, SettingsError
from server.services import audit, links, passwords, removal, retention
from server.services.staff import add_staff
from server.settings import Settings, check_settings


def seed(settings: Settings) -> None:
    """Fill an empty database."""
    if not settings.demo:
        raise SettingsError("fictional educators are only for a demonstration; add --demo")
    context = build_context(settings)
    migrate_database(context.database)
    typer.echo(f"{seeding.seed(context)} educators")


def migrate(settings: Settings, revision: str) -> None:
    """Migrate the tables to a schema version."""
    database = Database(settings.database_url)
    migrate_database(database, revision)
    typer.echo(f"The database is at {revision}.")


def init(file: Path, database_url: str) -> None:
    """Write settings with new secrets and make the tables."""
    set_up(file, database_url)
    typer.echo(f"{file} holds new secrets; the database is ready. Run: elms-server serve")


def add_user(
    settings: Settings, username: str, name: str, role: Role, ask: Callable[[], str]
) -> None:
    """Let a person of the department in; asks for the password once all else is in order."""
    check_settings(settings)
    with _opened(settings) as context:
        add_staff(context, username, name, role, ask())
    typer.echo(f"{username} can sign in as {role.value}.")


def link_user(settings: Settings, username: str, subject: str) -> None:
    """Let a person of the single sign-on open an account."""
    with _opened(settings) as context:
        links.link_user(context, username, subject)
    typer.echo(f"{username} can sign in through {settings.sso.issuer}.")


def unlink_user(settings: Settings, username: str) -> None:
    """Take a link away again."""
    with _opened(settings) as context:
        links.unlink_user(context, username)
    typer.echo(f"{username} is no longer linked, and signed out everywhere.")


def purge(settings: Settings) -> None:
    """Remove everything older than its retention period."""
    with _opened(settings) as context:
        purged = retention.purge(context)
    typer.echo(
        "Removed " + ", ".join(f"{n} {k.replace('_', ' ')}" for k, n in asdict(purged).items())
    )


def verify_audit(settings: Settings) -> None:
    """Check the chain; raises DatabaseError where it is broken."""
    with _opened(settings) as context, context.database.read() as session:
        report = audit.verify_chain(session)
    if report.broken_at is not None:
        raise DatabaseError(f"the audit chain is broken at row {report.broken_at}: {report.why}")
    typer.echo(f"The audit chain is intact: {report.rows} rows, head {report.head}")


def export(settings: Settings, license_number: str) -> None:
    """Write all that is kept of one educator as JSON, without secrets."""
    with _opened(settings) as context:
        record = retention.export(context, license_number)
    typer.echo(json.dumps(record, indent=2, ensure_ascii=False))


def remove_educator(settings: Settings, license_number: str, again: str) -> None:
    """Remove one educator and all that is kept of them; raises RuleError for a mistyped number."""
    if again != license_number:
        raise RuleError("the two license numbers differ; nothing was removed")
    with _opened(settings) as context:
        removed = removal.remove_educator(context, license_number)
    typer.echo(
        f"{license_number} is removed. Calls removed with it: {removed.calls}; "
        f"call-backs: {removed.call_backs}."
    )


def backup(settings: Settings, target: Path, keep: int | None) -> None:
    """Write the whole database to a file, while the service runs."""
    check_settings(settings)
    context = build_context(settings)
    try:
        typer.echo(f"{back_up(context, target, keep)} holds the database.")
    finally:
        context.database.close()
    typer.echo(
        "Keep the settings file, which has the pepper, in another place: a restore needs both."
    )


def restore(settings: Settings, file: Path, any_pepper: bool) -> None:
    """Fill an empty database from a backup."""
    check_settings(settings)
    context = build_context(settings)
    try:
        rows = restore_backup(context, file, any_pepper=any_pepper)
    finally:
        context.database.close()
    typer.echo(f"{rows} rows were restored, the audit chain is intact, and nobody is signed in.")


def import_files(settings: Settings, source: Path, dry_run: bool) -> None:
    """Import educators and their records from files."""
    check_settings(settings)
    with _opened(settings) as context:
        import_all(context, source, dry_run)


def set_password(settings: Settings, username: str, ask: Callable[[], str]) -> None:
    """Give an account of the pages a password; asks for it once all else is in order."""
    check_settings(settings)
    with _opened(settings) as context:
        passwords.check_user(context, username)
        passwords.set_password(context, username, ask())
    typer.echo(f"{username} can sign in with the new password, and is signed out everywhere.")


@contextmanager
def _opened(settings: Settings) -> Iterator[Context]:
    context = build_context(settings)
    try:
        context.database.ping()
        yield context
    except DBAPIError as error:
        raise DatabaseError(f"the database does not answer: {one_line(error)}") from None
    finally:
        context.database.close()
