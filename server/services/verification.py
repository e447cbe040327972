"""One presented PIN: counted first, checked, then settled (S1, S4, S5, S6, S10).

Rows are locked in one order: the account's access, then call, caller, everybody, then the audit
head. Three steps, the same for every licence number, known or not:

1. *Count* (one transaction): the attempt is written as pending, which counts as wrong, and every
   budget is raised. It is committed before the PIN is looked at, so that a process that dies in
   between has given nothing away.
2. *Check*, outside any transaction: one Argon2id at every cost at which a PIN is stored, against
   dummies where there is nothing to check.
3. *Settle* (one transaction): the result replaces pending, budgets of a right PIN are given back,
   the lock closes at the fifth wrong one, an audit row is written; a right PIN that is stored at
   another cost than today's is stored anew. Then the answer leaves.

Asking again under the same call and attempt number (an answer got lost on the way) costs nothing:
a refusal is repeated without looking at the PIN; a success is checked anew. While the first is
still being checked there is no answer to repeat, and none is made up (BusyError).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Channel, CheckResult, NoticeKind, Pace
from server.errors import BusyError
from server.hashing import new_token, token_digest
from server.models import Attempt, CallToken, Educator, PhoneAccess, Pin
from server.services import audit
from server.services.budgets import give_back, spend
from server.services.hash_costs import stored_costs
from server.services.outbox import post

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
UNDER_WAY = timedelta(seconds=30)
"""So long a pending attempt may still be settled; after that whoever checked it is gone."""
COUNTED = (CheckResult.WRONG, CheckResult.PENDING)
NOBODY = 0
"""An account that is never there: an unknown number is looked up like any other (S6)."""
_NO_SYNC = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody presents. ``actor`` is the bot or a user; ``reason`` is a representative's."""

    license_number: str
    pin: str = field(repr=False)
    call_id: str
    attempt: int
    mode: str
    caller_number: str | None
    channel: Channel = Channel.TELEPHONE
    actor: str = "bot"
    user_id: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome; the telephone tells only whether there is a token."""

    result: CheckResult
    educator_id: int | None = None
    token: str | None = field(default=None, repr=False)
    pace: Pace = Pace.NORMAL
    locked_now: bool = False


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the first transaction found; ``verdict`` is set where the PIN may not decide."""

    attempt_id: int
    educator_id: int | None
    digest: str | None = field(repr=False)
    costs: tuple[str, ...]
    pace: str
    verdict: CheckResult | None
    repeated: bool


def verify(context: Context, presented: Presented) -> Checked:
    """Check one PIN under all budgets. Raises BusyError where this attempt is being checked."""
    with context.database.write() as session:
        counted = _count(context, session, presented)
    right = context.hasher.check_pin(counted.digest, presented.pin, counted.costs)
    result = counted.verdict or (CheckResult.VERIFIED if right else CheckResult.WRONG)
    renewed = _renewed(context, presented, counted, result)
    with context.database.write() as session:
        return _settle(context, session, presented, counted, result, renewed)


def budget_keys(context: Context, presented: Presented) -> tuple[str, str, str]:
    """The keys under which a wrong PIN counts: its call, its caller number, everybody."""
    number = presented.caller_number
    caller = f"caller:{context.hasher.pseudonym('caller', number)[:40]}" if number else "withheld"
    if presented.channel is Channel.REPRESENTATIVE:
        caller = f"user:{presented.user_id}"
    return f"call:{presented.call_id}", caller, "overall"


def _count(context: Context, session: Session, presented: Presented) -> _Counted:
    now = context.now()
    found = session.execute(
        select(Educator.id, PhoneAccess, Pin.digest)
        .join(PhoneAccess, PhoneAccess.educator_id == Educator.id)
        .outerjoin(Pin, Pin.educator_id == Educator.id)
        .where(Educator.license_number == presented.license_number)
        .with_for_update(of=PhoneAccess)
    ).one_or_none()
    educator_id, access, digest = found if found is not None else (None, None, None)
    over = _over_budget(context, session, presented, now)
    earlier = session.scalars(
        select(Attempt).where(
            Attempt.call_id == presented.call_id, Attempt.number == presented.attempt
        )
    ).one_or_none()
    wrong = _wrong_of_account(session, educator_id, access, now, COUNTED)
    verdict = _verdict(context, (educator_id, access, digest), wrong, over, now)
    if earlier is not None:
        give_back(session, budget_keys(context, presented))
        verdict = _verdict_again(earlier, educator_id, now)
    attempt = earlier or Attempt(
        call_id=presented.call_id,
        number=presented.attempt,
        at=now,
        subject=context.hasher.pseudonym("license", presented.license_number),
        educator_id=educator_id,
        channel=presented.channel.value,
        mode=presented.mode,
        result=CheckResult.PENDING.value,
        user_id=presented.user_id,
        reason=presented.reason,
    )
    session.add(attempt)
    session.flush()
    return _Counted(
        attempt_id=attempt.id,
        educator_id=educator_id,
        digest=digest if verdict is None else None,
        costs=stored_costs(session, Pin.cost),
        pace=access.pace if access is not None else Pace.NORMAL.value,
        verdict=verdict,
        repeated=earlier is not None,
    )


