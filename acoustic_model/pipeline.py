"""The stages from recordings to a scored model; a stage is skipped if its inputs did not change.

Everything is in one folder: ``corpus-recordings`` and ``corpus-voices`` (prepared audio),
``runs/NAME`` (training), ``candidates/NAME`` (exported models), ``figures/NAME.json``. Each stage
keeps the hash of its input and output in ``stamps/``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from rich.progress import Progress

from acoustic_model.artifacts import digest, write_whole
from acoustic_model.data.corpus import Corpus
from acoustic_model.data.manifests import JUDGED_SOURCES, Source, read_source
from acoustic_model.data.recordings import prepare_recordings
from acoustic_model.errors import TrainingError
from acoustic_model.evaluation import decoding_costs, evaluation
from acoustic_model.export.export import Costs, to_nnet3, write_model
from acoustic_model.export.fillers import filler_phrases
from acoustic_model.export.words import exported_words
from acoustic_model.lexicon.lexicon import UNKNOWN, WORDS, lexicon
from acoustic_model.spotting.export import write_spotter
from acoustic_model.spotting.network import SPOTTED
from acoustic_model.spotting.training import SpottingRecipe, SpottingRun
from acoustic_model.training.batches import Load
from acoustic_model.training.loader import Feeder
from acoustic_model.training.network import Shape
from acoustic_model.training.run import (
    Earlier,
    Recipe,
    Run,
    load_checkpoint,
    trained_network,
)
from acoustic_model.training.run import (
    Progress as TrainingProgress,
)
from acoustic_model.training.sampler import Mixer
from acoustic_model.voices.engine import Voice
from acoustic_model.voices.prepare import available, plan, prepare_voices
from acoustic_model.voices.table import VOICES

VOCABULARY = frozenset(WORDS) - {UNKNOWN}
_EXPORTED = ("am", "conf", "graph", "about.json")
"""The part of a model's directory that `export` writes; other stages add to it."""
"""Test speakers: left out of training unless `everyone` is set."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folders where the stages keep their work."""

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
        """The existing prepared corpora; raises :class:`TrainingError` if there are none."""
        found = tuple(each for each in (self.recordings, self.voices) if each.is_dir())
        if not found:
            raise TrainingError(f"{self.folder} has no corpus; run prepare first")
        return found

    def is_made(self, stage: str, key: str, *made: Path) -> bool:
        """Return True if `made` is still the stage's output for inputs with hash `key`."""
        return self._stamped(stage) == _of_made(key, made)

    def stamp_made(self, stage: str, key: str, *made: Path) -> None:
        """Records what the stage made from inputs with hash `key`."""
        self.stamp(stage, _of_made(key, made))

    def is_other(self, stage: str, key: str) -> bool:
        """Return True if the stage was started with different inputs."""
        return self._stamped(stage) not in {"", key}

    def stamp(self, stage: str, key: str) -> None:
        """Records that the stage started; each has its own file, so that two may run at once."""
        write_whole(self._stamp(stage), key.encode())

    def _stamp(self, stage: str) -> Path:
        return self.folder / "stamps" / stage.replace(" ", "-").replace("/", "-")

    def _stamped(self, stage: str) -> str:
        """The recorded hash; empty if it is missing or invalid."""
        try:
            stamped = self._stamp(stage).read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""
        return stamped if len(stamped) == hashlib.sha256().digest_size * 2 else ""


