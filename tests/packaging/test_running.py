"""docs/running.md, step by step: each of its commands runs, on places of this test's own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
import websockets
from websockets.asyncio.client import connect

from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, caller_variables
from tests.support.paths import PROJECT
from tests.support.websocket_peer import Socket

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("installed"),
    pytest.mark.timeout(900),
]

STEP = re.compile(r"^```sh\n(?P<code>.*?)^```\n(?P<notes>(?:<!--.*?-->\n)*)", re.M | re.S)
NOTE = re.compile(r"<!-- (types|shows): (.*?) -->")
SETS_PIN = "<!-- does: sign in as 421903 with correct horse battery, and set the PIN 5827 -->"
CALLS = "<!-- does: a call of the PBX, with 421903 and 5827 on the keypad -->"
PAGE = (PROJECT / "docs" / "running.md").read_text("utf-8")

STAND_INS = {
    "useradd": 'mkdir -p "$(echo "$@" | sed "s/.*--home-dir \\([^ ]*\\).*/\\1/")"',
    "chown": ":",
    "install": 'for folder; do :; done; mkdir -p "$folder"',
    "python3": 'mkdir -p "$(dirname "$3")" && ln -s "$ELMS_TEST_ENV" "$3"',
    "systemctl": 'echo "$@" >> "$ELMS_TEST_LOG"',
}
"""What only root may do, and what would download: the environment was installed before."""


@dataclass
class Step:
    code: str
    types: str = ""
    shows: list[str] = field(default_factory=list)


def steps(text: str) -> list[Step]:
    found = []
    for match in STEP.finditer(text):
        step = Step(match["code"])
        for kind, words in NOTE.findall(match["notes"]):
            if kind == "types":
                step.types = "".join(f"{line}\n" for line in words.split(" | "))
            else:
                step.shows.append(words)
        found.append(step)
    return found


class Machine:
    """An empty machine: the page's places below a folder, its port a free one."""

    def __init__(self, root: Path, built: Path) -> None:
        self.root = root
        self.port = _free_port()
        self.commands = root / "commands"
        self.log = root / "systemctl.log"
        self.ivr_port = _free_port()
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.folder = root / "release"
        for folder in (
            "etc/systemd/system",
            "etc/nginx/conf.d",
            "var/lib",
            "opt",
            "commands",
            "var/log/elms",
        ):
            (root / folder).mkdir(parents=True)
        self.folder.mkdir()
        for name in ("deploy", "requirements"):
            (self.folder / name).symlink_to(PROJECT / name)
        for name, code in STAND_INS.items():
            file = self.commands / name
            file.write_text(f"#!/bin/sh\n{code}\n")
            file.chmod(0o755)
        self.env = {
            "PATH": f"{self.commands}:{os.environ['PATH']}",
            "HOME": str(root),
            "ELMS_TEST_ENV": str(built / "env"),
            "ELMS_TEST_LOG": str(self.log),
            "ELMS_SERVER_PORT": str(self.port),
            "ELMS_IVR_SERVE__PORT": str(self.ivr_port),
            "ELMS_IVR_SERVE__AGI_PORT": "0",
            "ELMS_IVR_SERVE__WORKERS": "1",
        }

    def here(self, text: str) -> str:
        moved = re.sub(r"(?<![\w.])/(etc|opt|var)/", rf"{self.root}/\1/", text)
        ported = moved.replace("127.0.0.1:8022", f"127.0.0.1:{self.port}")
        return ported.replace("127.0.0.1:8090", f"127.0.0.1:{self.ivr_port}")

    def run(self, step: Step) -> None:
        code = "".join(
            line for line in step.code.splitlines(keepends=True) if "/bin/pip install" not in line
        )
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", self.here(code)],
            cwd=self.folder,
            env=self.env,
            input=step.types,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        shown = " ".join(done.stdout.split())
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        for words in step.shows:
            assert words in shown, f"{code}\n{done.stdout}\n{done.stderr}"
        self.serve()

    def serve(self) -> None:
        """Do what systemd was told."""
        told = self.log.read_text().splitlines() if self.log.is_file() else []
        self.log.write_text("")
        for line in told:
            verb, *words = line.split()
            for service in (word for word in words if word.endswith(".service")):
                if verb in {"enable", "start"}:
                    self.running[service] = self._start(service)
                elif verb == "stop":
                    self.stop(service)

    def _start(self, service: str) -> subprocess.Popen[str]:
        unit = (self.root / "etc/systemd/system" / service).read_text("utf-8")
        command = re.findall(r"^ExecStart=(.*)$", unit, re.M)[0]
        return subprocess.Popen(
            shlex.split(self.here(command)), cwd=self.root, env=self.env, text=True
        )

    def stop(self, service: str) -> None:
        process = self.running.pop(service, None)
        if process is not None:
            process.terminate()
            process.wait()

    def take_a_call(self) -> None:
        """What the PBX does for a caller, who keys number and PIN, and then hangs up."""
        settings = tomllib.loads((self.root / "etc/elms/elms-ivr.toml").read_text("utf-8"))
        given = {"Authorization": f"Bearer {settings['serve']['credential']}"}
        keys = [CallerAction(500, "prompt-start", keys=one) for one in ("421903", "5827", "4")]

        async def call() -> None:
            uri, media = f"ws://127.0.0.1:{self.ivr_port}/media", websockets.Subprotocol("media")
            async with connect(uri, subprotocols=[media], additional_headers=given) as connection:
                caller = SimulatedCaller(keys, 8_000)
                channel = Channel(variables=caller_variables())
                await AsteriskCall(Socket(connection), caller, channel).talk()

        asyncio.run(call())
        self.stop("elms-ivr.service")
        log = (self.root / "var/log/elms/elms-ivr.log").read_text("utf-8")
        (ended,) = [one for one in map(json.loads, log.splitlines()) if one["event"] == "call"]
        assert (ended["outcome"], ended["verified"]) == ("completed", True)

    def set_pin(self) -> None:
        """What the educator does in the browser, and then the staff; the proxy's TLS is why cookies
        are secure."""
        visit = Visit(self.port)
        visit.get("/sign-in")
        signed = {"username": "421903", "password": "correct horse battery", "next": "/pin"}
        visit.post("/sign-in", signed)
        visit.get("/pin")
        visit.post("/pin", {"pin": "5827", "again": "5827"})
        assert "PIN" in visit.get("/home")
        self.check_the_caller()
        self.change_what_is_heard()

    def sign_in(self, username: str, password: str) -> Visit:
        visit = Visit(self.port)
        visit.get("/sign-in")
        visit.post("/sign-in", {"username": username, "password": password, "next": "/desk"})
        return visit

    def check_the_caller(self) -> None:
        visit = self.sign_in("rcalloway", "staple of the first")
        assert "Check a caller" in visit.get("/desk")
        visit.get("/desk/check")
        entered = {"license_number": "421903", "pin": "5827", "reason": "Renewal"}
        visit.post("/desk/check", entered)
        assert "Verified" in visit.get("/desk/account")

    def change_what_is_heard(self) -> None:
        visit = self.sign_in("moakes", "staple of the second")
        visit.get("/notices")
        week = str(date.today() - timedelta(days=7))
        visit.post("/notices", {"renewal": week, "other": week})
        prompt = "/prompts/goodbye.goodbye"
        visit.post(prompt, {"text": "Thank you for calling. Have a good day."})
        assert "Have a good day." in visit.get(prompt)


