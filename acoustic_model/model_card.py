"""The model card: a model's purpose and data, and its figures with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from acoustic_model.data.corpus import Corpus
from acoustic_model.data.manifests import JUDGED_SOURCES
from acoustic_model.evaluation.evaluation import SECOND, SPOTTER, Figure, Report
from acoustic_model.evaluation.test_sets import CONDITIONS
from acoustic_model.lexicon.lexicon import WORDS
from acoustic_model.lexicon.spelled_words import SPELLED
from acoustic_model.voices.table import ENGINE_LICENSES

_SPLITS = {
    "Voice group": ("voice: ",),
    "Accent": ("accent: ",),
    "Speaker": ("an4: ", "fsdd: ", "others: "),
    "Kind of recording": ("kind: ",),
}
_STRING_GROUPS = ("all", "an4", "fsdd", "others")
_ATTRIBUTIONS = {
    "an4": "CMU Census (AN4) database, © 1991–2005 Carnegie Mellon University, BSD-style license",
    "speech-commands": "Speech Commands, P. Warden, Google (arXiv:1804.03209), CC BY 4.0",
    "librispeech": "LibriSpeech, Panayotov et al. 2015 (openslr.org/12), CC BY 4.0",
    "background": "LibriSpeech readers by way of resemble-ai/Resemblyzer, CC BY 4.0",
    "common-voice": "Common Voice, Mozilla and its contributors, CC0 1.0",
}


def table(reports: Sequence[Report]) -> str:
    """Figures of several models side by side: strings by condition and group, then the rest."""
    lines = [" " * 66 + "".join(f"{report.model:>26}" for report in reports)]
    keys = dict.fromkeys(
        (figure.measure, figure.condition, figure.group)
        for report in reports
        for figure in report.figures
        if ":" not in figure.group
    )
    for key in keys:
        cells = [_find(report.figures, key) for report in reports]
        shown = "".join(f"{_cell(cell):>26}" for cell in cells)
        lines.append(f"{key[0]:27}{key[1]:18}{key[2]:21}{shown}")
    costs = "".join(f"{each.cpu_per_audio:>26.4f}" for each in reports)
    lines.append(f"{'CPU seconds per audio second':66}{costs}")
    lines.append(f"{'size in MB':66}" + "".join(f"{each.megabytes:>26.1f}" for each in reports))
    return "\n".join(lines)


def card(
    report: Report,
    about: Mapping[str, object],
    corpora: Iterable[Path],
    beside: Mapping[str, float] | None = None,
) -> str:
    """The card as Markdown; `about` is the export's ``about.json``, and `beside` the size in MB of
    the additions to the model, :data:`SECOND` and :data:`SPOTTER`, 0 if missing."""
    parts = [
        f"# Model card: {report.model}",
        "An 8 kHz acoustic model in Vosk's format (libvosk 0.3.45) for digits and telephone "
        "commands in English. Made and described by `python -m acoustic_model`.",
        "## Purpose and limits",
        "For short answers on the telephone, with a grammar: digit strings, yes and no, menu "
        "words. Not for dictation, names, children's speech or other languages; not for deciding "
        "who speaks. No recording of a real telephone call was in training or in these figures: "
        "telephone conditions are simulated.",
        "## Facts",
        _facts(report, about, beside or {}),
        "## Figures",
        "Share with its 95 % Wilson interval. Strings are right when every digit is; the grammar "
        f"is the list of digits. {_KNOWN if about.get('everyone') else _STRANGERS}",
        _strings(report.figures),
        _others(report.figures),
        *_split(report.figures),
        "## Data",
        _data(corpora, frozenset() if about.get("everyone") else JUDGED_SOURCES),
        "## Known failures",
        _failures(report.figures),
    ]
    return "\n\n".join(parts) + "\n"


_STRANGERS = "The speakers of FSDD and the others were never trained on."
_KNOWN = f"{_STRANGERS} Those of AN4 were: strangers cannot expect their figures."

NOTED = frozenset(
    {
        *("parameters", "look_ahead_ms", "rounds", "updates"),
        *("word_cost", "unknown_cost", "filler_cost", "costs_are_fitted"),
    }
)
"""The keys of ``about.json`` that the card needs."""


def _facts(report: Report, about: Mapping[str, object], beside: Mapping[str, float]) -> str:
    vocabulary = " ".join(WORDS)
    fitted = "fitted on speakers and voices held out of training"
    costs = fitted if about["costs_are_fitted"] else "given to the export, not fitted"
    second_mb, spotter_mb = beside.get(SECOND, 0.0), beside.get(SPOTTER, 0.0)
    second = (
        f"- `{SECOND}/` ({second_mb:.1f} MB) is a second model with its own card; where no "
        "rescorer is installed, the service adds the second one's log-likelihoods. The figures "
        "here are for this model alone."
    )
    spotter = (
        f"- `{SPOTTER}` ({spotter_mb:.1f} MB) tells whether each word occurs, without a grammar. "
        "It has the layers of this model, and two convolutions trained on the same data. It "
        "affects only the confidence of answers."
    )
    return "\n".join(
        [
            f"- {about['parameters']} parameters, {report.megabytes:.1f} MB, look-ahead "
            f"{about['look_ahead_ms']} ms, {report.cpu_per_audio:.4f} CPU seconds per second of "
            "audio (one core, engine and decoding included).",
            f"- Trained for {about['rounds']} rounds, {about['updates']} updates; exported with "
            f"word cost {about['word_cost']}, `[unk]` cost {about['unknown_cost']} and filler cost "
            f"{about['filler_cost']}, {costs}.",
            "- `--dither=0`: the same audio always gives the same text.",
            f"- Words ({len(WORDS)}): {vocabulary}.",
            f"- {len(SPELLED)} more words are spelled in the same units "
            "(`acoustic_model/lexicon/spelled_words.py`), added without training by `python -m "
            "acoustic_model words`; the figures here are for the words above.",
            *([second] if second_mb else []),
            *([spotter] if spotter_mb else []),
        ]
    )


def _strings(figures: Sequence[Figure]) -> str:
    rows = ["| strings right | " + " | ".join(_STRING_GROUPS) + " |", "|---|---|---|---|---|"]
    for condition in CONDITIONS:
        cells = [_find(figures, ("strings", condition, group)) for group in _STRING_GROUPS]
        rows.append(f"| {condition} | " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(rows)


def _others(figures: Sequence[Figure]) -> str:
    rows = ["| measure | condition | of | share |", "|---|---|---|---|"]
    for figure in figures:
        if figure.measure != "strings":
            rows.append(
                f"| {figure.measure} | {figure.condition} | {figure.group} | {_cell(figure)} |"
            )
    return "\n".join(rows)


def _split(figures: Sequence[Figure]) -> list[str]:
    """Strings over the plain line, by speaker group and by kind of recording."""
    parts = []
    for title, prefixes in _SPLITS.items():
        found = [each for each in _plain(figures) if each.group.startswith(prefixes)]
        rows = [f"| {each.group.partition(': ')[2]} | {_cell(each)} |" for each in found]
        if rows:
            name = title.lower()
            head = [f"| {name} | strings right |", "|---|---|"]
            parts += [f"### By {name} (strings, µ-law)", "\n".join([*head, *sorted(rows)])]
    return parts


def _plain(figures: Sequence[Figure]) -> list[Figure]:
    """Strings over the plain line, of subgroups only."""
    strings = [each for each in figures if each.measure == "strings" and ": " in each.group]
    return [each for each in strings if each.condition == "tel_ulaw"]


def _data(corpora: Iterable[Path], without: Collection[str]) -> str:
    minutes: dict[tuple[str, str], float] = defaultdict(float)
    speakers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for folder in corpora:
        for each in Corpus.open(folder).utterances:
            if each.source in without or each.source.endswith("-heldout"):
                continue
            key = each.source, each.licence
            minutes[key] += each.duration_s / 60
            speakers[key].add(each.speaker)
    rows = ["| source | license | minutes | speakers or sessions |", "|---|---|---|---|"]
    for (source, licence), length in sorted(minutes.items()):
        count = len(speakers[source, licence])
        rows.append(f"| {source} | {licence} | {length:.1f} | {count} |")
    spoke = {source.partition("-")[0] for source, _ in minutes} & set(ENGINE_LICENSES)
    engines = [f"- {name}: {ENGINE_LICENSES[name]}" for name in sorted(spoke)]
    made = ["", "Synthesizers, and what each program is licensed under:", "", *engines]
    used = {name for name in _ATTRIBUTIONS for source, _ in minutes if source.startswith(name)}
    due = [f"- {_ATTRIBUTIONS[name]}" for name in sorted(used)]
    owed = ["", "Attribution is due where the model is distributed:", "", *due]
    return "\n".join([*rows, *(made if engines else ()), *(owed if due else ())])


def _failures(figures: Sequence[Figure]) -> str:
    """The speakers with the fewest strings right, and the commands missed most often."""
    weak = [each for each in _plain(figures) if each.of >= 5]
    weak.sort(key=lambda each: each.percent)
    lines = [f"- {each.group}, µ-law: {_cell(each)} of strings" for each in weak[:4]]
    lines += [
        f"- synthetic voices, {each.group}: {_cell(each)}"
        for each in figures
        if each.measure == "synthetic voices" and each.of >= 5 and each.percent < 90
    ]
    lines.append(
        "- By itself, the model hears its words in any speech. Its fillers and the service's "
        "confidence detect out-of-grammar speech (docs/recognition.md, decision 71)."
    )
    return "\n".join(lines)


def _find(figures: Sequence[Figure], key: tuple[str, str, str]) -> Figure | None:
    found = [each for each in figures if (each.measure, each.condition, each.group) == key]
    return found[0] if found else None


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    low, high = figure.interval
    return f"{figure.percent:.1f} % [{low:.0f}–{high:.0f}] of {figure.of}"
