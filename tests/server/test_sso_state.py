"""What single sign-on refuses before any provider is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.errors import RuleError
from server.services import sso
from tests.support.elms_service import running_elms

pytestmark = pytest.mark.server


@pytest.mark.parametrize("state", ["other", "é", ""])
def test_a_state_that_nobody_sent_is_refused_whatever_its_letters(
    tmp_path: Path, state: str
) -> None:
    with running_elms(tmp_path) as elms:
        kept = {"state": "s", "nonce": "n", "verifier": "v", "to": "/", "again": False}
        cookie = sso._signer(elms.context).dumps(kept)
        with pytest.raises(RuleError):
            sso.finish(elms.context, str(cookie), sso.Answer(state, "code", None))
