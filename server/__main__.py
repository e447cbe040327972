"""The command line ``elms-server``: arguments only."""

from __future__ import annotations

import gc
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import DBAPIError

from server.domain import Role
from server.errors import ServerError
from server.settings import DEFAULT_DATABASE, SETTINGS_FILE, Settings, demo_settings, load_settings

GARBAGE_AFTER = 50_000
"""New objects before garbage is looked for, instead of 700: what a start makes stays, and looking
through it again and again takes a sixth of its time."""

cli = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The ELMS service: the educators' pages, and the API for the bot.",
)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"elms-server {metadata.version('elms-ivr')}")
        raise typer.Exit


Version = typer.Option(
    "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
)


@cli.callback()
def _whole(version: Annotated[bool, Version] = False) -> None: ...


SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help=f"Settings file; default {SETTINGS_FILE}.")
]
DatabaseUrl = Annotated[str | None, typer.Option("--database", help="SQLAlchemy URL.")]
Demo = Annotated[bool, typer.Option("--demo", help="Use fictional people and public secrets.")]


def settings_from(file: Path | None, demo: bool, live: bool = False, **overrides: Any) -> Settings:
    """Settings of the demonstration, which is of today if ``live``, or from the file."""
    given = {name: value for name, value in overrides.items() if value is not None}
    if demo:
        return demo_settings(live, **given)
    return load_settings(settings_file(file), **given)


def settings_file(given: Path | None) -> Path | None:
    """The file that was named, or the one in this folder."""
    return given or (SETTINGS_FILE if SETTINGS_FILE.is_file() else None)


@cli.command()
def serve(
    settings: SettingsFile = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
    calls: Annotated[
        bool,
        typer.Option(
            help="Begin a new demonstration with a month of fictional calls up to now; without"
            " them, its day is in 2022, that of the recorded callers."
        ),
    ] = True,
) -> None:
    """Run the service; prints its address on one line."""
    from server.admin import serve  # noqa: PLC0415 - the other commands start without the pages

    found = settings_from(settings, demo, live=calls, host=host, port=port, database_url=database)
    serve.serve(found, calls)


@cli.command()
def seed(settings: SettingsFile = None, database: DatabaseUrl = None, demo: Demo = False) -> None:
    """Fill an empty demonstration database with fictional educators."""
    from server.admin import commands  # noqa: PLC0415

    commands.seed(settings_from(settings, demo, database_url=database))


@cli.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="head, base, or a revision.")] = "head",
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Migrate the database to a schema version."""
    from server.admin import commands  # noqa: PLC0415

    commands.migrate(settings_from(settings, demo, database_url=database), revision)


@cli.command()
def init(
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Write a settings file with new secrets, and create the tables."""
    from server.admin import commands  # noqa: PLC0415

    commands.init(settings or SETTINGS_FILE, database or DEFAULT_DATABASE)


@cli.command("add-user")
def add_user(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="Role of the person.")] = Role.REPRESENTATIVE,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Add a representative or supervisor; asks for the password."""
    from server.admin import commands  # noqa: PLC0415

    found = settings_from(settings, demo, database_url=database)
    commands.add_user(found, username, name, role, _ask_password)


def _ask_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@cli.command("link-user")
def link_user(
    username: Annotated[
        str, typer.Argument(help="Account name; for an educator, the license number.")
    ],
    subject: Annotated[str, typer.Option(help="The person's identifier (sub) at the provider.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Link a person from single sign-on to an account."""
    from server.admin import commands  # noqa: PLC0415

    found = settings_from(settings, demo, database_url=database)
    commands.link_user(found, username, subject)


