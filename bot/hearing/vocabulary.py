"""Makes the grammar sets of collects, reduced to the words that the acoustic model knows."""

from __future__ import annotations

from bot.grammar import ActiveGrammars, Grammars
from bot.hearing.ensemble import Member
from bot.types import UNKNOWN


class Vocabulary:
    """Caches grammar sets by their URIs. A model with fillers gets no ``[unk]``: the fillers judge
    afterward, and lose no digit.
    """

    def __init__(self, grammars: Grammars, model: Member) -> None:
        self._grammars = grammars
        self._recognizer = model.recognizer
        self._has_fillers = bool(model.fillers)
        self._made: dict[tuple[str, ...], ActiveGrammars] = {}

    def lacking(self) -> tuple[str, ...]:
        """Words of the grammars that the model does not know, and so cannot recognize."""
        grammars = [self._grammars.get(f"{name}.grxml") for name in self._grammars.names]
        words = sorted({word for one in grammars for word in ActiveGrammars([one]).words()})
        return self._recognizer.missing(words)

    def active(self, uris: tuple[str, ...]) -> ActiveGrammars:
        """Return the set of these grammars, the field's own first. Raises GrammarError."""
        if uris not in self._made:
            pairs = [self._grammars.get(uri) for uri in uris]
            whole = ActiveGrammars(pairs, asides=self._grammars.asides)
            missing = self._recognizer.missing(whole.words())
            if self._has_fillers:
                missing = (*missing, UNKNOWN)
            self._made[uris] = whole.without(missing) if missing else whole
        return self._made[uris]
