"""The command line: arguments only. Faults are one line and a non-zero exit."""

from __future__ import annotations

import sys

import typer

from bot.commands import demo, grammar, mic, model, recognize, replay, say, text, tones
from bot.errors import IvrError

app = typer.Typer(
    name="elms-ivr",
    help="Licence status over the telephone, spoken or keyed; everything runs on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("mic")(mic.mic)
app.command("text")(text.text)
app.command("replay")(replay.replay)
app.command("recognize")(recognize.recognize)
app.command("tones")(tones.tones)
app.command("say")(say.say)
app.add_typer(grammar.app, name="grammar")
app.add_typer(model.app, name="model")


def main() -> None:
    """Run a command."""
    try:
        app()
    except IvrError as fault:
        print(f"elms-ivr: {fault}", file=sys.stderr)
        sys.exit(1)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)


if __name__ == "__main__":
    main()
