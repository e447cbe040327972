"""What leaves the process: TLS by certificate paths, mail over SMTP, and mail that had to wait."""

from __future__ import annotations

import asyncio
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.load.certificates import certificate
from server.admin.listen_socket import check_certificate, listen
from server.errors import SettingsError
from server.seed.demonstration import ACCOUNTS
from server.settings import load_settings
from tests.support.elms_service import fresh_database, running_elms
from tests.support.form_browser import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

NUMBER = ACCOUNTS[0].license_number
NEW = "7306"


def test_the_service_speaks_tls_with_secure_cookies(tmp_path: Path) -> None:
    signed, key = certificate(tmp_path)
    with fresh_database(tmp_path) as url:
        environment = {
            **os.environ,
            "ELMS_SERVER_DATABASE_URL": url,
            "ELMS_SERVER_TLS_CERTIFICATE": str(signed),
            "ELMS_SERVER_TLS_KEY": str(key),
        }
        command = [sys.executable, "-m", "server", "serve", "--demo", "--port", "0"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                address = process.stdout.readline().split()[-1]
                assert address.startswith("https://127.0.0.1:")
                trusted = ssl.create_default_context(cafile=str(signed))
                there = address.replace("127.0.0.1", "localhost")
                answer = httpx.get(f"{there}/sign-in", verify=trusted, timeout=None)
            finally:
                process.terminate()
    assert answer.status_code == 200
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_half_of_a_tls_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="go together"):
        load_settings(tls_certificate=tmp_path / "certificate.pem")


def test_a_key_of_another_certificate_or_with_a_password_is_refused(tmp_path: Path) -> None:
    signed, key = certificate(tmp_path / "one")
    _, other = certificate(tmp_path / "two")
    _, locked = certificate(tmp_path / "three", b"a password")
    check_certificate(load_settings(tls_certificate=signed, tls_key=key))
    for wrong, why in ((other, "KEY_VALUES_MISMATCH"), (locked, "requires a password")):
        with pytest.raises(SettingsError, match=why) as caught:
            check_certificate(load_settings(tls_certificate=signed, tls_key=wrong))
        assert "\n" not in str(caught.value)


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand over a message."""

    letters: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 mail.test\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.letters.append(b"".join(lines).decode())
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def smtp() -> Iterator[tuple[int, list[str]]]:
    letters: list[str] = []
    handler = type("Handler", (Smtp,), {"letters": letters})
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], letters
        server.shutdown()


def test_a_notice_is_sent_over_smtp(tmp_path: Path, smtp: tuple[int, list[str]]) -> None:
    port, letters = smtp
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "starttls": False}
    with running_elms(tmp_path, mail=mail) as elms:
        visitor = Visitor(elms)
        visitor.sign_in(NUMBER)
        visitor.submit("/pin", "/pin", pin=NEW, again=NEW)
    assert len(letters) == 1
    assert "Subject: Your Educator PIN was changed" in letters[0]
    assert NEW not in letters[0]


def test_a_server_without_starttls_gets_no_mail(
    tmp_path: Path, smtp: tuple[int, list[str]]
) -> None:
    port, letters = smtp
    with running_elms(tmp_path, mail={"smtp_host": "127.0.0.1", "smtp_port": port}) as elms:
        visitor = Visitor(elms)
        visitor.sign_in(NUMBER)
        assert visitor.submit("/pin", "/pin", pin=NEW, again=NEW).url.path == "/home"
    assert letters == []


def test_answers_are_sent_at_once_whatever_their_size() -> None:
    async def no_delay() -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken = writer.get_extra_info("socket")
            accepted.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0) as listening:
            server = await asyncio.start_server(take, sock=listening)
            async with server:
                _, writer = await asyncio.open_connection(*listening.getsockname())
                found = await accepted
                writer.close()
                return found

    assert asyncio.run(no_delay()) == 1
