"""A status that answers the next question: how long, which week, what comes next, and from whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.elms.announcements import EVENTS, STATUSES, activity, status
from bot.elms.requests import Account, Activity, Application, License
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
RECEIVED = Application(
    "RECEIVED",
    "supplemental endorsement",
    "other",
    reached=False,
    still_needed=(),
    received=date(2022, 10, 12),
    processing_week=date(2022, 9, 26),
    waited_weeks=7,
    overdue=True,
)
EXPIRED = License("A", "five-year standard", date(2021, 6, 30), "expired", True)
VALID = License("A", "five-year standard", date(2026, 6, 30), "valid", True)


def told(account: Account) -> str:
    return " ".join(PROMPTS.text(prompt) for prompt in status(account))


def of(application: Application | None, *licenses: License, **more: object) -> str:
    return told(Account(application, licenses, (), **more))  # type: ignore[arg-type]


def test_an_applicant_in_the_queue_hears_the_wait_the_current_week_and_the_next_step() -> None:
    assert of(RECEIVED) == (
        "We received your supplemental endorsement application on October 12, 2022. "
        "That was 7 weeks ago. "
        "The division is now processing all other applications received the week of "
        "September 26, 2022. "
        "Yours has not been reached yet. A licensure analyst reviews it when its week comes. "
        "If anything is missing, you will find a requirements letter under Correspondence "
        "in your ELMS account."
    )


def test_an_applicant_whose_turn_came_hears_so() -> None:
    text = of(replace(RECEIVED, reached=True))
    assert "Its week has been reached. A licensure analyst reviews it next." in text
    assert "not been reached" not in text


@pytest.mark.parametrize(
    ("weeks", "said"),
    [(0, None), (1, "That was one week ago."), (2, "That was 2 weeks ago.")],
)
def test_the_time_a_review_took_is_given_from_one_week_on(weeks: int, said: str | None) -> None:
    text = of(replace(RECEIVED, waited_weeks=weeks))
    assert (said in text) if said else ("ago" not in text)


@pytest.mark.parametrize("state", ["IN_REVIEW", "DOCUMENT_RECEIVED"])
@pytest.mark.parametrize("overdue", [False, True])
def test_three_to_five_weeks_are_promised_only_before_they_have_passed(
    state: str, overdue: bool
) -> None:
    facts = {"document": "CEU credits", "document_received": date(2022, 11, 1)}
    text = of(replace(RECEIVED, status=state, overdue=overdue, **facts))  # type: ignore[arg-type]
    assert ("Please allow at least three to five weeks" in text) is not overdue
    assert ("longer than the usual three to five weeks" in text) is overdue


def test_a_missing_document_is_named_with_its_sender() -> None:
    needed = ("official transcripts", "licensure test scores", "CEU credits")
    letter = replace(
        RECEIVED,
        status="REQUIREMENTS_SENT",
        still_needed=needed,
        letter_sent=date(2022, 11, 1),
    )
    text = of(letter)
    assert "official transcripts, licensure test scores, and CEU credits" in text
    assert "directly from your institution" in text
    assert "directly from the testing company" in text
    assert text.endswith("When everything is in, your file goes back to review.")
    only = of(replace(letter, still_needed=("CEU credits",)))
    assert "institution" not in only


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ((), None),
        (("renewal",), "You also have an open renewal application."),
        (
            ("renewal", "name change"),
            "You also have other open applications: renewal and name change.",
        ),
    ],
)
def test_other_open_applications_are_mentioned(types: tuple[str, ...], said: str | None) -> None:
    text = of(RECEIVED, other_open=types)
    assert (said in text) if said else ("You also have" not in text)


def test_an_expired_license_without_an_application_may_be_reinstated() -> None:
    assert of(None, EXPIRED, may_reinstate=True) == (
        "We have no pending application under this license. "
        "Your Class A, five-year standard license expired on June 30, 2021. "
        "You may apply for reinstatement."
    )


def test_an_applicant_for_reinstatement_is_not_told_to_apply() -> None:
    text = of(replace(RECEIVED, application_type="reinstatement"), EXPIRED)
    assert "expired on June 30, 2021" in text
    assert "may apply" not in text


def test_an_expired_license_with_a_successor_is_not_mentioned() -> None:
    assert "expired" not in of(None, EXPIRED, VALID)
    other = replace(VALID, license_type="career administrator")
    assert "expired" in of(None, EXPIRED, other)


def test_a_first_license_that_is_ready_is_found_under_my_credentials() -> None:
    text = of(replace(RECEIVED, status="READY_TO_ISSUE"))
    assert text == (
        "All required documents are in. Your license is ready to issue. "
        "You will find it under My Credentials in your ELMS account."
    )


NAMED = ("received", "letter_sent", "document", "document_received", "license_class", "issued")
WHOLE = replace(
    RECEIVED,
    letter_sent=date(2022, 10, 20),
    document="official transcripts",
    document_received=date(2022, 11, 1),
    license_class="A",
    issued=date(2022, 11, 2),
    valid_through=date(2027, 6, 30),
)


@pytest.mark.parametrize("code", STATUSES)
def test_a_status_with_all_its_facts_is_told_as_it_is(code: str) -> None:
    assert "a representative can explain" not in of(replace(WHOLE, status=code))


@pytest.mark.parametrize("lost", [*NAMED, "valid_through"])
@pytest.mark.parametrize("code", STATUSES)
def test_a_status_that_lacks_a_fact_is_told_or_explained_by_a_person(code: str, lost: str) -> None:
    """A backend may not know every day, and a caller is not to hear that something went wrong."""
    text = of(replace(WHOLE, status=code, **{lost: None}))  # type: ignore[arg-type]
    assert text
    said = of(replace(WHOLE, status=code))
    assert text == said or "a representative can explain" in text


@pytest.mark.parametrize("subject", ["", " ", "renewal"])
@pytest.mark.parametrize("event", [*EVENTS, "something_new"])
def test_an_activity_is_told_with_its_subject_or_without_one(event: str, subject: str) -> None:
    account = Account(None, (), (Activity(date(2022, 11, 1), event, subject),))
    said = " ".join(PROMPTS.text(prompt) for prompt in activity(account))
    assert "November 1, 2022" in said
    assert ("there was a change" in said) == (
        event == "something_new"
        or (not subject.strip() and event.endswith(("_filed", "form_received", "credits_received")))
    )
