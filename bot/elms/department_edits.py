"""Applies the prompts and office hours that the department edited, on top of files and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.elms.login import SECRET_FIELDS
from bot.elms.prompt_contract import SAID
from bot.elms.requests import Service
from bot.elms.spoken_facts import spoken_facts
from bot.errors import PromptError
from bot.prompts.prompts import Prompts
from bot.settings import Hours, Settings

Texts = Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class EditedPrompts:
    """Compiles edited texts once for all calls, and again once they or the office hours in them
    change."""

    settings: Settings
    shipped: Prompts
    """The prompts of the files, used whenever the edited ones cannot be spoken."""
    fault: str | None = None
    """The reason why the edited texts are not used; None if they are."""
    _edited: tuple[Texts, Hours] | None = field(default=None, init=False)
    _compiled: Prompts = field(init=False)

    def of(self, service: Service | None, settings: Settings) -> Prompts:
        """Return the prompts for a call that begins now; the settings have today's hours."""
        edited = (service.prompts if service is not None else {}, settings.hours)
        if edited != self._edited:
            self._edited, self._compiled = edited, self._compile(edited[0], settings)
        return self._compiled

    def _compile(self, texts: Texts, settings: Settings) -> Prompts:
        self.fault = None
        try:
            changed = self._with_facts(settings).changed(texts)
            changed.check(SAID)
        except PromptError as error:
            self.fault = str(error)
            return self.shipped
        return changed

    def _with_facts(self, settings: Settings) -> Prompts:
        """Return the prompts of the files with the office hours of these settings."""
        if settings.hours == self.settings.hours:
            return self.shipped
        return Prompts.load(settings.prompts, spoken_facts(settings), SECRET_FIELDS)


def with_hours(settings: Settings, service: Service | None) -> Settings:
    """Return settings with the department's office hours, if it edited them and they are valid."""
    told = service.hours if service is not None else None
    if told is None or not told.weekdays or told.opens >= told.closes:
        return settings
    changes = {"opens": told.opens, "closes": told.closes, "weekdays": told.weekdays}
    hours = settings.hours.model_copy(update=changes)
    return settings.model_copy(update={"hours": hours})
