"""Builds an application's history step by step, so that dates and documents fit its status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.domain import ActivityEvent, ApplicationType, Document, LicenseClass, Status
from server.models import Activity, Application, Educator, Letter, License, RequiredDocument
from server.seed.calendar import EXPIRES, Calendar

YEARS_STANDARD = 5
CLASSES = (LicenseClass.A,) * 4 + (LicenseClass.AA,) * 3 + (LicenseClass.AAA, LicenseClass.AAAA)
"""Repeated by frequency: most educators have a bachelor's or a master's degree."""

NEEDS: dict[ApplicationType, tuple[Document, ...]] = {
    ApplicationType.STANDARD: (Document.TRANSCRIPT, Document.SCORES, Document.LAWFUL_PRESENCE),
    ApplicationType.ALTERNATE_ROUTE: (
        Document.TRANSCRIPT,
        Document.SCORES,
        Document.RECOMMENDATION,
        Document.LAWFUL_PRESENCE,
    ),
    ApplicationType.EMERGENCY: (Document.TRANSCRIPT, Document.LAWFUL_PRESENCE),
    ApplicationType.SPECIAL: (Document.TRANSCRIPT, Document.LAWFUL_PRESENCE),
    ApplicationType.ADMINISTRATOR: (Document.TRANSCRIPT, Document.SCORES, Document.SEMI),
    ApplicationType.ENDORSEMENT: (Document.TRANSCRIPT, Document.SCORES),
    ApplicationType.RECIPROCITY: (
        Document.OUT_OF_STATE,
        Document.TRANSCRIPT,
        Document.LAWFUL_PRESENCE,
        Document.EXPERIENCE,
    ),
    ApplicationType.RENEWAL: (Document.CEU,),
    ApplicationType.REINSTATEMENT: (Document.CEU, Document.LAWFUL_PRESENCE),
    ApplicationType.NAME_CHANGE: (Document.NAME_PROOF,),
}

RECEIVED_EVENT: dict[Document, ActivityEvent] = {
    Document.TRANSCRIPT: ActivityEvent.TRANSCRIPT_RECEIVED,
    Document.SCORES: ActivityEvent.SCORES_RECEIVED,
    Document.RECOMMENDATION: ActivityEvent.RECOMMENDATION_RECEIVED,
    Document.CEU: ActivityEvent.CREDITS_RECEIVED,
    Document.SEMI: ActivityEvent.CREDITS_RECEIVED,
}

LICENSE_YEARS: dict[ApplicationType, tuple[str, int]] = {
    ApplicationType.ALTERNATE_ROUTE: (ApplicationType.ALTERNATE_ROUTE.value, 3),
    ApplicationType.EMERGENCY: (ApplicationType.EMERGENCY.value, 1),
    ApplicationType.SPECIAL: (ApplicationType.SPECIAL.value, 3),
    ApplicationType.ADMINISTRATOR: (ApplicationType.ADMINISTRATOR.value, YEARS_STANDARD),
}


@dataclass(frozen=True, slots=True)
class Story:
    """The history of one educator's application."""

    status: Status
    kind: ApplicationType
    filed: date


def june_30(year: int) -> date:
    """The expiration date of every license."""
    return date(year, *EXPIRES)


def add_license(
    educator: Educator, rng: Random, calendar: Calendar, last_year: int, years: int = 5
) -> License:
    """Add a license that expires on June 30 of a year of the demonstration."""
    last_year = calendar.year(last_year)
    license_type = {5: "five-year standard", 3: "three-year alternate route"}[years]
    added = License(
        license_class=rng.choice(CLASSES).value,
        license_type=license_type,
        issued=calendar.workday(date(last_year - years, 7, 1) + timedelta(days=rng.randrange(60))),
        valid_through=june_30(last_year),
        renewable=years == YEARS_STANDARD,
    )
    educator.licenses.append(added)
    return added


