"""Prompts and office hours as the department edited them, on top of files and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.elms.prompt_contract import SAID
from bot.elms.requests import OpenHours, Service
from bot.errors import PromptError
from bot.prompts.prompts import Prompts
from bot.settings import Hours


@dataclass(slots=True)
class EditedPrompts:
    """Compiles edited texts once for all calls until they are edited again."""

    shipped: Prompts
    """Those of the files, which are said wherever edited ones cannot be."""
    _texts: Mapping[str, tuple[str, ...]] | None = None
    _compiled: Prompts | None = None
    fault: str | None = None
    """Why the edited texts are not said, if they are not."""

    def of(self, service: Service | None) -> Prompts:
        """The prompts of a call that begins now."""
        texts = service.prompts if service is not None else {}
        if self._compiled is None or texts != self._texts:
            self._texts, self._compiled = texts, self._compile(texts)
        return self._compiled

    def _compile(self, texts: Mapping[str, tuple[str, ...]]) -> Prompts:
        self.fault = None
        try:
            changed = self.shipped.changed(texts)
            changed.check(SAID)
        except PromptError as error:
            self.fault = str(error)
            return self.shipped
        return changed


def hours_of(settings: Hours, service: Service | None) -> Hours:
    """The office hours of a call: the department's, or those of the settings."""
    told: OpenHours | None = service.hours if service is not None else None
    if told is None or not told.weekdays or told.opens >= told.closes:
        return settings
    changes = {"opens": told.opens, "closes": told.closes, "weekdays": told.weekdays}
    return settings.model_copy(update=changes)
