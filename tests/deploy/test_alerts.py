"""The alert rules: metrics and label values that are really exposed; promtool, where it is here."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import get_args

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.records import CallRecord, Timing, TurnRecord
from bot.serving.metrics import Metrics as TelephoneMetrics
from bot.types import CallOutcome, Outcome
from server.domain import CheckResult
from server.metrics import Metrics as ServerMetrics
from tests.support.paths import PROJECT
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.unit

FOLDER = PROJECT / "deploy" / "prometheus"
RULES = yaml.safe_load((FOLDER / "elms.rules.yml").read_text("utf-8"))["groups"][0]["rules"]
ALERTS = {rule["alert"]: rule for rule in RULES}
OF_PROMETHEUS = {"up"}


def exposed() -> set[str]:
    """Names of all samples of both services once something has happened."""
    telephone, server = TelephoneMetrics(), ServerMetrics()
    turn = TurnRecord("menu", 1, "match", Timing(0, 900, reply_after_ms=200))
    outcome = CallOutcome("completed", "goodbye")
    telephone.ended(CallRecord("call", "now", "line", 1_000, outcome, (turn,)), 0)
    telephone.refused("full")
    server.saw("GET", "/desk", 200, 0.1)
    server.checked("telephone", "wrong")
    server.refused("too many")
    server.dropped("head")
    server.stored("completed")
    return {
        sample.name
        for metrics in (telephone, server)
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_uses_an_existing_metric_and_gives_advice(alert: str) -> None:
    rule = ALERTS[alert]
    named = set(re.findall(r"\b(?:elms_\w+|up)\b(?=[{\[ )])", rule["expr"]))
    assert named
    assert named <= exposed() | OF_PROMETHEUS
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")


def test_label_values_in_alerts_exist() -> None:
    known = {*get_args(Outcome), *(result.value for result in CheckResult)}
    named = re.findall(r'(?:outcome|result)=~?"([^"]+)"', " ".join(r["expr"] for r in RULES))
    assert named
    assert {value for each in named for value in each.split("|")} <= known


@pytest.mark.system
@pytest.mark.parametrize("command", [["check", "rules", "elms.rules.yml"],
                                     ["test", "rules", "elms.tests.yml"]])  # fmt: skip
def test_promtool_accepts_the_rules_and_their_tests(command: list[str]) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not here (Debian: prometheus)")
    done = subprocess.run(
        [tool, *command],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tested_to_fire_and_to_be_silent(alert: str) -> None:
    """By promtool, as above."""
    tests = yaml.safe_load((FOLDER / "elms.tests.yml").read_text("utf-8"))["tests"]
    expected = [
        bool(each["exp_alerts"])
        for test in tests
        for each in test["alert_rule_test"]
        if each["alertname"] == alert
    ]
    assert sorted(expected) == [False, True]
