"""The state machine of one collect, without clock, engine, or line: events in, actions out.

All times are milliseconds of the caller's audio. The actions pause, resume, or stop the prompt, and
ask the recognizers for their result; once ``result`` is set, the collect is over.
"""

from __future__ import annotations

import math
from dataclasses import replace

from bot.grammar import Answer
from bot.hearing.attention import Attention
from bot.hearing.confidence import Sound
from bot.hearing.observation import Observation
from bot.hearing.result import MorePasses, RecognitionResult
from bot.turn.actions import Action, Actions, Recognize
from bot.turn.bargein import Bargein, Stage, caller_levels, gated
from bot.turn.endpoint_delay import silence_after
from bot.turn.endpointer import End, Endpointer
from bot.turn.entry import Entry
from bot.turn.key_timer import FullEntry, KeyRun, KeyTimer, ends_entry
from bot.turn.lull import Lull
from bot.turn.options import CollectOptions
from bot.turn.states import TurnStates, key_state, speech_state
from bot.turn.timeline import TurnTimeline
from bot.types import (
    UNIVERSAL,
    HungUp,
    Hypothesis,
    Interpretation,
    Match,
    NoInput,
    NoMatch,
    Result,
)

TTY = "tty"
"""Value of the universal command that stands for a text telephone."""