@cli.command("unlink-user")
def unlink_user(
    username: Annotated[str, typer.Argument(help="Account name.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Remove an account's single sign-on link, and sign it out everywhere."""
    from server.admin import commands  # noqa: PLC0415

    commands.unlink_user(settings_from(settings, demo, database_url=database), username)


@cli.command()
def purge(settings: SettingsFile = None, database: DatabaseUrl = None, demo: Demo = False) -> None:
    """Remove everything older than its retention period."""
    from server.admin import commands  # noqa: PLC0415

    commands.purge(settings_from(settings, demo, database_url=database))


@cli.command("verify-audit")
def verify_audit(
    settings: SettingsFile = None, database: DatabaseUrl = None, demo: Demo = False
) -> None:
    """Check the audit chain and print its head."""
    from server.admin import commands  # noqa: PLC0415

    commands.verify_audit(settings_from(settings, demo, database_url=database))


@cli.command()
def export(
    license_number: Annotated[str, typer.Argument(help="The educator's license number.")],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Print all data kept about one educator as JSON, without secrets."""
    from server.admin import commands  # noqa: PLC0415

    commands.export(settings_from(settings, demo, database_url=database), license_number)


@cli.command("remove-educator")
def remove_educator(
    license_number: Annotated[str, typer.Argument(help="The educator's license number.")],
    again: Annotated[str, typer.Option(prompt="The license number again", hidden=True)],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Remove one educator and all that is kept of them; asks for the number again."""
    from server.admin import commands  # noqa: PLC0415

    found = settings_from(settings, demo, database_url=database)
    commands.remove_educator(found, license_number, again)


@cli.command("import")
def import_files(
    source: Annotated[Path, typer.Argument(help="One .csv or .jsonl file, or a folder of them.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report what would change.")
    ] = False,
    template: Annotated[
        bool, typer.Option("--template", help="Write empty files with the columns to this folder.")
    ] = False,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Add or change educators, licenses, applications, documents, activity, and letters."""
    from server.admin import commands, importing  # noqa: PLC0415

    if template:
        importing.templates(source)
    else:
        found = settings_from(settings, demo, database_url=database)
        commands.import_files(found, source, dry_run)


@cli.command("set-password")
def set_password(
    username: Annotated[
        str, typer.Argument(help="Account name; for an educator, the license number.")
    ],
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Set the password of an account; asks for it."""
    from server.admin import commands  # noqa: PLC0415

    found = settings_from(settings, demo, database_url=database)
    commands.set_password(found, username, _ask_password)


@cli.command()
def backup(
    target: Annotated[
        Path, typer.Argument(help="New file, or a folder for a file named after the current time.")
    ],
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of backups to keep in the folder; older ones are deleted."
        ),
    ] = None,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Write the whole database to one file, while the service runs."""
    from server.admin import commands  # noqa: PLC0415

    commands.backup(settings_from(settings, demo, database_url=database), target, keep)


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Backup file.")],
    any_pepper: Annotated[
        bool, typer.Option("--any-pepper", help="Restore even if the PINs need another pepper.")
    ] = False,
    settings: SettingsFile = None,
    database: DatabaseUrl = None,
    demo: Demo = False,
) -> None:
    """Fill an empty database from a backup, and verify the audit chain."""
    from server.admin import commands  # noqa: PLC0415

    commands.restore(settings_from(settings, demo, database_url=database), file, any_pepper)


@cli.command("settings")
def list_settings(
    settings: SettingsFile = None,
    demo: Demo = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    toml: Annotated[
        bool, typer.Option("--toml", help="Print a settings file to start from.")
    ] = False,
) -> None:
    """List every setting with its value, unit, source, and meaning. Secrets stay hidden."""
    from settings_listing import entries, formats  # noqa: PLC0415

    found = settings_from(settings, demo)
    file = None if demo else settings_file(settings)
    listed = entries.entries(found, file)
    if json or toml:
        typer.echo(formats.as_json(listed) if json else formats.as_toml(listed))
    else:
        formats.table(listed)


def main() -> None:
    """Run the command line; a fault is one line and a non-zero exit."""
    gc.set_threshold(GARBAGE_AFTER)
    try:
        cli()
    except ServerError as error:
        print(f"elms-server: {error}", file=sys.stderr)
        sys.exit(1)
    except DBAPIError as error:
        print(f"elms-server: database error: {error.orig}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