def _wrong_of_account(
    session: Session,
    educator_id: int | None,
    access: PhoneAccess | None,
    now: datetime,
    results: tuple[CheckResult, ...],
) -> int:
    """Results of an account in the last 24 hours, since its last unlock on the web."""
    since = now - DAY
    if access is not None and access.cleared_at is not None:
        since = max(since, access.cleared_at)
    return session.execute(
        select(func.count())
        .select_from(Attempt)
        .where(
            Attempt.educator_id == (educator_id or NOBODY),
            Attempt.at > since,
            Attempt.result.in_([result.value for result in results]),
        )
    ).scalar_one()


def _over_budget(context: Context, session: Session, presented: Presented, now: datetime) -> bool:
    limits = context.settings.limits
    call, caller, overall = budget_keys(context, presented)
    most = limits.pins_per_caller if caller != "withheld" else limits.pins_withheld
    used = (
        spend(session, call, DAY, now) > limits.pins_per_call,
        spend(session, caller, DAY, now) > most,
        spend(session, overall, HOUR, now) > limits.pins_overall,
    )
    return any(used)


def _verdict(
    context: Context,
    found: tuple[int | None, PhoneAccess | None, str | None],
    wrong: int,
    over: bool,
    now: datetime,
) -> CheckResult | None:
    educator_id, access, digest = found
    if over:
        return CheckResult.OVER_BUDGET
    if educator_id is None or access is None:
        return CheckResult.UNKNOWN
    locked = access.locked_until is not None and access.locked_until > now
    if locked or wrong >= context.settings.limits.pins_per_account:
        return CheckResult.LOCKED
    return CheckResult.NO_PIN if digest is None else None


def _verdict_again(earlier: Attempt, educator_id: int | None, now: datetime) -> CheckResult | None:
    """A repeated request is refused as before; only a success is looked at again."""
    if earlier.result == CheckResult.PENDING and now - earlier.at < UNDER_WAY:
        raise BusyError("this attempt is being checked; ask again")
    if earlier.result == CheckResult.VERIFIED and earlier.educator_id == educator_id:
        return None
    return CheckResult(earlier.result)


def _settle(
    context: Context,
    session: Session,
    presented: Presented,
    counted: _Counted,
    result: CheckResult,
    renewed: str | None,
) -> Checked:
    now = context.now()
    verified = result is CheckResult.VERIFIED
    access = session.scalars(
        select(PhoneAccess)
        .where(PhoneAccess.educator_id == (counted.educator_id or NOBODY))
        .with_for_update()
    ).one_or_none()
    if result is not CheckResult.PENDING:
        session.execute(
            update(Attempt).where(Attempt.id == counted.attempt_id).values(result=result.value),
            execution_options=_NO_SYNC,
        )
    _store_renewed(session, counted, renewed)
    if verified and not counted.repeated:
        give_back(session, budget_keys(context, presented))
    wrong = _wrong_of_account(session, counted.educator_id, access, now, (CheckResult.WRONG,))
    locked = result is CheckResult.WRONG and _lock_if_used_up(context, access, wrong, now)
    if locked and counted.educator_id is not None:
        post(session, counted.educator_id, NoticeKind.LOCKED, now)
    audit.record(
        session,
        at=now,
        actor=presented.actor,
        action="pin.checked",
        subject=f"educator:{counted.educator_id}" if counted.educator_id else "educator:unknown",
        facts={
            "call": presented.call_id,
            "attempt": presented.attempt,
            "mode": presented.mode,
            "channel": presented.channel.value,
            "result": result.value,
            "locked": locked,
            "reason": presented.reason,
        },
    )
    if not verified or counted.educator_id is None:
        return Checked(result, counted.educator_id, locked_now=locked)
    return Checked(
        result,
        counted.educator_id,
        _issue(context, session, counted.educator_id, presented.call_id, now),
        Pace(counted.pace),
    )


def _renewed(
    context: Context, presented: Presented, counted: _Counted, result: CheckResult
) -> str | None:
    """A right PIN's digest at today's cost, where the stored one has another."""
    dated = counted.digest is not None and context.hasher.is_dated(counted.digest)
    if result is not CheckResult.VERIFIED or not dated:
        return None
    return context.hasher.hash_pin(presented.pin)


def _store_renewed(session: Session, counted: _Counted, renewed: str | None) -> None:
    """Replace the digest that was checked, unless the PIN was changed meanwhile."""
    if renewed is None:
        return
    pin = session.get(Pin, counted.educator_id)
    if pin is not None and pin.digest == counted.digest:
        pin.digest = renewed


def _lock_if_used_up(
    context: Context, access: PhoneAccess | None, wrong: int, now: datetime
) -> bool:
    """Close the telephone channel at the last wrong PIN; each lock lasts twice as long (S4)."""
    limits = context.settings.limits
    if access is None or wrong < limits.pins_per_account:
        return False
    if access.locked_until is not None and access.locked_until > now:
        return False
    hours = min(limits.lock_hours * 2 ** min(access.lockouts, 20), limits.lock_hours_most)
    access.locked_until = now + timedelta(hours=hours)
    access.lockouts += 1
    return True


def _issue(
    context: Context, session: Session, educator_id: int, call_id: str, now: datetime
) -> str:
    token = new_token()
    session.add(
        CallToken(
            digest=token_digest(token),
            educator_id=educator_id,
            call_id=call_id,
            expires_at=now + timedelta(minutes=context.settings.token_minutes),
        )
    )
    return token


def educator_of_token(context: Context, token: str) -> int | None:
    """Whose account a call's token opens, while it is good."""
    with context.database.read() as session:
        return session.scalars(
            select(CallToken.educator_id).where(
                CallToken.digest == token_digest(token), CallToken.expires_at > context.now()
            )
        ).one_or_none()