@dataclass(frozen=True, slots=True)
class TinySizes:
    """The sizes for ``--tiny``: the whole chain in a minute or two."""

    sessions: int = 3
    recipe: Recipe = field(
        default_factory=lambda: Recipe(
            rounds=3,
            align_rounds=0,
            shape=Shape(front=32, width=48, bottleneck=16),
            load=Load(round_frames=6000, batch_frames=3000),
        )
    )
    spotting: SpottingRecipe = field(
        default_factory=lambda: SpottingRecipe(
            rounds=2, load=Load(round_frames=3000, batch_frames=1500)
        )
    )

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Voices of the one engine that is always installed."""
        return tuple(voice for voice in VOICES if voice.engine == "espeak")


def prepare(
    place: Place,
    sources: tuple[Source, ...],
    sessions: int,
    voices: tuple[Voice, ...],
    progress: Progress,
) -> None:
    """Prepares the corpora of recordings and of synthetic voices."""
    if sources:
        key = _hash([_described(source) for source in sources], sorted(VOCABULARY))
        if not place.is_made("recordings", key, place.recordings):
            prepare_recordings(sources, VOCABULARY, place.recordings, progress)
            place.stamp_made("recordings", key, place.recordings)
    if sessions:
        speaking = available(voices, progress.console.print)
        key = _hash(sessions, [repr(voice) for voice in speaking], sorted(VOCABULARY))
        if not place.is_made("voices", key, place.voices):
            planned, cores = plan(sessions, 7, speaking), os.cpu_count() or 1
            prepare_voices(planned, VOCABULARY, place.voices, progress, cores)
            place.stamp_made("voices", key, place.voices)


def train(
    place: Place,
    name: str,
    recipe: Recipe,
    *,
    earlier: Earlier,
    workers: int,
    report: Callable[[TrainingProgress], None],
) -> None:
    """Trains run `name`, or resumes it; a new run may start with the weights of a model.

    Raises TrainingError if the run was started with other recordings, words, models, or settings.
    """
    without = frozenset() if recipe.everyone else JUDGED_SOURCES
    corpora, stage = place.corpora(), f"train {name}"
    models = [digest(each) if each else "" for each in (earlier.labels, earlier.weights)]
    settled = {**asdict(recipe), "rounds": 0}
    words = repr(lexicon())
    key = _hash([digest(each) for each in corpora], sorted(without), models, settled, words)
    if place.is_other(stage, key) and (place.run(name) / "checkpoint.pt").is_file():
        raise TrainingError(
            f"run {name!r} was started with other recordings, words, models, or settings; choose "
            f"another --name, or delete {place.run(name)}"
        )
    place.stamp(stage, key)
    run = Run(place.run(name), recipe, _device(), earlier)
    run.resume()
    feeder = Feeder(corpora, without, recipe.seed, recipe.load)
    run.train(feeder, workers, report)


def export(place: Place, name: str, costs: Costs | None, report: Callable[[str], None]) -> Path:
    """Writes the model of run `name`; fits its decoding costs unless `costs` are given."""
    checkpoint, folder = place.run(name) / "checkpoint.pt", place.candidate(name)
    saved = load_checkpoint(checkpoint)
    given = asdict(costs) if costs else None
    key = _hash(digest(checkpoint), [digest(each) for each in place.corpora()], WORDS, given)
    stage = f"export {name}"
    made = [folder / part for part in _EXPORTED]
    if place.is_made(stage, key, *made):
        report(f"{folder} is up to date")
        return folder
    network = trained_network(checkpoint, lexicon())
    net = to_nnet3(network)
    corpora = [Corpus.open(each) for each in place.corpora()]
    words = exported_words()
    fillers = filler_phrases(corpora, lexicon(), JUDGED_SOURCES)
    if costs is None:
        clips = decoding_costs.calibration_set(corpora, Mixer(corpora, JUDGED_SOURCES))
        with tempfile.TemporaryDirectory() as scratch:
            uncosted = Path(scratch) / "model"
            write_model(uncosted, net, words, Costs(0.0, 0.0), fillers)
            costs = decoding_costs.fit_costs(uncosted, words, clips, report)
    note = {"word_cost": costs.word, "unknown_cost": costs.unknown, "filler_cost": costs.filler}
    note |= {"costs_are_fitted": given is None}
    note |= {"parameters": network.parameters_count(), "look_ahead_ms": network.shape.look_ahead_ms}
    note |= {"rounds": saved["next_round"], "updates": saved["updates"]}
    note |= {"everyone": saved.get("everyone", False)}
    write_model(folder, net, words, costs, fillers, note)
    place.stamp_made(stage, key, *made)
    return folder


def spot(
    place: Place,
    model: Path,
    recipe: SpottingRecipe,
    *,
    workers: int,
    report: Callable[[TrainingProgress], None],
) -> Path:
    """Trains the spotter of `model`, or resumes it, and writes it into the model's directory.

    A run that was started with other recordings, another recipe, or another model starts over.
    """
    target, folder = model / evaluation.SPOTTER, place.run(f"{model.name}-spotter")
    stage, corpora = f"spot {model.name}", place.corpora()
    hears = digest(model / "am")
    key = _hash([digest(each) for each in corpora], hears, asdict(recipe), SPOTTED)
    if place.is_made(f"{stage}, written", key, target):
        return target
    if place.is_other(stage, key):
        shutil.rmtree(folder, ignore_errors=True)
    place.stamp(stage, key)
    run = SpottingRun(folder, recipe, model, _device())
    run.resume()
    feeder = Feeder(corpora, JUDGED_SOURCES, recipe.seed, recipe.load, recipe.mix)
    run.train(feeder, workers, report)
    write_spotter(target, run.spotter())
    place.stamp_made(f"{stage}, written", key, target)
    return target


def evaluate(
    place: Place,
    folder: Path,
    audio: Path | None,
    every: int,
    report: Callable[[str], None],
) -> evaluation.Report:
    """Scores the model in `folder`; the figures are kept in ``figures/``.

    Without the recordings in `audio`, it is scored on all synthetic voices, including those that
    it was trained on. That shows only that the chain works.
    """
    target, stage = place.folder / "figures" / f"{folder.name}.json", f"evaluate {folder.name}"
    judged = [digest(each) for each in sorted(audio.glob("dev*/manifest.csv"))] if audio else []
    listened = evaluation.judged_files(folder)
    key = _hash(str(folder.resolve()), listened, digest(place.voices), judged, every)
    if place.is_made(stage, key, target):
        report(f"{target} is up to date")
        return evaluation.Report.from_json(target.read_text(encoding="utf-8"))
    voices = []
    if place.voices.is_dir():
        corpus = Corpus.open(place.voices)
        everything = [(corpus, each) for each in corpus.utterances]
        voices = evaluation.judged_voices(corpus) if audio else everything
    found = evaluation.evaluate(folder, audio, voices, every, report)
    write_whole(target, f"{found.to_json()}\n".encode())
    place.stamp_made(stage, key, target)
    return found


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _described(source: Source) -> list[str]:
    """Return the corpus's inputs: the rows of the manifest and the content of each file."""
    return [f"{each}|{digest(each.path)}" for each in read_source(source)]


def _of_made(key: str, made: Sequence[Path]) -> str:
    """Hash of the inputs and outputs, so that damaged outputs are made again."""
    return _hash(key, [digest(each) for each in made])


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
