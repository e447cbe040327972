"""The dialplan asks what is next for a caller, over FastAGI, as Asterisk speaks it."""

from __future__ import annotations

import asyncio

import pytest

from bot.serving.agi import AgiServer
from bot.serving.next_steps import NextSteps
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.call, pytest.mark.timeout(60)]

MOST = 10_000
ID = "1795993468.2"


class Dialplan:
    """Asterisk's side of one AGI request."""

    def __init__(self, variables: dict[str, str], argument: str | None = None) -> None:
        self.variables = variables
        self._argument = argument

    async def ask(self, port: int, script: str = "next", noise: str = "") -> None:
        """Run the script, as Asterisk does, to the end of the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        environment = [
            f"agi_network_script: {script}",
            f"agi_request: agi://127.0.0.1:{port}/{script}",
            "agi_channel: PJSIP/gateway-00000001",
            "agi_callerid: +16015550142",
        ]
        if self._argument is not None:
            environment.append(f"agi_arg_1: {self._argument}")
        writer.write(("\n".join(environment) + "\n\n").encode())
        async with asyncio.timeout(PATIENCE_S):
            while line := (await reader.readline()).decode().strip():
                writer.write((noise + self._answer(line)).encode())
        writer.close()

    def _answer(self, command: str) -> str:
        match command.split(" ", 3):
            case ["GET", "VARIABLE", name]:
                value = self.variables.get(name)
                return "200 result=0\n" if value is None else f"200 result=1 ({value})\n"
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                return "200 result=1\n"
            case _:
                return "510 Invalid or unknown command\n"


def asked(
    steps: NextSteps,
    variables: dict[str, str],
    credential: str = "",
    argument: str | None = None,
    script: str = "next",
    noise: str = "",
) -> dict[str, str]:
    """The channel's variables behind one request."""

    async def ask() -> None:
        server = await AgiServer(steps, credential).start("127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await Dialplan(variables, argument).ask(port, script, noise)

    asyncio.run(ask())
    return variables


def ended(step: str = "representative") -> NextSteps:
    steps = NextSteps()
    steps.end(ID, "representative" if step == "representative" else "hangup", "5f1c0a6e")
    return steps


def test_a_representative_is_next_and_gets_the_call() -> None:
    found = asked(ended(), {"ELMS_ID": ID})
    assert (found["NEXT"], found["ELMS_CALL"]) == ("representative", "5f1c0a6e")


def test_a_call_without_an_end_from_the_bot_has_failed() -> None:
    found = asked(NextSteps(), {"ELMS_ID": ID})
    assert found == {"ELMS_ID": ID, "NEXT": "failed"}


def test_the_next_step_is_given_once() -> None:
    steps = ended()
    asked(steps, {"ELMS_ID": ID})
    assert asked(steps, {"ELMS_ID": ID})["NEXT"] == "failed"


def test_a_caller_who_hangs_up_in_between_breaks_nothing() -> None:
    assert asked(ended(), {"ELMS_ID": ID}, noise="HANGUP\n")["NEXT"] == "representative"


@pytest.mark.parametrize(
    ("variables", "script"),
    [({}, "next"), ({"ELMS_ID": "'; DROP"}, "next"), ({"ELMS_ID": ID}, "other")],
)
def test_any_other_request_gets_no_answer(variables: dict[str, str], script: str) -> None:
    before = dict(variables)
    assert asked(ended(), variables, script=script) == before


@pytest.mark.parametrize(
    ("argument", "told"), [("a credential", True), ("another", False), (None, False)]
)
def test_a_request_without_the_credential_is_refused(argument: str | None, told: bool) -> None:
    found = asked(ended(), {"ELMS_ID": ID}, "a credential", argument)
    assert ("NEXT" in found) is told


@pytest.mark.parametrize(
    "sent", [b"", b"\n", b"\xff\xfe\n\n", b"x" * 5_000, b"agi_a: b\n" * 300 + b"\n"]
)
def test_any_input_is_survived(sent: bytes) -> None:
    async def ask() -> bytes:
        server = await AgiServer(ended()).start("127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            writer.write_eof()
            async with asyncio.timeout(PATIENCE_S):
                answer = await reader.read()
            writer.close()
            return answer

    assert b"SET" not in asyncio.run(ask())


def test_a_result_that_nobody_fetches_is_forgotten() -> None:
    steps = NextSteps()
    for number in range(MOST + 1):
        steps.end(f"1.{number}", "hangup")
    assert steps.after("1.0").step == "failed"
    assert steps.after("1.1").step == "hangup"
