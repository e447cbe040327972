"""Verifies one presented PIN: counts it, checks it, then settles it (S1, S4, S5, S6, S10, S15).

Rows are always locked in this order: the account's access, then call, caller, everybody, then the
audit head. The three steps are the same for every license number, known or not:

1. *Count* (one transaction): the attempt is written as pending, which counts as wrong, and a use of
   every budget is logged. This is committed before the PIN is checked, so that a process that dies
   in between reveals nothing.
2. *Check*, outside any transaction: one Argon2id at every cost at which a PIN is stored, against
   dummies if there is nothing to check.
3. *Settle* (one transaction): the result replaces pending, the uses of a right PIN are given back,
   the account is locked at the fifth wrong one, and an audit row is written. A right PIN stored at
   an outdated cost is stored again. Then the response is sent.

If a refused request is repeated because its response was lost, it is refused again without checking
the PIN. A success is never repeated from memory: the PIN is counted and checked as a new attempt.
``repeats`` defines a repetition; any other request with a used call and attempt number is counted
and refused like a wrong PIN.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Channel, CheckResult, NoticeKind, Pace
from server.models import Attempt, Educator, PhoneAccess, Pin
from server.services import audit
from server.services.budgets import Allowance, count, give_back, has_room
from server.services.callers import WITHHELD, caller_key
from server.services.hash_costs import stored_costs
from server.services.locks import (
    DAY,
    NOBODY,
    count_wrong,
    cut_times_ahead,
    held_access,
    is_locked,
    lock_if_used_up,
)
from server.services.outbox import post
from server.services.repeats import Earlier, Identity, look_back, next_number
from server.services.tokens import end_tokens, issue

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Presented:
    """A presented PIN. ``actor`` is the bot or a user; ``reason`` is given by a representative.

    ``attempt`` is the caller's own number within the call; None takes the next free number.
    """

    license_number: str
    pin: str = field(repr=False)
    call_id: str
    attempt: int | None
    mode: str
    caller_number: str | None
    channel: Channel = Channel.TELEPHONE
    actor: str = "bot"
    user_id: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome; the telephone only reveals whether there is a token."""

    result: CheckResult
    educator_id: int | None = None
    token: str | None = field(default=None, repr=False)
    pace: Pace = Pace.NORMAL
    locked_now: bool = False


