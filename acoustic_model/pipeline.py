"""The stages from recordings to a judged model, each skipped where its inputs did not change.

Everything lies below one folder: ``corpus-recordings`` and ``corpus-voices`` (prepared audio),
``runs/NAME`` (training), ``candidates/NAME`` (exported models with ``figures.json`` beside their
files). A stage notes the hash of what it read in ``stamps.json``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from rich.progress import Progress

from acoustic_model import calibration, evaluation, training
from acoustic_model.corpus import Corpus
from acoustic_model.engines import Voice
from acoustic_model.errors import TrainingError
from acoustic_model.export import Costs, to_nnet3, write_model
from acoustic_model.feeding import Feeder
from acoustic_model.fillers import filler_phrases, with_all_fillers
from acoustic_model.lexicon import UNKNOWN, WORDS, lexicon
from acoustic_model.mixing import Mixer
from acoustic_model.network import Shape
from acoustic_model.recordings import prepare_recordings
from acoustic_model.rendering import Load
from acoustic_model.sources import Source, read_source
from acoustic_model.training import Earlier, Recipe, Run, trained_network
from acoustic_model.voice_table import VOICES
from acoustic_model.voices import available, plan, prepare_voices

VOCABULARY = frozenset(WORDS) - {UNKNOWN}
JUDGED_SOURCES = frozenset({"an4-dev"})
"""Left out of training unless `everyone` is asked for: these speakers are judged."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stages keep their work."""

    folder: Path

    @property
    def recordings(self) -> Path:
        """The corpus of recordings."""
        return self.folder / "corpus-recordings"

    @property
    def voices(self) -> Path:
        """The corpus of synthetic voices."""
        return self.folder / "corpus-voices"

    def run(self, name: str) -> Path:
        """A training run."""
        return self.folder / "runs" / name

    def candidate(self, name: str) -> Path:
        """An exported model."""
        return self.folder / "candidates" / name

    def corpora(self) -> tuple[Path, ...]:
        """Those prepared corpora that are there; at least one."""
        found = tuple(each for each in (self.recordings, self.voices) if each.is_dir())
        if not found:
            raise TrainingError(f"{self.folder} holds no corpus; prepare it first")
        return found

    def is_current(self, stage: str, key: str) -> bool:
        """Whether the stage was last done with inputs of that hash."""
        return self._stamps().get(stage) == key

    def stamp(self, stage: str, key: str) -> None:
        """Notes that the stage is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stamps = json.dumps({**self._stamps(), stage: key}, indent=1)
        partial = self.folder / ".stamps.partial"
        partial.write_text(stamps, encoding="utf-8")
        partial.replace(self.folder / "stamps.json")

    def _stamps(self) -> dict[str, str]:
        try:
            stamps = json.loads((self.folder / "stamps.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}


@dataclass(frozen=True, slots=True)
class TinySizes:
    """What ``--tiny`` makes of everything: the whole chain in a minute or two."""

    sessions: int = 3
    recipe: Recipe = field(
        default_factory=lambda: Recipe(
            rounds=3,
            align_rounds=0,
            shape=Shape(front=32, width=48, bottleneck=16),
            load=Load(round_frames=6000, batch_frames=3000),
        )
    )

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Voices of the engine that the project depends on anyway."""
        return tuple(voice for voice in VOICES if voice.engine == "espeak")


def prepare(
    place: Place,
    sources: tuple[Source, ...],
    sessions: int,
    voices: tuple[Voice, ...],
    progress: Progress,
) -> None:
    """Makes the corpora of recordings and of synthetic voices."""
    if sources:
        key = _hash([_described(source) for source in sources], sorted(VOCABULARY))
        if not (place.is_current("recordings", key) and place.recordings.is_dir()):
            prepare_recordings(sources, VOCABULARY, place.recordings, progress)
            place.stamp("recordings", key)
    if sessions:
        speaking = available(voices, progress.console.print)
        key = _hash(sessions, [repr(voice) for voice in speaking], sorted(VOCABULARY))
        if not (place.is_current("voices", key) and place.voices.is_dir()):
            prepare_voices(plan(sessions, 7, speaking), VOCABULARY, place.voices, progress)
            place.stamp("voices", key)


def train(
    place: Place,
    name: str,
    recipe: Recipe,
    *,
    earlier: Earlier,
    everyone: bool,
    workers: int,
    report: Callable[[training.Progress], None],
) -> None:
    """Trains `name`, or goes on with it where it was stopped; a new run may begin with a model."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    run = Run(place.run(name), recipe, device, earlier)
    run.resume()
    without = frozenset() if everyone else JUDGED_SOURCES
    feeder = Feeder(place.corpora(), without, recipe.seed, recipe.load)
    run.train(feeder, workers, report)


def export(place: Place, name: str, costs: Costs | None, report: Callable[[str], None]) -> Path:
    """Writes the model of run `name`; fits its decoding costs where none are given."""
    checkpoint, folder = place.run(name) / "checkpoint.pt", place.candidate(name)
    network = trained_network(checkpoint, lexicon())
    net = to_nnet3(network)
    corpora = [Corpus.open(each) for each in place.corpora()]
    words = with_all_fillers(lexicon())
    fillers = filler_phrases(corpora, lexicon(), JUDGED_SOURCES)
    write_model(folder, net, words, costs or Costs(0.0, 0.0), fillers)
    if costs is None:
        clips = calibration.calibration_set(corpora, Mixer(corpora, JUDGED_SOURCES))
        costs = calibration.fit_costs(folder, words, clips, report)
        write_model(folder, net, words, costs, fillers)
    note = {"word_cost": costs.word, "unknown_cost": costs.unknown, "filler_cost": costs.filler}
    note |= {"parameters": network.parameters_count(), "look_ahead_ms": network.shape.look_ahead_ms}
    saved = training.load_checkpoint(checkpoint)
    note |= {"rounds": saved["next_round"], "updates": saved["updates"]}
    (folder / "about.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    return folder


def evaluate(
    place: Place,
    folder: Path,
    audio: Path | None,
    every: int,
    report: Callable[[str], None],
) -> evaluation.Report:
    """Judges the model in `folder`; the figures are kept in ``figures/`` under the place.

    Without the recordings in `audio` it is judged on all synthetic voices, those that it was
    trained on included: that shows that the chain works, and no more.
    """
    voices = []
    if place.voices.is_dir():
        corpus = Corpus.open(place.voices)
        everything = [(corpus, each) for each in corpus.utterances]
        voices = evaluation.judged_voices(corpus) if audio else everything
    found = evaluation.evaluate(folder, audio, voices, every, report)
    target = place.folder / "figures" / f"{folder.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(found.to_json() + "\n", encoding="utf-8")
    return found


def _described(source: Source) -> list[str]:
    """What the corpus depends on: the manifest's rows, and each file's size."""
    described = []
    for each in read_source(source):
        size, words = each.path.stat().st_size, " ".join(each.words)
        described.append(f"{each.path}|{size}|{words}|{each.speaker}|{each.source}")
    return described


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