def tell(educator: Educator, story: Story, rng: Random, calendar: Calendar) -> Application:
    """Add the application with its documents, letters, and activity."""
    steps = _Steps(educator, story, rng, calendar)
    {
        Status.RECOMMENDATION_ONLY: steps.recommended,
        Status.RECEIVED: steps.received,
        Status.IN_REVIEW: steps.reviewed,
        Status.REQUIREMENTS_SENT: steps.letter,
        Status.DOCUMENT_RECEIVED: steps.document,
        Status.AWAITING_TRANSCRIPT: steps.awaiting_transcript,
        Status.AWAITING_SCORES: steps.awaiting_scores,
        Status.READY_TO_ISSUE: steps.ready,
        Status.ISSUED: steps.issued,
        Status.REPRESENTATIVE_ONLY: steps.reviewed,
    }[story.status]()
    educator.applications.append(steps.application)
    return steps.application


class _Steps:
    """Builds one application; each method takes it to one status."""

    def __init__(self, educator: Educator, story: Story, rng: Random, calendar: Calendar) -> None:
        self.educator, self.story, self.rng, self.calendar = educator, story, rng, calendar
        self.day = calendar.workday(story.filed)
        self.application = Application(
            application_type=story.kind.value,
            status=story.status.value,
            submitted=self.day,
            documents=[RequiredDocument(name=each.value) for each in NEEDS[story.kind]],
        )

    def later(self, least: int, most: int) -> date:
        """Move on by some days."""
        self.day = self.calendar.workday(self.day + timedelta(days=self.rng.randint(least, most)))
        return self.day

    def happened(self, event: ActivityEvent, subject: str = "") -> None:
        """Add a line of activity on the current day."""
        self.educator.activities.append(Activity(on=self.day, event=event.value, subject=subject))

    def arrive(self, document: RequiredDocument) -> None:
        """Receive one document on the current day."""
        document.received = self.day
        event = RECEIVED_EVENT.get(Document(document.name), ActivityEvent.FORM_RECEIVED)
        self.happened(event, document.name)

    def recommended(self) -> None:
        self.happened(ActivityEvent.RECOMMENDATION_RECEIVED, Document.RECOMMENDATION.value)
        for document in self.application.documents:
            if document.name == Document.RECOMMENDATION.value:
                document.received = self.day

    def received(self) -> None:
        self.application.received = self.day
        self.happened(ActivityEvent.APPLICATION_FILED, self.story.kind.value)
        if self.rng.random() < 0.5:
            self.happened(ActivityEvent.FEE_PAID, "processing fee")

    def reviewed(self) -> None:
        self.received()
        for document in self.application.documents:
            self.later(2, 6)
            self.arrive(document)

    def letter(self) -> None:
        self.received()
        first, *rest = self.application.documents
        if rest:
            self.later(2, 8)
            self.arrive(first)
        missing = [each for each in self.application.documents if each.received is None]
        self.application.letter_sent = self.later(14, 25)
        self.happened(ActivityEvent.LETTER_SENT, "requirements letter")
        self.educator.letters.append(
            Letter(
                sent=self.day,
                subject="Requirements letter",
                body="Your application is incomplete. We still need: "
                + "; ".join(each.name for each in missing)
                + ".",
            )
        )

    def document(self) -> None:
        self.letter()
        self.later(5, 15)
        missing = [each for each in self.application.documents if each.received is None]
        for document in missing:
            self.arrive(document)
        self.application.document = missing[-1].name
        self.application.document_received = self.day

    def _awaiting(self, wanted: Document) -> None:
        self.received()
        for document in self.application.documents:
            if document.name != wanted.value:
                self.later(2, 6)
                self.arrive(document)

    def awaiting_transcript(self) -> None:
        self._awaiting(Document.TRANSCRIPT)

    def awaiting_scores(self) -> None:
        self._awaiting(Document.SCORES)

    def ready(self) -> None:
        self.reviewed()
        self.later(10, 20)

    def issued(self) -> None:
        self.ready()
        issued = self.later(1, 5)
        license_type, years = LICENSE_YEARS.get(
            self.story.kind, ("five-year standard", YEARS_STANDARD)
        )
        license_class = self.rng.choice(CLASSES).value
        last = june_30(issued.year + years + (1 if issued.month > 6 else 0))
        self.application.license_class = license_class
        self.application.issued = issued
        self.application.valid_through = last
        self.happened(ActivityEvent.LICENSE_ISSUED, f"Class {license_class}, {license_type}")
        self.educator.licenses.append(
            License(
                license_class=license_class,
                license_type=license_type,
                issued=issued,
                valid_through=last,
                renewable=years == YEARS_STANDARD,
            )
        )