@dataclass(frozen=True, slots=True)
class _Account:
    """Stored data for the presented license number; all None if it is unknown."""

    educator_id: int | None
    access: PhoneAccess | None
    digest: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Result of the first transaction; ``verdict`` is set if it does not depend on the PIN."""

    attempt_id: int
    number: int
    educator_id: int | None
    digest: str | None = field(repr=False)
    costs: tuple[str, ...]
    pace: str
    verdict: CheckResult | None
    uses: tuple[int, ...]
    repeated: bool


def verify(context: Context, presented: Presented) -> Checked:
    """Check one PIN under all budgets. Raises BusyError while this attempt is being checked."""
    with context.database.write() as session:
        counted = _count(context, session, presented)
    right = context.hasher.check_pin(counted.digest, presented.pin, counted.costs)
    result = counted.verdict or (CheckResult.VERIFIED if right else CheckResult.WRONG)
    renewed = _renewed(context, presented, counted, result)
    with context.database.write() as session:
        return _settle(context, session, presented, counted, result, renewed)


def allowances(context: Context, presented: Presented) -> tuple[Allowance, ...]:
    """Budgets of wrong PINs: of the call, the caller or representative, and everybody."""
    limits = context.settings.limits
    caller = caller_key(context.hasher, presented.caller_number)
    most = limits.pins_withheld if caller == WITHHELD else limits.pins_per_caller
    if presented.channel is Channel.REPRESENTATIVE:
        caller, most = f"user:{presented.user_id}", limits.pins_per_representative
    return (
        Allowance(f"call:{presented.call_id}", limits.pins_per_call, DAY),
        Allowance(caller, most, DAY),
        Allowance("overall", limits.pins_overall, HOUR),
    )


def _count(context: Context, session: Session, presented: Presented) -> _Counted:
    now = context.now()
    account = _find(session, presented.license_number)
    budgets = allowances(context, presented)
    room = has_room(session, budgets, now)
    mine = _identity(context, session, presented)
    earlier = look_back(session, mine, now)
    repeated = earlier.refusal is not None
    uses = count(session, budgets, now, room and not repeated)
    cut_times_ahead(session, account.access, context.settings.limits, now)
    verdict = _verdict(context, session, account, earlier, room, now)
    attempt = earlier.refusal or _written(session, presented, mine, account.educator_id, now)
    return _Counted(
        attempt_id=attempt.id,
        number=mine.number,
        educator_id=account.educator_id,
        digest=account.digest if verdict is None else None,
        costs=stored_costs(session, Pin.cost),
        pace=account.access.pace if account.access is not None else Pace.NORMAL.value,
        verdict=verdict,
        uses=uses,
        repeated=repeated,
    )


def _find(session: Session, license_number: str) -> _Account:
    """The account behind a license number, its access locked until the transaction ends.

    The digest is read behind the lock: of a row that it waited for, PostgreSQL gives what is there
    by then, and of the rows joined to it what was there before.
    """
    access = session.scalars(
        select(PhoneAccess)
        .join(Educator, Educator.id == PhoneAccess.educator_id)
        .where(Educator.license_number == license_number)
        .with_for_update(of=PhoneAccess)
    ).one_or_none()
    educator_id = access.educator_id if access is not None else NOBODY
    digest = session.scalars(select(Pin.digest).where(Pin.educator_id == educator_id))
    return _Account(educator_id or None, access, digest.one_or_none())


def _identity(context: Context, session: Session, presented: Presented) -> Identity:
    number = presented.attempt
    return Identity(
        call_id=presented.call_id,
        number=next_number(session, presented.call_id) if number is None else number,
        subject=context.hasher.pseudonym("license", presented.license_number),
        channel=presented.channel.value,
        user_id=presented.user_id,
    )


def _verdict(
    context: Context,
    session: Session,
    account: _Account,
    earlier: Earlier,
    room: bool,
    now: datetime,
) -> CheckResult | None:
    """The result if it does not depend on the PIN; otherwise None."""
    counted = (CheckResult.WRONG, CheckResult.PENDING)
    wrong = count_wrong(session, account.educator_id, now, *counted)
    if earlier.refusal is not None:
        return CheckResult(earlier.refusal.result)
    if not room:
        return CheckResult.OVER_BUDGET
    if account.access is None:
        return CheckResult.UNKNOWN
    if is_locked(account.access, now) or wrong >= context.settings.limits.pins_per_account:
        return CheckResult.LOCKED
    if account.digest is None:
        return CheckResult.NO_PIN
    return CheckResult.WRONG if earlier.used else None


def _written(
    session: Session,
    presented: Presented,
    mine: Identity,
    educator_id: int | None,
    now: datetime,
) -> Attempt:
    """A new row, pending."""
    attempt = Attempt(
        **asdict(mine),
        at=now,
        educator_id=educator_id,
        mode=presented.mode,
        result=CheckResult.PENDING.value,
        reason=presented.reason,
    )
    session.add(attempt)
    session.flush()
    return attempt


def _settle(
    context: Context,
    session: Session,
    presented: Presented,
    counted: _Counted,
    result: CheckResult,
    renewed: str | None,
) -> Checked:
    now = context.now()
    limits = context.settings.limits
    access = held_access(session, counted.educator_id)
    attempt = session.get_one(Attempt, counted.attempt_id)
    if result is CheckResult.VERIFIED:
        result = _still(attempt, access, now)
    verified = result is CheckResult.VERIFIED
    if verified:
        give_back(session, counted.uses)
    if not counted.repeated:
        attempt.result = result.value
    wrong = count_wrong(session, counted.educator_id, now, CheckResult.WRONG)
    mine = result is CheckResult.WRONG and not counted.repeated
    locked = mine and lock_if_used_up(access, limits, wrong, now)
    if locked and counted.educator_id is not None:
        end_tokens(session, counted.educator_id)
        post(session, counted.educator_id, NoticeKind.LOCKED, now)
    token = None
    if verified and counted.educator_id is not None:
        _store_renewed(session, counted, renewed)
        token = issue(context, session, counted.educator_id, presented.call_id, now)
    _record(session, presented, counted, result, locked, now)
    pace = Pace(counted.pace) if token else Pace.NORMAL
    return Checked(result, counted.educator_id, token, pace, locked_now=locked)


def _still(attempt: Attempt, access: PhoneAccess | None, now: datetime) -> CheckResult:
    """Result of a right PIN after the check: it may have been changed or locked meanwhile."""
    if attempt.outdated:
        return CheckResult.WRONG
    if access is None or is_locked(access, now):
        return CheckResult.LOCKED
    return CheckResult.VERIFIED


def _record(
    session: Session,
    presented: Presented,
    counted: _Counted,
    result: CheckResult,
    locked: bool,
    now: datetime,
) -> None:
    audit.record(
        session,
        at=now,
        actor=presented.actor,
        action="pin.checked",
        subject=f"educator:{counted.educator_id}" if counted.educator_id else "educator:unknown",
        facts={
            "call": presented.call_id,
            "attempt": counted.number,
            "mode": presented.mode,
            "channel": presented.channel.value,
            "result": result.value,
            "locked": locked,
            "reason": presented.reason,
        },
    )


def _renewed(
    context: Context, presented: Presented, counted: _Counted, result: CheckResult
) -> str | None:
    """A right PIN's digest at the current cost, if the stored one has another."""
    dated = counted.digest is not None and context.hasher.is_dated(counted.digest)
    if result is not CheckResult.VERIFIED or not dated:
        return None
    return context.hasher.hash_pin(presented.pin)


def _store_renewed(session: Session, counted: _Counted, renewed: str | None) -> None:
    """Replace the digest that was checked, unless the PIN has changed since."""
    if renewed is None:
        return
    pin = session.get(Pin, counted.educator_id)
    if pin is not None and pin.digest == counted.digest:
        pin.digest = renewed
