"""One collect without clock, engine or line: what arrives goes in, what is to be done comes out.

Everything counts in milliseconds of the caller's audio. The machine asks the prompt to pause,
resume or stop, and the recognizers for what they heard; once ``result`` is set, the collect is
over.
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
"""The value of the universal command that a text telephone gives."""


class TurnMachine:
    """Takes events in the order of their times until ``result`` is set.

    It has many attributes because it couples the machines of ``bot.turn.states``: what one of them
    sees decides what the others do.
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
        """How the listener is to treat the next piece of audio.

        Once an entry is due or over, the recognizers get no more of it. Over a prompt, only sound
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
        """What was entered so far."""
        return self._entry

    def reopen(self) -> None:
        """The entry was answered, and its caller may go on."""
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

    # -- what arrives ---------------------------------------------------------------------

    def on_audio(self, seen: Observation) -> Actions:
        """A piece of the caller's audio, through detector and recognizer."""
        self.log.now_ms = seen.at_ms
        attention = self.attention
        if attention.deaf:
            return self._timers(seen.at_ms)
        near = attention.may_be_speech(seen.level_db, seen.noise_db)
        seen = gated(seen, self._prompt, self._parameters.endpointer.on, near=near)
        if seen.partial != self._guess:
            self._guess, self._guess_answer = seen.partial, self._entry.answer(seen.partial)
            self.log.partial(seen.at_ms, seen.partial)
        was_started = self._endpointer.started
        end = self._endpointer.observe(seen, self._believed_answer)
        if self._endpointer.started and not was_started:
            self._keys.stop()
            self.log.speech_starts(seen.at_ms - seen.duration_ms, seen.level_db, seen.noise_db)
        actions = self._two_stages(seen)
        if self._prompt is not Stage.STOPPED:
            return actions + self._lulls(seen)
        if self._due_ms is not None and end is not End.TOO_LONG and self._endpointer.silent_ms:
            return actions + self._when_due(seen.at_ms)
        self._due_ms = None
        self._complete = end is End.COMPLETE
        if self._complete:
            return (*actions, self._look())
        if end is None:
            look = (self._look(),) if self._endpointer.pauses(self._believed_answer) else ()
            return actions + (look or self._lulls(seen)) + self._timers(seen.at_ms)
        self.log.end_of_speech(seen.at_ms, end, self._endpointer)
        return actions + self._finish()

    def on_key(self, key: str, at_ms: int) -> Actions:
        """A key: stops the prompt at once, and ends a spoken part. It may have been typed ahead."""
        pressed_ms, at_ms = at_ms, max(at_ms, self.log.now_ms)
        alone = self._grammars.match("dtmf", (key,))
        if self._ends_nothing(key, pressed_ms, meant=alone.answer.complete):
            self._run.ends()
            self.log.note(at_ms, "terminator without an entry: left over, ignored")
            return ()
        if not self._run.takes(pressed_ms, alone):
            self.log.note(at_ms, "key of too long an entry: ignored")
            return ()
        self.log.key(at_ms)
        stop = self._silence(at_ms)
        if self._endpointer.started:
            self._waiting_key = key
            return stop + self._finish()
        return stop + self._add_key(key, at_ms)

    def on_text(self, utterance: str, at_ms: int) -> Actions:
        """A whole utterance as text: keys where it has nothing else, words otherwise. An empty one
        is silence: on a line without audio no time passes that could say so."""
        tokens = utterance.lower().split()
        if not tokens:
            self._done(at_ms, NoInput())
            return self._silence(at_ms)
        entry = self._another_entry()
        if not entry.add_text(tokens):
            return ()
        self._done(at_ms, entry.result(Sound()))
        return self._silence(at_ms)

    def on_tty(self, at_ms: int) -> Actions:
        """The caller types on a text telephone: a command of its own, whatever was asked."""
        self.log.note(at_ms, "text telephone heard")
        self._entry.left_out = True
        self._done(at_ms, Match((Interpretation(TTY, TTY, 1.0, "voice", UNIVERSAL),)))
        return self._silence(at_ms)

    def on_prompt_end(self, at_ms: int) -> Actions:
        """Everything that was queued has been heard by the caller."""
        self._bargein, self._quiet_since_ms = None, at_ms
        self.log.prompt_ends(at_ms)
        return ()

    def on_hangup(self, at_ms: int) -> Actions:
        """The caller is gone."""
        self._done(at_ms, HungUp())
        return ()

    # -- what was heard -------------------------------------------------------------------

    def _lulls(self, seen: Observation) -> Actions:
        return self._lull.at(seen, self._endpointer, self._believed_answer, self._prompt)

    def _look(self) -> Recognize:
        """Look at what was heard; the utterance may go on after it."""
        self._lull.lasts = False
        return Recognize(self._needs_at_pause, self._at_pause)

    def _finish(self) -> Actions:
        """The utterance is over."""
        return (Recognize(self._needs, self._at_end, last=True),)

    def _needs(self, heard: RecognitionResult) -> MorePasses:
        if heard.filler_path is None:
            return replace(self.options.confidence.asks(None), fillers=True)
        return self.options.confidence.asks(self._best(heard))

    def _needs_at_pause(self, heard: RecognitionResult) -> MorePasses:
        """Nobody else hears what cannot end the utterance."""
        if heard.filler_path is None and not self._may_end(heard):
            return MorePasses()
        more = self._needs(heard)
        waits = not more.rescorer or self._ends_after(heard, self._best(heard)) is None
        return replace(more, waits=waits)  # else it has the rest of the silence

    def _may_end(self, heard: RecognitionResult) -> bool:
        """Whether this ends it if it is believed; what two models heard may for the first."""
        return self._complete or heard.fused or any(map(self._completes, heard.alternatives))

    def _at_pause(self, heard: RecognitionResult, at_ms: int) -> Actions:
        """What was heard by a short silence: it may end the utterance.

        A complete entry is answered as soon as the silence is long enough for how sure it is, if it
        is not one that hardly can have been meant. Then the caller may go on, as in an incomplete
        one. Behind an alternative that is none, an entry must be likely.
        """
        if not self._may_end(heard):
            return ()
        best, first = self._best(heard), self._complete or self._completes(heard.alternatives[0])
        if best is None and first:
            return self._complete_at(at_ms)
        self._due_ms = self._ends_after(heard, best)
        if self._due_ms is not None:
            return self._when_due(at_ms)
        sure = best.confidence if best else 1.0
        if first and sure < self._parameters.endpoint_delay.believed:
            self.log.note(at_ms, f"complete, but hardly meant ({sure:.2f}): listening on")
            self._doubted = self._guess
        return ()

    def _at_end(self, heard: RecognitionResult, at_ms: int) -> Actions:
        """What was heard of the whole utterance: it is a part of the entry."""
        speech, self._endpointer = self._endpointer, self._another_endpointer()
        least = self._parameters.utterance
        guess, self._guess = self._guess, ()
        self._doubted, self._complete, self._due_ms = None, False, None
        key, self._waiting_key = self._waiting_key, None
        spoken = speech.speech_ms >= least.least_word_ms and self._entry.add_spoken(heard)
        self.log.recognized(at_ms, heard)
        if spoken:
            self._speech_ms += speech.speech_ms
            self._snr_db = speech.peak_db - speech.noise_db
            self.peak_db = speech.peak_db
            self.log.spoken(speech)
        if key is not None:
            return self._add_key(key, at_ms)
        if not spoken and speech.speech_ms < least.least_speech_ms:
            self.log.note(at_ms, f"{speech.speech_ms} ms of sound without words: noise")
            self._guess_answer = self._entry.answer()
            if not self._entry.empty:
                self._press(at_ms)
            return ()
        self._done(at_ms, self._entry.result(self._sound(), guess))
        return self._silence(at_ms)

    # -- inside ---------------------------------------------------------------------------

    def _when_due(self, at_ms: int) -> Actions:
        """An entry that is complete ends with its silence. Where it is level that says so, and the
        detector hears the noise behind the caller, that silence was long enough already."""
        silent_ms = self._endpointer.silent_ms
        if self._due_ms is None or 0 < silent_ms < self._due_ms:
            return ()
        return self._complete_at(at_ms)

    def _complete_at(self, at_ms: int) -> Actions:
        self.log.end_of_speech(at_ms, End.COMPLETE, self._endpointer)
        return self._finish()

    def _best(self, heard: RecognitionResult) -> Interpretation | None:
        return self._entry.best(heard, self._sound_so_far(), self._guess)

    def _ends_after(self, heard: RecognitionResult, best: Interpretation | None) -> int | None:
        """The silence that ends this entry; None where no short one does."""
        sure, complete_ms = best.confidence if best else 0.0, self._properties.complete_timeout_ms
        first = self._complete or self._completes(heard.alternatives[0])
        return silence_after(sure, complete_ms, first=first, by=self._parameters.endpoint_delay)

    def _completes(self, heard: Hypothesis) -> bool:
        return self._entry.answer(heard.words) is Answer.MAX

    @property
    def _believed_answer(self) -> Answer:
        """How complete the entry is; one that was not believed may go on."""
        doubted = self._guess_answer is Answer.MAX and self._guess == self._doubted
        return Answer.MATCH if doubted else self._guess_answer

    def _two_stages(self, seen: Observation) -> Actions:
        bargein = self._bargein
        if bargein is None or not self._endpointer.started:
            return ()
        if bargein.speech(seen.at_ms):
            self.log.note(seen.at_ms, "prompt paused: sound that may be the caller")
            return (Action.PAUSE_PROMPT,)
        if bargein.word_held(self._endpointer.word_held_ms):
            self.log.note(seen.at_ms, "prompt stopped: a word was held")
            self.log.barged_in(seen.at_ms)
            self._quiet_since_ms = seen.at_ms
            return (Action.STOP_PROMPT,)
        if not seen.partial and bargein.nothing(seen.at_ms, self._endpointer.silent_ms):
            self.log.note(seen.at_ms, "prompt resumed: no word")
            self._endpointer = self._another_endpointer()
            return (Action.DISCARD, Action.RESUME_PROMPT)
        return ()

    def _silence(self, at_ms: int) -> Actions:
        """Stop a prompt that still plays."""
        if self._bargein is None or not self._bargein.stop():
            return ()
        self.log.barged_in(at_ms)
        self._quiet_since_ms = at_ms
        return (Action.STOP_PROMPT,)

    def _ends_nothing(self, key: str, pressed_ms: int, *, meant: bool) -> bool:
        """Whether this is the terminator, without an entry; ``meant``: a grammar means it, too."""
        alone = self._entry.empty and ends_entry(key, self._properties)
        before = self._run.may_end_before(pressed_ms, self.log.start_ms, self._properties)
        return alone and (before or self._endpointer.started or not meant)

    def _add_key(self, key: str, at_ms: int) -> Actions:
        if not self._entry.empty and ends_entry(key, self._properties):
            self._done(at_ms, self._entry.result(self._sound()))
            return ()
        self._entry.add_key(key)
        self._press(at_ms)
        return self._timers(at_ms)

    def _press(self, at_ms: int) -> None:
        """Start the key timer: another key, or speech, may follow."""
        self._guess_answer = self._entry.answer()
        wait = self._parameters.utterance.mixed_wait_ms if self._entry.doubtful else 0
        self._keys.pressed(at_ms, self._guess_answer, wait)

    def _timers(self, at_ms: int) -> Actions:
        """Time-outs of keys and of silence."""
        if self._endpointer.started:
            return ()
        if self._keys.over(at_ms):
            self.log.note(at_ms, f"keys: {self._guess_answer.value}, waited long enough")
            self._done(at_ms, self._entry.result(self._sound()))
            if self._grammars.of_digits and self._guess_answer is Answer.MAX:
                self.full = self._run.full()
        elif self._waiting and at_ms - self._quiet_since_ms >= self._properties.timeout_ms:
            self.log.note(at_ms, f"no input for {self._properties.timeout_ms} ms")
            self._done(at_ms, NoInput())
        return ()

    @property
    def _waiting(self) -> bool:
        return self._entry.empty and self._prompt is Stage.STOPPED

    def _sound(self) -> Sound:
        return Sound(self._speech_ms, self._snr_db)

    def _sound_so_far(self) -> Sound:
        """With what is being spoken now."""
        heard = self._endpointer
        return Sound(self._speech_ms + heard.speech_ms, heard.peak_db - heard.noise_db)

    def _another_entry(self) -> Entry:
        asked = self.options
        return Entry(asked.grammars, asked.max_nbest, asked.confidence, asked.parameters.entry)

    def _another_endpointer(self) -> Endpointer:
        return Endpointer(self._properties, self._parameters.endpointer)

    def _done(self, at_ms: int, result: Result) -> None:
        self.log.decided(at_ms)
        if isinstance(result, NoMatch) and self._run.typed_on:
            result = replace(result, typed_on=True)
        self.result = result
