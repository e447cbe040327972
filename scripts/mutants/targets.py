"""Which files get faults, and which test files have to notice them."""

from __future__ import annotations

DIALOG = tuple(
    f"tests/bot/elms/test_{subject}.py"
    for subject in ("callflow", "login", "before_login", "unsure_number", "unsure_pin")
)
TURN = "tests/bot/turn/test_machine.py"
ENDPOINTER = "tests/bot/turn/test_endpointer_limits.py"
SERVER = "tests/server"
LOCKS = f"{SERVER}/test_row_lock_statements.py"
ASKING = tuple(f"tests/bot/dialog/test_{subject}.py" for subject in ("asking", "weighing", "forms"))

TARGETS: dict[str, tuple[str, ...]] = {
    "bot/calls/event_reader.py": (
        "tests/bot/calls/test_event_order.py",
        "tests/bot/calls/test_event_reader.py",
        "tests/bot/calls/test_calls.py",
    ),
    "bot/calls/recorder.py": (
        "tests/bot/calls/test_recorder.py",
        "tests/bot/calls/test_recorded_tones.py",
    ),
    "bot/calls/redaction.py": ("tests/bot/calls/test_redaction.py",),
    "bot/calls/spool.py": ("tests/bot/calls/test_spool.py",),
    "bot/dialog/decision.py": ("tests/bot/dialog/test_decision.py",),
    "bot/dialog/evidence.py": ("tests/bot/dialog/test_evidence.py",),
    "bot/dialog/interpreter.py": ASKING,
    "bot/elms/callflow.py": DIALOG,
    "bot/elms/office_hours.py": (
        "tests/bot/elms/test_office_hours.py",
        "tests/bot/elms/test_closed_office.py",
    ),
    "bot/grammar/matcher.py": (
        "tests/bot/grammar/test_engine.py",
        "tests/bot/grammar/test_partial_values.py",
        "tests/bot/grammar/test_following.py",
    ),
    "bot/prompts/normalization.py": (
        "tests/bot/prompts/test_normalization_rules.py",
        "tests/bot/prompts/test_normalization.py",
        "tests/bot/prompts/test_say_as.py",
    ),
    "bot/prompts/say_as.py": (
        "tests/bot/prompts/test_say_as_table.py",
        "tests/bot/prompts/test_say_as.py",
    ),
    "bot/tones/dtmf_dedup.py": ("tests/bot/tones/test_dtmf_dedup.py",),
    "bot/tones/dtmf_detector.py": ("tests/bot/tones/test_dtmf_detector.py",),
    "bot/turn/bargein.py": ("tests/bot/turn/test_bargein.py", TURN),
    "bot/turn/endpointer.py": (
        "tests/bot/turn/test_endpointer.py",
        "tests/bot/turn/test_machine_lulls.py",
        ENDPOINTER,
        TURN,
    ),
    "bot/turn/entry.py": (
        "tests/bot/turn/test_entry.py",
        "tests/bot/hearing/test_confidence.py",
        "tests/bot/hearing/test_missing_digit.py",
        TURN,
    ),
    "bot/turn/key_timer.py": ("tests/bot/turn/test_key_timer.py", TURN),
    "bot/turn/machine.py": (TURN, "tests/bot/turn/test_machine_edges.py"),
    "server/pages/common.py": (
        f"{SERVER}/test_page_parts.py",
        f"{SERVER}/test_foreign_sites.py",
    ),
    "server/services/audit.py": (
        f"{SERVER}/test_audit_report.py",
        f"{SERVER}/test_audit_chain.py",
        LOCKS,
    ),
    "server/services/budgets.py": (f"{SERVER}/test_budgets.py",),
    "server/services/outbox.py": (
        f"{SERVER}/test_notices_written.py",
        f"{SERVER}/test_outbox.py",
        f"{SERVER}/test_waits.py",
        LOCKS,
    ),
    "server/services/password_tries.py": (f"{SERVER}/test_password_budgets.py",),
    "server/services/pins.py": (f"{SERVER}/test_pins.py", LOCKS),
    "server/services/representative_desk.py": (f"{SERVER}/test_checks_written.py",),
    "server/services/retention.py": (f"{SERVER}/test_retention.py", LOCKS),
    "server/services/verification.py": (
        f"{SERVER}/test_checks_written.py",
        f"{SERVER}/test_verification.py",
        f"{SERVER}/test_repeats.py",
        LOCKS,
    ),
}
"""The test files of each, cheapest first: the first test that fails has noticed the fault."""
