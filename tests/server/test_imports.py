"""Educators and their records from files: dry run, errors by row, all or nothing, idempotent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from typer.testing import CliRunner

from server.__main__ import cli
from server.errors import ImportRefusedError, RuleError
from server.imports.applying import import_file
from server.imports.planning import Expected, Plan
from server.imports.reading import Problems, files_of, kind_of, read
from server.imports.rows import KINDS, ApplicationRow
from server.imports.template import write_templates
from server.models import (
    Activity,
    Application,
    AuditRow,
    Educator,
    Letter,
    License,
    PhoneAccess,
    RequiredDocument,
    User,
)
from server.services import audit, passwords
from server.services.pins import set_pin
from tests.support.elms_service import BOT, Elms, running_elms

pytestmark = pytest.mark.server

FILES = {
    "educators.csv": "license_number,name,email\n007001,Ada Bell,ada@example.org\n"
    '700200,"Cole, Dan",dan@example.org\n',
    "licenses.csv": "license_number,license_class,license_type,issued,valid_through,renewable\n"
    "007001,AA,five-year standard,2021-07-01,2026-06-30,\n",
    "applications.csv": "license_number,application_type,submitted,status,received\n"
    "007001,renewal,2022-11-01,IN_REVIEW,2022-11-03\n"
    "700200,five-year standard,2022-10-05,RECEIVED,2022-10-06\n",
    "documents.csv": "license_number,application_type,submitted,name,received\n"
    "007001,renewal,2022-11-01,CEU credits,2022-11-04\n",
    "activity.csv": "license_number,on,event,subject\n"
    "007001,2022-11-01,application_filed,renewal\n"
    "007001,2022-11-02,fee_paid,\n",
    "letters.jsonl": '{"license_number": "700200", "sent": "2022-10-07", "subject": "Welcome", '
    '"body": "Two\\nlines"}\n',
}
TABLES = (Educator, License, Application, RequiredDocument, Activity, Letter, User, PhoneAccess)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text, "utf-8")
    return made


def run(elms: Elms, source: Path, *, dry: bool = False) -> dict[str, tuple[int, int, int]]:
    """New, changed, and unchanged rows by kind."""
    expected = Expected() if dry else None
    plans: list[Plan] = [
        import_file(elms.context, kind, file, expected=expected) for kind, file in files_of(source)
    ]
    return {
        made.kind.name: (len(made.inserts), len(made.updates), made.unchanged) for made in plans
    }


def counts(elms: Elms) -> dict[str, int]:
    with elms.context.database.read() as session:
        return {
            table.__tablename__: session.scalars(select(func.count()).select_from(table)).one()
            for table in TABLES
        }


NEW = {
    "educators": (2, 0, 0),
    "licenses": (1, 0, 0),
    "applications": (2, 0, 0),
    "documents": (1, 0, 0),
    "activity": (2, 0, 0),
    "letters": (1, 0, 0),
}


def test_imported_people_can_set_a_pin_and_hear_their_status(elms: Elms, folder: Path) -> None:
    assert run(elms, folder) == NEW
    with elms.context.database.read() as session:
        ada = session.scalars(select(Educator).where(Educator.license_number == "007001")).one()
        assert (ada.name, ada.licenses[0].renewable) == ("Ada Bell", True)
    passwords.set_password(elms.context, "007001", "correct horse battery")
    set_pin(elms.context, ada.id, "4096", "4096", "educator")
    token = elms.token("007001", "4096")
    told = elms.client.get("/api/v1/account", headers={"X-Call-Token": token} | BOT).json()
    assert told["application"]["status"] == "IN_REVIEW"
    assert told["application"]["application_type"] == "renewal"
    assert {each["event"] for each in told["activities"]} == {"application_filed", "fee_paid"}


def test_a_second_import_changes_nothing(elms: Elms, folder: Path) -> None:
    run(elms, folder)
    before = counts(elms)
    again = run(elms, folder)
    assert again == {name: (0, 0, new) for name, (new, _, _) in NEW.items()}
    assert counts(elms) == before


def test_a_dry_run_reports_changes_and_writes_nothing(elms: Elms, folder: Path) -> None:
    before = counts(elms)
    assert run(elms, folder, dry=True) == NEW
    assert counts(elms) == before


def test_changed_rows_are_updated(elms: Elms, folder: Path) -> None:
    run(elms, folder)
    educators = folder / "educators.csv"
    educators.write_text(educators.read_text().replace("Ada Bell", "Ada Bell-Moss"))
    applications = folder / "applications.csv"
    applications.write_text(applications.read_text().replace("IN_REVIEW", "READY_TO_ISSUE"))
    assert run(elms, folder)["educators"] == (0, 1, 1)
    with elms.context.database.read() as session:
        user = session.scalars(select(User).where(User.username == "007001")).one()
        assert user.display_name == "Ada Bell-Moss"
        status = (
            select(Application.status).join(Educator).where(Educator.license_number == "007001")
        )
        assert session.scalars(status).one() == "READY_TO_ISSUE"


def test_every_file_that_changes_something_is_in_the_audit(elms: Elms, folder: Path) -> None:
    run(elms, folder)
    run(elms, folder)
    with elms.context.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.action == "file.imported").order_by(AuditRow.number)
        ).all()
        assert [row.subject for row in rows] == list(NEW)
        assert rows[0].facts["new"] == 2
        assert len(rows[0].facts["sha256"]) == 64
        assert audit.verify_chain(session).broken_at is None


WRONG = {
    "educators.csv": (
        "license_number,name,email\n12,A,a@b\n123456,,c@d\n123457,B,no-address\n123458,C,c@d\n"
        "123458,D,d@e\n1234567,E\n",
        ["row 2: license_number:", "row 3: name: is empty", "row 4: email:",
         "row 6: the same as row 5", "row 7: 2 columns, the header has 3"],
    ),
    "licenses.csv": (
        "license_number,license_class,license_type,issued,valid_through\n"
        "421903,B,standard,07/01/2021,2026-06-30\n999999,A,standard,2021-07-01,2026-06-30\n",
        ["row 2: license_class:", "row 2: issued: write dates as 2026-11-30",
         "row 3: no educator has the license number 999999"],
    ),
    "documents.csv": (
        "license_number,application_type,submitted,name\n421903,renewal,1999-01-01,CEU credits\n",
        ["row 2: no such application; import applications first"],
    ),
    "activity.jsonl": (
        '{"license_number": 421903, "on": "2022-01-01", "event": "fee_paid"}\n[]\n{"license_nu\n'
        '{"license_number": "421903", "on": "2022-02-31", "event": "danced", "x": 1}\n',
        ["row 1: license_number:", "row 2: not a JSON object", "row 3: not a JSON object",
         "row 4: on:", "row 4: event:", "row 4: there is no column 'x'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_errors_are_reported_by_row_and_nothing_is_written(
    name: str, elms: Elms, tmp_path: Path
) -> None:
    text, words = WRONG[name]
    file = tmp_path / name
    file.write_text(text)
    before = counts(elms)
    with pytest.raises(ImportRefusedError) as refused:
        import_file(elms.context, kind_of(file), file)
    lines = str(refused.value).splitlines()
    assert lines[-1] == f"nothing in {name} was imported"
    assert len(lines) == len(words) + 1
    for line, expected in zip(lines, words, strict=False):
        assert line.startswith(f"{name} {expected}")
    assert counts(elms) == before


HEADERS = [
    ("license_number,name,mail\n", "there is no column 'mail'; did you mean email?"),
    ("license_number,name,name,email\n", "the column name occurs twice"),
    ("license_number,name\n", "the column email is missing"),
    ("", "the column license_number is missing"),
]


@pytest.mark.parametrize(
    ("status", "lost"),
    [
        ("RECEIVED", "received"),
        ("IN_REVIEW", "received"),
        ("REQUIREMENTS_SENT", "letter_sent"),
        ("DOCUMENT_RECEIVED", "document"),
        ("DOCUMENT_RECEIVED", "document_received"),
        ("ISSUED", "license_class"),
        ("ISSUED", "issued"),
        ("ISSUED", "valid_through"),
    ],
)
def test_facts_that_a_status_mentions_are_required(status: str, lost: str) -> None:
    row = {
        "license_number": "007001",
        "application_type": "renewal",
        "submitted": "2022-11-01",
        "received": "2022-11-03",
        "letter_sent": "2022-11-04",
        "document": "transcripts",
        "document_received": "2022-11-05",
        "license_class": "AA",
        "issued": "2022-11-06",
        "valid_through": "2027-06-30",
    }
    assert ApplicationRow.model_validate({**row, "status": status})
    assert ApplicationRow.model_validate({**row, "status": "READY_TO_ISSUE", lost: None})
    with pytest.raises(ValueError, match=f"{lost} is empty, but {status} requires it"):
        ApplicationRow.model_validate({**row, "status": status, lost: None})


@pytest.mark.parametrize(("text", "words"), HEADERS)
def test_a_wrong_header_is_one_line_of_error(
    text: str, words: str, elms: Elms, tmp_path: Path
) -> None:
    file = tmp_path / "educators.csv"
    file.write_text(text)
    with pytest.raises(ImportRefusedError) as refused:
        import_file(elms.context, kind_of(file), file)
    assert str(refused.value) == f"educators.csv: {words}"


def test_another_encoding_is_one_line_of_error(elms: Elms, tmp_path: Path) -> None:
    file = tmp_path / "educators.csv"
    file.write_bytes("license_number,name,email\n123456,José,j@example.org\n".encode("cp1252"))
    with pytest.raises(ImportRefusedError, match="not UTF-8"):
        import_file(elms.context, kind_of(file), file)


def test_hundreds_of_errors_are_counted(elms: Elms, tmp_path: Path) -> None:
    file = tmp_path / "educators.csv"
    file.write_text("license_number,name,email\n" + "x,A,a@b\n" * 300)
    with pytest.raises(ImportRefusedError) as refused:
        import_file(elms.context, kind_of(file), file)
    assert str(refused.value).splitlines()[-2:] == [
        "and 280 more",
        "nothing in educators.csv was imported",
    ]


@pytest.mark.parametrize("name", ["people.csv", "educators.xlsx", "educators"])
def test_a_file_of_unknown_kind_is_one_line_of_error(name: str) -> None:
    with pytest.raises(ImportRefusedError, match="name it after its contents"):
        kind_of(Path(name))


def test_a_license_number_that_is_a_sign_in_name_is_refused(elms: Elms, tmp_path: Path) -> None:
    with elms.context.database.write() as session:
        session.add(User(username="654321", display_name="Staff", role="supervisor"))
    file = tmp_path / "educators.csv"
    file.write_text("license_number,name,email\n123456,A,a@b\n654321,B,b@c\n")
    before = counts(elms)
    with pytest.raises(ImportRefusedError, match="nothing in it was imported"):
        import_file(elms.context, kind_of(file), file)
    assert counts(elms) == before


def test_the_templates_are_importable_and_explained(elms: Elms, tmp_path: Path) -> None:
    written = write_templates(tmp_path / "new")
    assert {file.name for file in written} == {
        *(f"{name}.csv" for name in NEW),
        "columns.md",
    }
    assert run(elms, tmp_path / "new") == dict.fromkeys(NEW, (0, 0, 0))
    explained = (tmp_path / "new" / "columns.md").read_text()
    for kind in KINDS:
        assert f"## {kind.name}" in explained
        assert all(f"| `{column}` |" in explained for column in kind.columns)
    assert "`IN_REVIEW`" in explained


def test_the_command_reports_its_changes_and_marks_a_dry_run(elms: Elms, folder: Path) -> None:
    where = ["--demo", "--database", elms.settings.database_url]
    foreseen = CliRunner().invoke(cli, ["import", str(folder), "--dry-run", *where])
    assert foreseen.exit_code == 0, foreseen.output
    assert "educators.csv: 2 rows; 2 would be new, 0 would be changed, 0 unchanged" in (
        foreseen.output
    )
    assert foreseen.output.strip().endswith("A dry run: nothing was written.")
    done = CliRunner().invoke(cli, ["import", str(folder), *where])
    assert "letters.jsonl: 1 row; 1 new, 0 changed, 0 unchanged" in done.output


def test_a_password_without_a_user_and_a_short_one_are_refused(elms: Elms) -> None:
    with pytest.raises(RuleError, match="unknown account 000000"):
        passwords.check_user(elms.context, "000000")
    with pytest.raises(RuleError, match="at least 12 characters"):
        passwords.set_password(elms.context, "421903", "short")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1,
                max_size=40).filter(lambda words: words.strip() == words)  # fmt: skip


@given(
    people=st.lists(
        st.tuples(st.from_regex(r"[0-9]{4,12}", fullmatch=True), WORDS),
        max_size=8,
        unique_by=lambda person: person[0],
    ),
    lines=st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_written_file_can_be_read(
    people: list[tuple[str, str]], lines: bool, tmp_path: Path
) -> None:
    out = io.StringIO(newline="")
    if lines:
        for number, name in people:
            row = {"license_number": number, "name": name, "email": "a@example.org"}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        writer = csv.writer(out)
        writer.writerow(["license_number", "name", "email"])
        writer.writerows([number, name, "a@example.org"] for number, name in people)
    file = tmp_path / ("educators.jsonl" if lines else "educators.csv")
    file.write_text(out.getvalue(), "utf-8", newline="")
    problems = Problems(file)
    found = [(row.values()["license_number"], row.values()["name"])
             for _, row, _ in read(file, kind_of(file), problems)]  # fmt: skip
    assert (problems.count, found) == (0, people)


def test_dates_have_no_time(elms: Elms, folder: Path) -> None:
    run(elms, folder)
    with elms.context.database.read() as session:
        received = select(RequiredDocument.received).join(Application).join(Educator)
        found = session.scalars(received.where(Educator.license_number == "007001")).one()
    assert found == date(2022, 11, 4)
