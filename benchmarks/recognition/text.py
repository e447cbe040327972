"""The part of docs/recognition.md about single recordings: tables with intervals, and plots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.intervals import Difference, SpeakerShare
from benchmarks.plots import Plot, Row
from benchmarks.recognition.figures import ALL, RECORDINGS, Recognition
from benchmarks.recognition.heard import REJECTING
from benchmarks.recognition.judged import BRIEF, CONDITIONS, LINE
from benchmarks.recognition.listeners import NAMES, TITLES
from bot.evaluation.statistics import Share

FEW = "†"
IN_SAMPLE = (
    "**What was chosen on these speakers**: the weights of confidence, the rescorer's weight, "
    "gain, detector limits, and the point from which a string is taken unasked were fitted or "
    "chosen on the speakers of dev/, so that “taken unasked” and the rejection table are in "
    "sample. Confidence on speakers left out is in the chapter on knowing how sure."
)

CONDITION_NAMES = {
    "clean16k": "clean, 16 kHz",
    "tel_pcm": "300–3400 Hz, no codec",
    LINE: "G.711 µ-law",
    "tel_alaw": "G.711 A-law",
    "tel_gsm": "GSM full rate",
    "tel_gsm_babble10": "GSM, babble at 10 dB",
    "tel_gsm_loss2": "GSM, 2 % loss",
    "tel_g726": "G.726, 32 kbit/s",
    "tel_ulaw_quiet": "µ-law, 18 dB quieter",
    "tel_ulaw_hot": "µ-law, clipped",
    "tel_ulaw_echo": "µ-law, echo",
    **{
        f"tel_ulaw_{noise}{snr}": f"µ-law, {title} at {snr} dB"
        for noise, title in (("babble", "babble"), ("car", "car"), ("white", "white noise"))
        for snr in (20, 10, 5)
    },
    **{f"tel_ulaw_loss{percent}": f"µ-law, {percent} % loss" for percent in (1, 2, 3)},
}
SOURCES = ("AN4", "FSDD", "others", "synthetic voices")
SPLITS = (("source", "Source"), ("voice", "Voice"), ("accent", "Accent"), ("length", "Length"))
FOREIGN = ("words", "sentences", "other speech", "music and noise")
NOISY = "tel_ulaw_babble10"


def text(found: Recognition) -> str:
    """The chapter."""
    return "\n\n".join(_parts(found))


def plots(found: Recognition) -> dict[str, Plot]:
    """Its plots by file name."""
    return {
        "recognition-conditions": _by_condition(found),
        "recognition-people": _by_people(found),
        "recognition-speakers": _by_speaker(found),
        "recognition-rejection": _rejection_plot(found),
    }


def _parts(found: Recognition) -> Iterator[str]:
    part = "" if found.every == 1 else f" Of each set, every {found.every}th recording was taken."
    for measures, model in found.later.items():
        which = "the same model" if model == found.model else f"the model `{model[:12]}`"
        part += f" Figures of {_in_words(measures)} were made later, with {which}."
    yield "## One recording, one answer"
    yield (
        f"Measured on {found.made} with the model `{found.model[:12]}` "
        f"{'and' if found.whisper else 'without'} Whisper.{part} Each recording was rendered once "
        f"for each line condition (on most lines every {BRIEF}th was), and the same audio was "
        "given to our chain (the turn that a call uses: detector, recognizer, endpointer, grammar "
        "of the known length), to Vosk as its documentation uses it (the same model, a phrase "
        "list, its own endpointer) and to "
        "pocketsphinx 5 (its own English model, a grammar of the known length, audio resampled to "
        "16 kHz). Whisper alone is the model that our chain asks, by itself: it hears the whole "
        "recording, free to write anything, or digits only. A string is right when every digit "
        "is, whatever the confidence."
    )
    yield (
        "Brackets have the 95 % interval by bootstrap over speakers, who are drawn with all their "
        f"recordings. {FEW} marks shares that rest on fewer than ten speakers. Differences are "
        "measured on the same speakers. What the acoustic models were trained on is in their model "
        "card; FSDD, the others and the crowd's words never were."
    )
    yield IN_SAMPLE
    if found.left_out:
        yield "Not measured: " + "; ".join(found.left_out) + "."
    yield "![Strings right by line condition, with intervals](images/recognition-conditions.svg)"
    yield _conditions_table(found)
    yield "### Beside listeners that are not ours"
    yield (
        "Points by which more strings are right than by the other listener, on the same speakers."
    )
    yield _leads_table(found)
    yield "### Who speaks"
    yield "![Strings right by source, voice and accent](images/recognition-people.svg)"
    yield _people_table(found)
    yield "![Strings right by speaker](images/recognition-speakers.svg)"
    yield "### Our chain by source and line"
    yield _sources_table(found)
    yield "### Single words (µ-law)"
    yield _words_table(found)
    yield "### What is no answer (µ-law)"
    yield (
        "Recordings that mean nothing at that question, and what a call does with them. *Taken* is "
        "without asking back; a number that is read back costs a turn and harms nobody. Vosk as "
        "documented and pocketsphinx count where they give as many digits as are asked for."
    )
    yield "![What is taken for an answer that is none](images/recognition-rejection.svg)"
    yield _rejection_table(found)
    yield "### What it costs"
    yield _costs_table(found)


# -- tables -----------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(share: SpeakerShare | None, of: bool = False) -> str:
    """A share with its interval, and of how many."""
    if share is None:
        return "–"
    low, high = share.interval
    count = f" of {share.of} by {share.speakers}" if of else ""
    few = f" {FEW}" if share.few else ""
    between = "" if share.speakers < 2 else f" ({low:.1f}–{high:.1f})"
    return f"{share.percent:.1f} %{between}{count}{few}"


def ahead(by: Difference | None) -> str:
    """Points with their interval."""
    if by is None:
        return "–"
    low, high = by.interval
    return f"{by.points:+.1f} ({low:+.1f} to {high:+.1f}){f' {FEW}' if by.few else ''}"


def _in_words(measures: str) -> str:
    """Return, for a key of ``Recognition.later``, the measures, and the listener if they are not
    everybody's.
    """
    what, _, whose = measures.partition(", ")
    names = " and ".join(TITLES.get(one, one) for one in whose.split(" and "))
    if what == "all":
        return names or "everything"
    return f"{what}, {names}" if names else what


def _conditions_table(found: Recognition) -> str:
    heads = ["strings right", *_titles(found), "words, ours", "words, Vosk"]
    rows = []
    for condition in _conditions(found):
        strings = [
            cell(found.find("strings", name, condition=condition), name == "ours")
            for name in _names(found)
        ]
        words = [
            cell(found.find("words of strings", name, condition=condition))
            for name in ("ours", "vosk")
        ]
        rows.append([CONDITION_NAMES[condition], *strings, *words])
    return table(heads, rows)


def _leads_table(found: Recognition) -> str:
    rows = []
    for condition in _conditions(found):
        leads = [found.lead("strings", name, condition) for name in _names(found)[1:]]
        if any(leads):
            rows.append([CONDITION_NAMES[condition], *map(ahead, leads)])
    return table(["our chain is ahead of", *_titles(found)[1:]], rows)


def _people_table(found: Recognition) -> str:
    heads = ["strings right, µ-law", *_titles(found), "ours, babble at 10 dB"]
    rows = [
        ["all", *_heard_by_all(found, ALL, ALL)],
        [RECORDINGS, *_heard_by_all(found, "people", RECORDINGS)],
    ]
    for by, _ in (*SPLITS, ("kind", "Kind")):
        rows += [
            [one.group, *_heard_by_all(found, by, one.group)]
            for one in found.split("strings", "ours", by)
        ]
    return table(heads, rows)


def _heard_by_all(found: Recognition, by: str, group: str) -> list[str]:
    heard = [cell(found.find("strings", name, by, group), name == "ours") for name in _names(found)]
    return [*heard, cell(found.find("strings", "ours", by, group, NOISY))]


def _sources_table(found: Recognition) -> str:
    known = [one for one in SOURCES if found.find("strings", "ours", "source", one)]
    taken = ["taken unasked", "of all, taken and wrong"]
    heads = ["strings right", "all", "recordings", *known, *taken]
    rows = []
    for condition in _conditions(found):
        shares = [found.find("strings", "ours", condition=condition)]
        shares.append(found.find("strings", "ours", "people", RECORDINGS, condition))
        shares += [found.find("strings", "ours", "source", one, condition) for one in known]
        shares += [
            found.find(f"strings taken unasked{what}", "ours", condition=condition)
            for what in ("", " and wrong")
        ]
        rows.append([CONDITION_NAMES[condition], *map(cell, shares)])
    return table(heads, rows)


def _words_table(found: Recognition) -> str:
    heads = ["right", *(TITLES[name] for name in _names(found))]
    rows = [["digits, all", *_shares(found, "single digits", ALL, ALL)]]
    rows += [
        [f"digits, {one.group}", *_shares(found, "single digits", "source", one.group)]
        for one in found.split("single digits", "ours", "source")
    ]
    for kind, which in (("recorded word", ", recordings"), ("word", "")):
        rows += [
            [f"“{one.group}”{which}", *_shares(found, "single words", kind, one.group)]
            for one in found.split("single words", "ours", kind)
        ]
    return table(heads, rows)


def _shares(found: Recognition, measure: str, by: str, group: str) -> list[str]:
    return [cell(found.find(measure, name, by, group), name == "ours") for name in _names(found)]


def _rejection_table(found: Recognition) -> str:
    heads = ["question", "recordings", "taken for an entry", "read back", "taken for a command"]
    heads += [f"taken, {TITLES[name]}" for name in _names(found)[1:]]
    rows = []
    for question in REJECTING:
        for what in FOREIGN:
            ours = [
                found.find(f"rejection, {what}: {how}", "ours", "question", question)
                for how in ("taken for an entry", "read back", "taken for a command")
            ]
            others = [
                found.find(f"rejection, {what}: taken for an entry", name, "question", question)
                for name in _names(found)[1:]
            ]
            if ours[0] is not None:
                recordings = f"{what} ({ours[0].of})"
                rows.append([question, recordings, *map(cell, [*ours, *others])])
    return table(heads, rows)


def _costs_table(found: Recognition) -> str:
    heads = ["", "CPU seconds per second of audio", "memory, MB"]
    rows = [
        [TITLES[one.listener], f"{one.cpu_per_audio:.4f}", f"{one.memory_mb:.0f}"]
        for one in found.costs
    ]
    return (
        table(heads, rows) + "\n\nCPU time of recognition with its detector, grammar and decision, "
        "over the audio that was listened to; memory is what a process grows by when it loads and "
        "first uses one."
    )


# -- plots ------------------------------------------------------------------------------------


def _conditions(found: Recognition) -> list[str]:
    return [one for one in CONDITIONS if found.find("strings", "ours", condition=one)]


def _names(found: Recognition) -> tuple[str, ...]:
    """Return the listeners that were measured, ours first."""
    heard = {one.listener for one in found.figures}
    return tuple(name for name in NAMES if name in heard)


def _titles(found: Recognition) -> tuple[str, ...]:
    return tuple(TITLES[name] for name in _names(found))


def _by_condition(found: Recognition) -> Plot:
    rows = [
        Row(
            CONDITION_NAMES[condition],
            tuple(found.find("strings", name, condition=condition) for name in _names(found)),
        )
        for condition in _conditions(found)
    ]
    return Plot(
        "Digit strings right, by what the line does to them",
        "strings with every digit right, % (95 % interval)",
        _titles(found),
        tuple(rows),
    )


def _by_people(found: Recognition) -> Plot:
    rows: list[Row] = []
    for by, title in SPLITS:
        groups = found.split("strings", "ours", by)
        rows += [Row(title, (), head=True)] if groups else []
        rows += [
            Row(
                one.group,
                tuple(found.find("strings", name, by, one.group) for name in _names(found)),
            )
            for one in groups
        ]
    return Plot(
        "Digit strings right through µ-law, by who speaks",
        "strings with every digit right, % (95 % interval)",
        _titles(found),
        tuple(rows),
    )


def _by_speaker(found: Recognition) -> Plot:
    groups = sorted(found.split("strings", "ours", "speaker"), key=lambda f: f.share.percent)
    strings = [Share(one.share.count, one.share.of) for one in groups]
    return Plot(
        "Each speaker through µ-law, the worst first",
        "strings with every digit right, % (95 % Wilson interval of this speaker's strings)",
        (TITLES["ours"],),
        tuple(Row(one.group, (of,)) for one, of in zip(groups, strings, strict=True)),
    )


def _rejection_plot(found: Recognition) -> Plot:
    rows: list[Row] = []
    most = 1.0
    for question in REJECTING:
        rows.append(Row(question, (), head=True))
        for what in FOREIGN:
            shares = tuple(
                found.find(f"rejection, {what}: taken for {how}", "ours", "question", question)
                for how in ("an entry", "a command")
            )
            rows.append(Row(what, shares))
            most = max([most, *(share.interval[1] for share in shares if share)])
    return Plot(
        "Recordings that are no answer, and what they are taken for",
        "taken without asking back, % (95 % interval)",
        ("an entry", "a command"),
        tuple(rows),
        goal=1.0,
        most=min(100.0, 5 * (1 + most // 5)),
    )
