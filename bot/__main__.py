"""The command line: arguments only. Faults are one line and a non-zero exit."""

from __future__ import annotations

import gc
import signal
import sys
from importlib import metadata
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated, NoReturn

import typer

from bot.calls import call_log
from bot.commands.lazy import LazyCommands
from bot.core_dumps import leave_no_core
from bot.errors import IvrError, SynthesisError, one_line


def _show_version(asked: bool) -> None:
    if asked:
        print(f"elms-ivr {metadata.version('elms-ivr')}")
        raise typer.Exit


Version = typer.Option(
    "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
)
app = typer.Typer(
    name="elms-ivr",
    cls=LazyCommands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def log_to(
    log: Annotated[Path | None, typer.Option(help="Append JSON log lines to this file.")] = None,
    level: Annotated[
        str | None, typer.Option(help="Level of --log: debug, info (default), warning, or error.")
    ] = None,
    version: Annotated[bool, Version] = False,
) -> None:
    """License status by telephone, spoken or keyed; everything runs on this machine."""
    call_log.configure_to(log, level)


GARBAGE_AFTER = 50_000
"""New objects before garbage is looked for, instead of 700: what a start makes stays, and looking
through it again and again takes a fifth of its time."""
TRY_AGAIN = 75
"""Exit status if a speech engine did not respond, perhaps for want of time (``EX_TEMPFAIL``)."""
_terminated = Event()


def _end(_number: int, frame: FrameType | None) -> None:
    """Turn a kill into an interrupt, so that asyncio cancels its main task cleanly."""
    _terminated.set()
    interrupt = signal.getsignal(signal.SIGINT)
    if not callable(interrupt):  # a shell's background command ignores Ctrl-C, but no kill
        raise KeyboardInterrupt
    interrupt(signal.SIGINT, frame)


def main() -> None:
    """Run a command. SIGTERM cleans up like Ctrl-C."""
    gc.set_threshold(GARBAGE_AFTER)
    leave_no_core()
    signal.signal(signal.SIGTERM, _end)
    try:
        app()
    except IvrError as fault:
        print(f"elms-ivr: {fault}", file=sys.stderr)
        sys.exit(TRY_AGAIN if isinstance(fault, SynthesisError) else 1)
    except KeyboardInterrupt:
        print("elms-ivr: interrupted", file=sys.stderr)
        _exit(130)
    except SystemExit as ended:
        _exit(ended.code)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as fault:
        place = f"{fault.filename}: " if fault.filename is not None else ""
        print(f"elms-ivr: {one_line(f'{place}{fault.strerror or fault}')}", file=sys.stderr)
        sys.exit(1)


def _exit(code: str | int | None) -> NoReturn:
    """Exit so that the parent process sees a kill, even if a command handled the interrupt."""
    sys.exit(128 + signal.SIGTERM if _terminated.is_set() else code)


if __name__ == "__main__":
    main()
