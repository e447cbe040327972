"""Call records that the backend could not take yet: kept as files, delivered later."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from bot.errors import BackendError
from bot.interfaces import Backend
from bot.records import CallRecord

RECORD = TypeAdapter(CallRecord)
"""Call records as JSON, both ways."""


class Spool:
    """A folder of undelivered records; nothing in it is lost when the process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, record: CallRecord) -> Path:
        """Write a record so that it is either whole or absent."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{record.call_id}.json"
        part = path.with_suffix(".part")
        part.write_bytes(RECORD.dump_json(record))
        part.replace(path)
        return path

    async def deliver(self, backend: Backend) -> int:
        """Hand what is kept to the backend; returns how many went. Stops at the first fault."""
        delivered = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                await backend.store_call(RECORD.validate_json(path.read_bytes()))
            except BackendError:
                break
            path.unlink()
            delivered += 1
        return delivered
