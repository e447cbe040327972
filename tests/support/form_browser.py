"""A browser without a browser: signs in and sends forms as a page would."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from server.seed.demonstration import PASSWORD
from tests.support.elms_service import Elms
from tests.support.in_process import InProcessClient

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
FORM = re.compile(r'name="form" value="([^"]+)"')


class Visitor:
    """One person with one cookie jar, at one address."""

    def __init__(self, elms: Elms, address: str = "192.0.2.200") -> None:
        self.client = InProcessClient(
            elms.app, client=(address, 50_000), base_url="http://elms.test"
        )

    def get(self, path: str, follow: bool = True) -> httpx.Response:
        response: httpx.Response = self.client.get(path, follow_redirects=follow)
        return response

    def post(self, path: str, fields: Mapping[str, str], follow: bool = True) -> httpx.Response:
        response: httpx.Response = self.client.post(
            path, data=dict(fields), follow_redirects=follow
        )
        return response

    def sign_in(self, username: str, password: str = PASSWORD, to: str = "/") -> httpx.Response:
        form = FORM.search(self.get(f"/sign-in?next={to}").text)
        assert form
        fields = {"username": username, "password": password, "form": form[1], "next": to}
        return self.post("/sign-in", fields)

    def csrf(self, page: str = "/") -> str:
        found = CSRF.search(self.get(page).text)
        assert found
        return found[1]

    def submit(
        self, path: str, page: str = "/", follow: bool = True, **fields: str
    ) -> httpx.Response:
        """Send a form of a page, with the token that the page holds."""
        return self.post(path, {"csrf": self.csrf(page), **fields}, follow)
