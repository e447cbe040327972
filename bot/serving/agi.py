"""FastAGI: tells Asterisk's dialplan what is next for a caller, over lines of text.

Asterisk sends its environment, one ``agi_name: value`` per line, then an empty line. Then it
answers our commands, each with one line. ``agi://HOST:PORT/next`` sets NEXT, and ELMS_CALL if a
representative is next. A peer that is slow, or violates the protocol, is disconnected.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from bot.serving.credentials import same
from bot.serving.next_steps import NextSteps

LONGEST_LINE = 2_048
MOST_LINES = 200
PATIENCE_S = 5.0
ASKED = "next"
_BROKEN = (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError)
_VALUE = re.compile(r"200 result=1 \(([A-Za-z0-9._:-]{1,80})\)")


class AgiServer:
    """Answers ``next``; ``credential`` is the first argument of the dialplan's AGI(), if set."""

    def __init__(self, steps: NextSteps, credential: str = "") -> None:
        self._steps = steps
        self._credential = credential

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Listen. Raises OSError."""
        return await asyncio.start_server(self.answer, host, port, limit=LONGEST_LINE)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one request of the dialplan."""
        try:
            with suppress(*_BROKEN):
                async with asyncio.timeout(PATIENCE_S):
                    await self._talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await _environment(reader)
        if said.get("agi_network_script") != ASKED:
            return
        if not same(said.get("agi_arg_1", ""), self._credential):
            return
        answer = await _command(reader, writer, "GET VARIABLE ELMS_ID")
        found = _VALUE.fullmatch(answer)
        if found is None:
            return
        step = self._steps.after(found[1])
        await _command(reader, writer, f"SET VARIABLE NEXT {step.step}")
        if step.call_id:
            await _command(reader, writer, f"SET VARIABLE ELMS_CALL {step.call_id}")


async def _environment(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read the environment. Raises ValueError if it does not end."""
    said: dict[str, str] = {}
    for _ in range(MOST_LINES):
        line = await _line(reader)
        if not line:
            return said
        name, _, value = line.partition(":")
        said[name.strip()] = value.strip()
    raise ValueError("an endless environment")


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: str) -> str:
    """Return the response to a command. The caller may hang up meanwhile, which Asterisk reports in
    between.
    """
    writer.write(f"{command}\n".encode())
    await writer.drain()
    answer = await _line(reader)
    return await _line(reader) if answer == "HANGUP" else answer


async def _line(reader: asyncio.StreamReader) -> str:
    """Read a line. Raises IncompleteReadError at the end, ValueError if it is too long."""
    line = await reader.readuntil(b"\n")
    return line.decode("utf-8", "replace").rstrip("\r\n")