class Visit:
    """A browser behind the proxy: sends its cookies and a page's hidden fields back."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._hidden: dict[str, str] = {}

    def get(self, path: str) -> str:
        status, page = self._ask("GET", path, None)
        assert status == 200, page
        return page

    def post(self, path: str, fields: dict[str, str]) -> None:
        status, page = self._ask("POST", path, urlencode(self._hidden | fields))
        assert status == 303, page

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Host": "elms.example.org",
            "Origin": "https://elms.example.org",
            "X-Forwarded-For": "192.0.2.7",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        self._hidden = _hidden_fields(page) or self._hidden
        connection.close()
        return answer.status, page


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[str(found["name"])] = str(found["value"])


def _hidden_fields(page: str) -> dict[str, str]:
    parser = _Inputs()
    parser.feed(page)
    return parser.hidden


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture
def machine(built: Path, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "machine", built)
    yield made
    for service in tuple(made.running):
        made.stop(service)


def test_the_page_leads_from_an_empty_machine_to_a_running_service(machine: Machine) -> None:
    before, _, more = PAGE.partition(SETS_PIN)
    between, _, after = more.partition(CALLS)
    assert after, "the page no longer says when the PIN is set, or when a call comes"
    for step in steps(before):
        machine.run(step)
    machine.set_pin()
    for step in steps(between):
        machine.run(step)
    machine.take_a_call()
    for step in steps(after):
        machine.run(step)


def test_every_block_of_the_page_is_a_step() -> None:
    assert PAGE.count("```") == 2 * len(steps(PAGE))
    assert len(steps(PAGE)) >= 12
    assert all(step.code.strip() for step in steps(PAGE))
