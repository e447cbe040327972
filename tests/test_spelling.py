"""American spelling throughout: in documents, names, comments, messages, prompts, and pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

FOLDERS = (
    *("bot", "server", "acoustic_model", "benchmarks", "scripts", "tests", "audio_fixtures"),
    *("docs", "prompts", "grammars", ".ci"),
)
ENDINGS = {
    *(".py", ".md", ".yaml", ".grxml", ".j2", ".html", ".css", ".js", ".toml", ".mako", ".txt", ""),
}

WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""Words, also those inside snake_case and CamelCase."""

PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\w{2,}(?:ise|ised|ises|ising|iser|isers|isation|isations)",
        r"\w{2,}(?:yse|ysed|yser|ysers|ysing)",
        r"\w{2,}(?:our|ours|oured|ouring|ourable|ourite|ourites|ourhood)",
        r"\w*(?:cen|thea|me|li|lus|spec)tre[sd]?|(?:fi|cali|som)bre[sd]?",
        r"\w*(?:label|level|dial|cancel|signal|model|travel|total|fuel|channel|tunnel|equal|rival)"
        r"(?:led|ling|ler|lers)",
        r"(?:de|of|pre)(?:fence|tence)s?",
        r"(?:un)?licences?|(?:un)?practis(?:e|ed|es|ing)",
        r"(?:judg|acknowledg|abridg)ements?|ageing",
        r"(?:mis|re)?spelt|(?:un)?learnt|burnt|spoilt|leapt|leant|dreamt",
        r"(?:to|after|up|down|on|out|in)wards",
        r"artefacts?|grey|greyed|programmes?|cheques?|whilst|amongst|storeys?|tyres?|kerbs?",
        r"fulfil|enrol|skilful|wilful|moulds?|sceptic\w*|(?:cata|ana)logue[sd]?|metres?|litres?",
    )
)

AMERICAN = set(
    """
    advise advised advises advising arise arises arising comprise comprised comprises concise
    cruise devise devised disguise exercise exercised exercises exercising expertise franchise
    improvise likewise noise noised noises noisiest otherwise paradise poise praise precise premise
    premises promise promised promises promising raise raised raises raising reprise revise revised
    rise rises rising supervise supervised supervises supervising surprise surprised surprises
    surprising televise tortoise unpromised unwise wise
    contour contours detour detours devour four fours hour hours our ours pour scour sour tour tours
    your yours
    Annalise bonjour byhour Kaiser pairwise
    """.lower().split()
)
"""Words and names that only look British."""

ALLOWED = (
    # The manifest's column, which other people's files have, and what is named after it.
    (r"\blicence\b", "acoustic_model/data/*.py"),
    (r"\blicence\b", "acoustic_model/voices/*.py"),
    (r"\blicence=|\.licence\b|\{licence\}|source, licence", "acoustic_model/*.py"),
    (r"\blicence\b", "tests/acoustic_model/*.py"),
    (r"\blicence\b", "audio_fixtures/ma*"),
    (r"\blicence\b", "tests/test_audio_fixtures.py"),
    (r",licence$|`--licence`", "*.md"),
    # British labels are understood, and the British word is no word for a prompt.
    (r'"licence"', "bot/evaluation/labeled_recordings.py"),
    (r'"licence"', "bot/prompts/lint.py"),
    (r'"licence"', "tests/bot/prompts/test_lint.py"),
    # A checkpoint's key, which runs that were begun before have.
    (r'"optimiser"', "acoustic_model/*.py"),
    # Names of asyncio and pydantic.
    (r"CancelledError|\.cancelled\(\)|settings_customise_sources", "*.py"),
    # The patterns above.
    (r"(?s).*", "tests/test_spelling.py"),
)


def texts() -> Iterator[Path]:
    """Everything that is written here, but for figures, lists of words, and what is fetched."""
    yield from (path for path in PROJECT.iterdir() if path.suffix in {".md", ".toml"})
    yield PROJECT / "Makefile"
    for folder in FOLDERS:
        for path in sorted((PROJECT / folder).rglob("*")):
            inside = path.relative_to(PROJECT).as_posix()
            fetched = "oidc_provider/" in inside or "node_modules/" in inside
            words = (
                inside.startswith(("tests/data/grammars/", "bot/models/")) and path.suffix != ".md"
            )
            if path.is_file() and path.suffix in ENDINGS and not (fetched or words):
                yield path


def british(text: str) -> list[str]:
    """Words that are spelled the British way, in order."""
    found = {word for word in WORDS.findall(text) if _is_british(word.lower())}
    found |= set(re.findall(r"\bper cent\b", text, re.IGNORECASE))
    return sorted(found)


def _is_british(word: str) -> bool:
    return word not in AMERICAN and any(one.fullmatch(word) for one in PATTERNS)


@pytest.mark.parametrize(
    "word",
    [
        *("recogniser", "Recognises", "synthesised", "normalisation", "customise", "analysed"),
        *("colour_db", "favourite", "neighbouring", "behaviour", "centre", "fibre", "labelled"),
        *("mislabelled", "LevelledAudio", "dialling", "licence", "ENGINE_LICENCES", "judgement"),
        *("misspelt", "afterwards", "artefact", "per cent", "signalling", "defence", "optimisers"),
    ],
)
def test_british_spellings_are_found(word: str) -> None:
    assert british(f"the {word} of it")


@pytest.mark.parametrize(
    "word",
    [
        *(
            "recognizer",
            "synthesized",
            "color",
            "neighbor",
            "center",
            "labeled",
            "license",
            "noise",
        ),
        *(
            "otherwise",
            "SynthesisError",
            "raises",
            "four",
            "hours",
            "percent",
            "called",
            "controlled",
        ),
        *("distilled", "sentence", "analyses", "judgment", "letters", "entries", "pressed"),
    ],
)
def test_american_spellings_are_accepted(word: str) -> None:
    assert british(f"the {word} of it") == []


def test_everything_has_american_spelling() -> None:
    found = []
    for path in texts():
        name = path.relative_to(PROJECT).as_posix()
        text = path.read_text("utf-8")
        for pattern, files in ALLOWED:
            if fnmatch(name, files):
                text = re.sub(pattern, "", text, flags=re.MULTILINE)
        found += [f"{name}: {word}" for word in british(text)]
    assert found == []
