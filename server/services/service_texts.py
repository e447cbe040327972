"""Prompts and office hours as supervisors edited them; the next call begins with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.bot_command_line import Prompts, Voice
from server.context import Context
from server.errors import RuleError
from server.models import OfficeHours, PromptVersion
from server.services import audit

LONGEST_TEXT, MOST_TEXTS = 1_000, 9


def edited_prompts(session: Session) -> dict[str, tuple[str, ...]]:
    """The texts of every prompt that is edited now, by key."""
    newest = select(func.max(PromptVersion.id)).group_by(PromptVersion.key)
    rows = session.scalars(select(PromptVersion).where(PromptVersion.id.in_(newest)))
    return {row.key: tuple(row.texts) for row in rows if row.texts}


def versions(session: Session, key: str) -> Sequence[PromptVersion]:
    """All versions of one prompt, newest first."""
    found = select(PromptVersion).where(PromptVersion.key == key)
    return session.scalars(found.order_by(PromptVersion.id.desc())).all()


def check(context: Context, voice: Voice, key: str, texts: Sequence[str]) -> Prompts:
    """All prompts as they would be with these texts under one key. Raises RuleError."""
    if not 1 <= len(texts) <= MOST_TEXTS:
        raise RuleError(f"A prompt has one to {MOST_TEXTS} texts.")
    if any(len(text) > LONGEST_TEXT or not text.isprintable() for text in texts):
        raise RuleError(f"A text has at most {LONGEST_TEXT} characters, in one line.")
    with context.database.read() as session:
        others = edited_prompts(session)
    return voice.prompts(others | {key: tuple(texts)})


def save(context: Context, voice: Voice, key: str, texts: Sequence[str], user_id: int) -> None:
    """Have the next call say these texts. Raises RuleError for texts that break a rule."""
    checked = check(context, voice, key, texts)
    if findings := checked.findings_of(key):
        raise RuleError(" ".join(findings))
    _add(context, key, list(texts), user_id, "prompt.edited")


def restore_shipped(context: Context, key: str, user_id: int) -> None:
    """Have the next call say the texts that the bot ships with, if they were edited."""
    with context.database.read() as session:
        is_edited = key in edited_prompts(session)
    if is_edited:
        _add(context, key, [], user_id, "prompt.restored")


def _add(context: Context, key: str, texts: list[str], user_id: int, action: audit.Action) -> None:
    with context.database.write() as session:
        row = PromptVersion(key=key, texts=texts, set_at=context.now(), set_by_id=user_id)
        session.add(row)
        session.flush()
        audit.record(
            session,
            at=context.now(),
            actor=f"user:{user_id}",
            action=action,
            subject=f"prompt:{key}"[:80],
            facts={"version": row.id},
        )


def office_hours(session: Session) -> OfficeHours | None:
    """The edited office hours, or None for those of the bot's settings."""
    return session.scalars(select(OfficeHours).order_by(OfficeHours.id.desc()).limit(1)).first()


def set_office_hours(
    context: Context, opens: str, closes: str, weekdays: Sequence[int], user_id: int
) -> None:
    """Set when representatives answer. Raises RuleError."""
    told = checked_hours(opens, closes, weekdays)
    with context.database.write() as session:
        session.add(OfficeHours(**told, set_at=context.now(), set_by=user_id))
        audit.record(
            session,
            at=context.now(),
            actor=f"user:{user_id}",
            action="hours.set",
            subject="service",
            facts=told,
        )


def checked_hours(opens: str, closes: str, weekdays: Sequence[int]) -> Mapping[str, object]:
    """Office hours that make sense, as they are stored. Raises RuleError."""
    first, last = _time(opens), _time(closes)
    days = sorted(set(weekdays))
    if first >= last:
        raise RuleError("The office must open before it closes.")
    if not days or not set(days) <= set(range(7)):
        raise RuleError("Please choose at least one day.")
    return {"opens": f"{first:%H:%M}", "closes": f"{last:%H:%M}", "weekdays": days}


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise RuleError("Please enter a valid time.") from None