class TurnMachine:
    """Takes events in the order of their times until ``result`` is set.

    It has many attributes because it couples the machines of ``bot.turn.states``: an event in one
    of them changes what the others do.
    """

    def __init__(
        self,
        options: CollectOptions,
        *,
        start_ms: int,
        playing: bool,
        caller_db: float | None = None,
    ) -> None:
        self.options = options
        self._grammars = options.grammars
        self._properties = options.properties
        self._parameters = options.parameters
        self._caller_db = caller_db
        self._entry = self._another_entry()
        self._endpointer = self._another_endpointer()
        self._keys = KeyTimer(options.properties, self._parameters.keys)
        self._run = KeyRun(options.after, self._parameters.keys, secret=options.secret)
        self._bargein = Bargein(self._parameters.bargein) if playing else None
        self._quiet_since_ms = start_ms
        self._speech_ms = 0
        self._snr_db = 0.0
        self._guess: tuple[str, ...] = ()
        self._guess_answer = self._entry.answer()
        self._doubted: tuple[str, ...] | None = None
        self._complete = False
        self._due_ms: int | None = None
        self._lull = Lull(options, self._needs_at_pause)
        self._waiting_key: str | None = None
        self.log = TurnTimeline(start_ms, secret=options.secret, hearing=options.hearing)
        self.peak_db: float | None = None
        self.full: FullEntry | None = None
        self.result: Result | None = None

    @property
    def attention(self) -> Attention:
        """How the listener should treat the next piece of audio.

        Once an entry is due or over, the recognizers get no more audio. During a prompt, only sound
        at the caller's level may be speech.
        """
        levels = (-math.inf, -math.inf)
        if self._prompt is Stage.PLAYING:
            by, least_db = self._parameters.bargein, self._properties.bargein_level_db
            levels = caller_levels(self._caller_db, least_db, by)
        return Attention(
            self._endpointer.listening and self._due_ms is None and not self._lull.lasts,
            self._believed_answer is Answer.MAX and self._prompt is Stage.STOPPED,
            self._prompt is not Stage.STOPPED and not self._properties.bargein,
            *levels,
        )

    @property
    def entry(self) -> Entry:
        """The entry so far."""
        return self._entry

    def reopen(self) -> None:
        """Let the caller add to an entry that was already answered."""
        self.result, self._bargein = None, None

    @property
    def states(self) -> TurnStates:
        """The current states of prompt, speech, and keys."""
        return TurnStates(
            self._prompt,
            speech_state(self._endpointer.started, self._due_ms is not None),
            key_state(self._waiting_key is not None, self._keys.running),
        )

    @property
    def _prompt(self) -> Stage:
        return Stage.STOPPED if self._bargein is None else self._bargein.stage

    # -- events ---------------------------------------------------------------------------

    def on_audio(self, seen: Observation) -> Actions:
        """Handle a piece of the caller's audio, as detector and recognizer heard it."""
        self.log.now_ms = seen.at_ms
        attention = self.attention
        if attention.deaf:
            return self._timers()
        near = attention.may_be_speech(seen.level_db, seen.noise_db)
        seen = gated(seen, self._prompt, self._parameters.endpointer.on, near=near)
        if seen.partial != self._guess:
            self._guess, self._guess_answer = seen.partial, self._entry.answer(seen.partial)
            self.log.partial(seen.partial)
        was_started = self._endpointer.started
        end = self._endpointer.observe(seen, self._believed_answer)
        if self._endpointer.started and not was_started:
            self._keys.stop()
            self.log.speech_starts(seen)
        actions = self._two_stages(seen)
        if self._prompt is not Stage.STOPPED:
            return actions + self._lulls(seen)
        if self._due_ms is not None and end is not End.TOO_LONG and self._endpointer.silent_ms:
            return actions + self._when_due()
        self._due_ms = None
        self._complete = end is End.COMPLETE
        if self._complete:
            return (*actions, self._look())
        if end is None:
            look = (self._look(),) if self._endpointer.pauses(self._believed_answer) else ()
            return actions + (look or self._lulls(seen)) + self._timers()
        self.log.end_of_speech(end, self._endpointer)
        return actions + self._finish()

    def on_key(self, key: str, at_ms: int) -> Actions:
        """Handle a key, which stops the prompt and ends a spoken part; it may be typed ahead."""
        self.log.now_ms = max(at_ms, self.log.now_ms)
        alone = self._grammars.match("dtmf", (key,))
        if self._ends_nothing(key, at_ms, meant=alone.answer.complete):
            self._run.ends()
            self.log.note("terminator without an entry: left over, ignored")
            return ()
        if not self._run.takes(at_ms, alone):
            self.log.note("key of too long an entry: ignored")
            return ()
        self.log.key()
        stop = self._silence()
        if self._endpointer.started:
            self._waiting_key = key
            return stop + self._finish()
        return stop + self._add_key(key)

    def on_text(self, utterance: str, at_ms: int) -> Actions:
        """Handle an utterance as text: keys if it has only those, otherwise words. Empty text means
        silence, because no time passes on a line without audio."""
        self.log.now_ms = at_ms
        tokens = utterance.lower().split()
        if not tokens:
            self._done(NoInput())
            return self._silence()
        entry = self._another_entry()
        if not entry.add_text(tokens):
            return ()
        self._done(entry.result(Sound()))
        return self._silence()

    def on_tty(self, at_ms: int) -> Actions:
        """Handle a text telephone: it is a command, whatever the question was."""
        self.log.now_ms = at_ms
        self.log.note("text telephone heard")
        self._entry.left_out = True
        self._done(Match((Interpretation(TTY, TTY, 1.0, "voice", UNIVERSAL),)))
        return self._silence()

    def on_prompt_end(self, at_ms: int) -> Actions:
        """Handle the end of the prompt: the caller has heard all of it."""
        self._bargein, self._quiet_since_ms = None, at_ms
        self.log.prompt_ends(at_ms)
        return ()

    def on_hangup(self, at_ms: int) -> Actions:
        """Handle the end of the call by the caller."""
        self.log.now_ms = at_ms
        self._done(HungUp())
        return ()

    # -- recognition ----------------------------------------------------------------------

    def _lulls(self, seen: Observation) -> Actions:
        return self._lull.at(seen, self._endpointer, self._believed_answer, self._prompt)

    def _look(self) -> Recognize:
        """Recognize the utterance so far; it may continue after that."""
        self._lull.lasts = False
        return Recognize(self._needs_at_pause, self._at_pause)

    def _finish(self) -> Actions:
        """End the utterance."""
        return (Recognize(self._needs, self._at_end, last=True),)

    def _needs(self, heard: RecognitionResult) -> MorePasses:
        if heard.filler_path is None:
            return replace(self.options.confidence.asks(None), fillers=True)
        return self.options.confidence.asks(self._best(heard))

    def _needs_at_pause(self, heard: RecognitionResult) -> MorePasses:
        """Return no more passes if this result cannot end the utterance."""
        if heard.filler_path is None and not self._may_end(heard):
            return MorePasses()
        more = self._needs(heard)
        waits = not more.rescorer or self._ends_after(heard, self._best(heard)) is None
        return replace(more, waits=waits)  # otherwise it has the rest of the silence to finish

    def _may_end(self, heard: RecognitionResult) -> bool:
        """Return True if this result ends the utterance if it is believed. A fused one may, because
        the first model's did."""
        return self._complete or heard.fused or any(map(self._completes, heard.alternatives))

    def _at_pause(self, heard: RecognitionResult) -> Actions:
        """Handle the result after a short silence, which may end the utterance.

        A complete entry ends it once the silence is long enough for the entry's confidence. Below
        ``believed``, the caller may continue, as after an incomplete entry. If only a lower-ranked
        alternative is complete, it must be ``likely``.
        """
        if not self._may_end(heard):
            return ()
        best, first = self._best(heard), self._complete or self._completes(heard.alternatives[0])
        if best is None and first:
            return self._complete_now()
        self._due_ms = self._ends_after(heard, best)
        if self._due_ms is not None:
            return self._when_due()
        sure = best.confidence if best else 1.0
        if first and sure < self._parameters.endpoint_delay.believed:
            self.log.note(f"complete, but hardly meant ({sure:.2f}): listening on")
            self._doubted = self._guess
        return ()

    def _at_end(self, heard: RecognitionResult) -> Actions:
        """Handle the result of the whole utterance, which becomes a part of the entry."""
        speech, self._endpointer = self._endpointer, self._another_endpointer()
        least = self._parameters.utterance
        guess, self._guess = self._guess, ()
        self._doubted, self._complete, self._due_ms = None, False, None
        key, self._waiting_key = self._waiting_key, None
        spoken = speech.speech_ms >= least.least_word_ms and self._entry.add_spoken(heard)
        self.log.recognized(heard)
        if spoken:
            self._speech_ms += speech.speech_ms
            self._snr_db = speech.peak_db - speech.noise_db
            self.peak_db = speech.peak_db
            self.log.spoken(speech)
        if key is not None:
            return self._add_key(key)
        if not spoken and speech.speech_ms < least.least_speech_ms:
            self.log.note(f"{speech.speech_ms} ms of sound without words: noise")
            self._guess_answer = self._entry.answer()
            if not self._entry.empty:
                self._press()
            return ()
        self._done(self._entry.result(self._sound(), guess))
        return self._silence()

    def _when_due(self) -> Actions:
        """Finish once the required silence has passed. If the silence was found by level while the
        detector still reports noise as speech, it has passed already."""
        silent_ms = self._endpointer.silent_ms
        if self._due_ms is None or 0 < silent_ms < self._due_ms:
            return ()
        return self._complete_now()

    def _complete_now(self) -> Actions:
        self.log.end_of_speech(End.COMPLETE, self._endpointer)
        return self._finish()

    def _best(self, heard: RecognitionResult) -> Interpretation | None:
        return self._entry.best(heard, self._sound_so_far(), self._guess)

    def _ends_after(self, heard: RecognitionResult, best: Interpretation | None) -> int | None:
        """Return the silence in ms that ends this entry; None if no short one does."""
        sure, complete_ms = best.confidence if best else 0.0, self._properties.complete_timeout_ms
        first = self._complete or self._completes(heard.alternatives[0])
        return silence_after(sure, complete_ms, first=first, by=self._parameters.endpoint_delay)

    def _completes(self, heard: Hypothesis) -> bool:
        return self._entry.answer(heard.words) is Answer.MAX

    @property
    def _believed_answer(self) -> Answer:
        """How complete the entry is; one that was not believed may continue."""
        doubted = self._guess_answer is Answer.MAX and self._guess == self._doubted
        return Answer.MATCH if doubted else self._guess_answer

    def _two_stages(self, seen: Observation) -> Actions:
        bargein = self._bargein
        if bargein is None or not self._endpointer.started:
            return ()
        if bargein.speech(seen.at_ms):
            self.log.note("prompt paused: sound that may be the caller")
            return (Action.PAUSE_PROMPT,)
        if bargein.word_held(self._endpointer.word_held_ms):
            self.log.note("prompt stopped: a word was held")
            self.log.barged_in()
            self._quiet_since_ms = seen.at_ms
            return (Action.STOP_PROMPT,)
        if not seen.partial and bargein.nothing(seen.at_ms, self._endpointer.silent_ms):
            self.log.note("prompt resumed: no word")
            self._endpointer = self._another_endpointer()
            return (Action.DISCARD, Action.RESUME_PROMPT)
        return ()

    def _silence(self) -> Actions:
        """Stop the prompt if it still plays."""
        if self._bargein is None or not self._bargein.stop():
            return ()
        self.log.barged_in()
        self._quiet_since_ms = self.log.now_ms
        return (Action.STOP_PROMPT,)

    def _ends_nothing(self, key: str, pressed_ms: int, *, meant: bool) -> bool:
        """Return True for a terminator without an entry; ``meant`` if it matches a grammar, too."""
        alone = self._entry.empty and ends_entry(key, self._properties)
        before = self._run.may_end_before(pressed_ms, self.log.start_ms, self._properties)
        return alone and (before or self._endpointer.started or not meant)

    def _add_key(self, key: str) -> Actions:
        if not self._entry.empty and ends_entry(key, self._properties):
            self._done(self._entry.result(self._sound()))
            return ()
        self._entry.add_key(key)
        self._press()
        return self._timers()

    def _press(self) -> None:
        """Start the key timer: another key, or speech, may follow."""
        self._guess_answer = self._entry.answer()
        wait = self._parameters.utterance.mixed_wait_ms if self._entry.doubtful else 0
        self._keys.pressed(self.log.now_ms, self._guess_answer, wait)

    def _timers(self) -> Actions:
        """Handle the time-outs of keys and of silence."""
        if self._endpointer.started:
            return ()
        if self._keys.over(self.log.now_ms):
            self.log.note(f"keys: {self._guess_answer.value}, waited long enough")
            self._done(self._entry.result(self._sound()))
            if self._grammars.of_digits and self._guess_answer is Answer.MAX:
                self.full = self._run.full()
        elif self._no_input:
            self.log.note(f"no input for {self._properties.timeout_ms} ms")
            self._done(NoInput())
        return ()

    @property
    def _no_input(self) -> bool:
        quiet_ms = self.log.now_ms - self._quiet_since_ms
        asked = self._entry.empty and self._prompt is Stage.STOPPED
        return asked and quiet_ms >= self._properties.timeout_ms

    def _sound(self) -> Sound:
        return Sound(self._speech_ms, self._snr_db)

    def _sound_so_far(self) -> Sound:
        """Measurements including the current utterance."""
        heard = self._endpointer
        return Sound(self._speech_ms + heard.speech_ms, heard.peak_db - heard.noise_db)

    def _another_entry(self) -> Entry:
        asked = self.options
        return Entry(asked.grammars, asked.max_nbest, asked.confidence, asked.parameters.entry)

    def _another_endpointer(self) -> Endpointer:
        return Endpointer(self._properties, self._parameters.endpointer)

    def _done(self, result: Result) -> None:
        self.log.decided()
        if isinstance(result, NoMatch) and self._run.typed_on:
            result = replace(result, typed_on=True)
        self.result = result
