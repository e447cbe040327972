"""``python -m acoustic_model``: from recordings to a model, its figures, and its card."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from acoustic_model import model_card as cards
from acoustic_model import pipeline
from acoustic_model.artifacts import write_whole
from acoustic_model.data import label_check
from acoustic_model.data.corpus import UNKNOWN, Corpus, Utterance
from acoustic_model.data.manifests import Source, shared_sources
from acoustic_model.errors import AcousticModelError
from acoustic_model.evaluation.evaluation import SECOND, SPOTTER, Report, judged_files, megabytes
from acoustic_model.export.export import Costs
from acoustic_model.export.words import renew_words
from acoustic_model.lexicon.lexicon import WORDS
from acoustic_model.pipeline import Place, TinySizes
from acoustic_model.spotting.training import SpottingRecipe
from acoustic_model.training import averaging
from acoustic_model.training.network import SMALL, Shape
from acoustic_model.training.run import Earlier, Progress, Recipe
from acoustic_model.voices.table import VOICES

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(stderr=True)

Work = Annotated[Path, typer.Option(help="Folder where all stages keep their work.")]
Audio = Annotated[Path, typer.Option(help="Folder of the shared recordings.")]
Name = Annotated[str, typer.Option(help="Name of the training run.")]
Tiny = Annotated[bool, typer.Option("--tiny", help="Run the whole chain on a tiny amount of data.")]

WORK = Path(".cache/acoustic_model")
AUDIO = Path("../shared/audio")
STARTING_MODEL = Path("../shared/models/telephone")
SHIPPED_MODEL = Path("bot/models/telephone")


@app.command()
def prepare(
    work: Work = WORK,
    audio: Audio = AUDIO,
    own: Annotated[
        list[Path] | None, typer.Option(help="Folder of your own recordings; may be repeated.")
    ] = None,
    terms: Annotated[str, typer.Option("--license", help="License of your own recordings.")] = "",
    sessions: Annotated[int, typer.Option(help="Number of synthetic speakers; 0 for none.")] = 1350,
    tiny: Tiny = False,
) -> None:
    """Read all recordings and generate the synthetic voices."""
    sizes = TinySizes()
    alone = bool(own) and not audio.is_dir()
    if not (tiny or own or audio.is_dir()):
        _end(f"{audio} does not exist; name the recordings (--audio) or your own (--own)")
    if alone and not tiny:
        _say(f"{audio} does not exist: using only your own recordings and synthetic voices")
    sources = () if tiny or alone else shared_sources(audio)
    sources += tuple(Source(folder, licence=terms) for folder in own or ())
    count, voices = (sizes.sessions, sizes.voices) if tiny else (sessions, VOICES)
    with _faults(), Bar(console=console) as bar:
        pipeline.prepare(Place(work), sources, count, voices, bar)


@app.command()
def listen(
    model: Annotated[Path, typer.Argument(help="A working model.")] = SHIPPED_MODEL,
    work: Work = WORK,
    limit: Annotated[int, typer.Option(help="Maximum recordings per speaker.")] = 50,
) -> None:
    """List the speakers whom a model understands worst: their labels may be wrong."""
    with _faults():
        corpus = Corpus.open(Place(work).recordings)
        words = tuple(word for word in WORDS if word != UNKNOWN)
        with Bar(console=console) as bar:
            heard = label_check.listen(corpus, model, _speaker, limit, bar, words)
        for one in heard:
            typer.echo(f"{one.group}: {one.errors} of {one.words} words wrong")


def _speaker(utterance: Utterance) -> str:
    return f"{utterance.source} {utterance.speaker}"


@app.command()
def train(
    work: Work = WORK,
    name: Name = "fold",
    rounds: Annotated[int, typer.Option(help="Rounds of 24 minutes of audio each.")] = 850,
    align_rounds: Annotated[
        int, typer.Option(help="Number of these that use an earlier model's labels.")
    ] = 40,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    aligner: Annotated[Path, typer.Option(help="Model that labels them.")] = STARTING_MODEL,
    start_from: Annotated[
        Path | None, typer.Option(help="Exported model whose weights a new run starts with.")
    ] = None,
    everyone: Annotated[
        bool, typer.Option("--everyone", help="Train on the AN4 test speakers too.")
    ] = False,
    small: Annotated[
        bool, typer.Option("--small", help="Train a network of less than half the size.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes that make features.")] = 1,
    threads: Annotated[int, typer.Option(help="Threads that train.")] = 1,
    tiny: Tiny = False,
) -> None:
    """Train, or resume a run that was stopped."""
    shape = SMALL if small else Shape()
    recipe = Recipe(seed=seed, rounds=rounds, align_rounds=align_rounds, shape=shape)
    recipe = replace(TinySizes().recipe if tiny else recipe, everyone=everyone)
    recipe = recipe.going_on() if start_from else recipe
    torch.set_num_threads(threads)
    labels = aligner if aligner.is_dir() and recipe.align_rounds else None
    if recipe.align_rounds and labels is None:
        console.print(f"{aligner} does not exist: the sequence loss starts from scratch")
    with _faults(), _training_bar(recipe.rounds) as report:
        pipeline.train(
            Place(work),
            name,
            recipe,
            earlier=Earlier(labels, start_from),
            workers=0 if tiny else workers,
            report=report,
        )


@app.command()
def average(
    names: Annotated[list[str], typer.Argument(help="Runs that started with the same weights.")],
    work: Work = WORK,
    name: Name = "mean",
) -> None:
    """Average the weights of several runs into a new run, ready to export."""
    with _faults():
        place = Place(work)
        averaging.average(
            [place.run(each) / "checkpoint.pt" for each in names],
            place.run(name) / "checkpoint.pt",
        )
        typer.echo(place.run(name))


@app.command()
def export(
    work: Work = WORK,
    name: Name = "fold",
    word_cost: Annotated[
        float | None, typer.Option(help="Use this cost instead of fitting it.")
    ] = None,
    unknown_cost: Annotated[float | None, typer.Option(help="Requires --word-cost.")] = None,
    filler_cost: Annotated[
        float | None, typer.Option(help="Optional, with the other two (default 0).")
    ] = None,
    tiny: Tiny = False,
) -> None:
    """Write the model directory, with decoding costs fitted on speakers held out of training."""
    costs = Costs(-2.0, -1.0) if tiny else None
    if word_cost is not None and unknown_cost is not None:
        costs = Costs(word_cost, unknown_cost, filler_cost or 0.0)
    elif not word_cost == unknown_cost == filler_cost is None:
        _end("give --word-cost and --unknown-cost together; --filler-cost requires both")
    with _faults():
        typer.echo(pipeline.export(Place(work), name, costs, _say))


@app.command()
def words(
    models: Annotated[list[Path], typer.Argument(help="Model directories of this project.")],
) -> None:
    """Give models the words of the current lexicon, without training their networks."""
    with _faults():
        for model in models:
            renewed = renew_words(model)
            typer.echo(f"{model}: {len(renewed.pronunciations) - len(renewed.fillers)} words")


@app.command()
def spot(
    model: Annotated[Path, typer.Argument(help="Model directory to add the spotter to.")],
    work: Work = WORK,
    rounds: Annotated[int, typer.Option(help="Rounds of 24 minutes of audio each.")] = 80,
    workers: Annotated[int, typer.Option(help="Processes that make features.")] = 1,
    threads: Annotated[int, typer.Option(help="Threads that train.")] = 1,
    tiny: Tiny = False,
) -> None:
    """Train the word spotter, or resume its training, and write it beside the model."""
    recipe = TinySizes().spotting if tiny else SpottingRecipe(rounds=rounds)
    torch.set_num_threads(threads)
    with _faults(), _training_bar(recipe.rounds) as report:
        workers = 0 if tiny else workers
        typer.echo(pipeline.spot(Place(work), model, recipe, workers=workers, report=report))


@app.command()
def evaluate(
    models: Annotated[list[Path], typer.Argument(help="Model directories.")],
    work: Work = WORK,
    audio: Audio = AUDIO,
    every: Annotated[int, typer.Option(help="Use only every n-th clip, for a quick look.")] = 1,
    tiny: Tiny = False,
) -> None:
    """Score models on the shared recordings, or without them on synthetic voices only."""
    with _faults():
        judged = audio if audio.is_dir() and not tiny else None
        if judged is None and not tiny:
            _say(
                f"{audio} does not exist: scoring on synthetic voices only, including trained ones"
            )
        reports = [pipeline.evaluate(Place(work), folder, judged, every, _say) for folder in models]
        typer.echo(cards.table(reports))


@app.command()
def card(
    model: Annotated[Path, typer.Argument(help="Model directory to write the card into.")],
    work: Work = WORK,
) -> None:
    """Write MODEL_CARD.md into a model directory from its figures and corpora."""
    with _faults():
        figures = work / "figures" / f"{model.name}.json"
        if not figures.is_file():
            raise AcousticModelError(f"{figures} is missing; evaluate the model first")
        report = Report.from_json(figures.read_text(encoding="utf-8"))
        if report.judged != judged_files(model):
            raise AcousticModelError(f"{figures} belongs to another model; evaluate {model} first")
        beside = {name: megabytes(model / name) for name in (SECOND, SPOTTER)}
        text = cards.card(report, _about(model), Place(work).corpora(), beside)
        write_whole(model / "MODEL_CARD.md", text.encode())


def _about(model: Path) -> dict[str, object]:
    path = model / "about.json"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AcousticModelError(f"{path} cannot be read; export the model again") from error
    if not isinstance(about, dict) or not about.keys() >= cards.NOTED:
        raise AcousticModelError(f"{path} lacks facts that the card needs; export the model again")
    return about


def _say(line: str) -> None:
    """Prints one line of progress; ``[unk]`` in it is not taken for markup."""
    console.print(line, markup=False)


def _end(line: str) -> NoReturn:
    with _faults():
        raise AcousticModelError(line)


@contextmanager
def _faults() -> Iterator[None]:
    """Turns a fault into one line and exit status 1, an interrupt into status 130."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    except (AcousticModelError, OSError) as error:
        console.print(f"[red]error:[/red] {error}", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("stopped; run the same command to resume from the last checkpoint")
        raise typer.Exit(130) from None


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _training_bar(rounds: int) -> Iterator[Callable[[Progress], None]]:
    """A progress bar with stage, loss, speed (audio time over real time), and time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("training", total=rounds)

        def report(done: Progress) -> None:
            speed = done.audio_s / max(done.elapsed_s, 1e-3)
            text = f"{done.stage}: loss {done.loss:.4f}, {speed:.0f}× real time"
            bar.update(task, completed=done.number + 1, description=text)

        yield report


def main() -> None:
    """Entry point."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app()
