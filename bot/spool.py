"""Call records that the backend could not take yet: kept as files, delivered later."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.errors import BackendError
from bot.interfaces import Backend
from bot.records import CallRecord
from bot.telemetry import log_fault

RECORD = TypeAdapter(CallRecord)
"""Call records as JSON, both ways."""

UNKEPT = "error.record.unkept"
DAMAGED = "error.record.damaged"


class Spool:
    """A folder of undelivered records; nothing in it is lost when the process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, record: CallRecord) -> Path | None:
        """Write a record so that it is either whole or absent; None where it cannot be kept.

        The call is over by then, and the next one must not fail for it: the log has the fault.
        """
        path = self._folder / f"{record.call_id}.json"
        part = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(RECORD.dump_json(record))
            part.replace(path)
        except OSError as error:
            log_fault(record.call_id, UNKEPT, type(error).__name__)
            return None
        return path

    async def deliver(self, backend: Backend) -> int:
        """Hand what is kept to the backend; returns how many went. Stops at the first fault.

        A file that is no record is set aside with the ending ``.damaged``.
        """
        delivered = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                record = RECORD.validate_json(path.read_bytes())
            except ValidationError:
                path.replace(path.with_suffix(".damaged"))
                log_fault(path.stem, DAMAGED, "ValidationError")
                continue
            try:
                await backend.store_call(record)
            except BackendError:
                break
            path.unlink()
            delivered += 1
        return delivered
