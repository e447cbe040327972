"""`elms-ivr say`: writes or plays one prompt as a caller would hear it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.adapters.loudspeaker import play
from bot.adapters.synthesizer_engines import speech_engine
from bot.audio.files import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, to_samples, write_wav
from bot.commands.prompts import texts_of
from bot.commands.settings_file import SettingsFile
from bot.elms.login import SECRET_FIELDS
from bot.elms.spoken_facts import spoken_facts
from bot.errors import PromptError
from bot.prompts.prompts import Prompts
from bot.prompts.say_as import SAY_AS
from bot.settings import Settings, load_settings, nearest
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import Prompt, Say, Segment, Value


def say(
    prompt: Annotated[str | None, typer.Argument(help="Key of a prompt; omit to list all.")] = None,
    slots: Annotated[
        list[str] | None, typer.Argument(help="slot=value …, then further prompts")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="WAV file to write instead of playing.")] = None,
    rate: Annotated[
        int, typer.Option(min=LOWEST_RATE_HZ, max=HIGHEST_RATE_HZ, help="Sample rate, Hz.")
    ] = 8_000,
    count: Annotated[
        int,
        typer.Option(
            min=1, help="Attempt: 1 for the first time the prompt is played, 2 for the second, …"
        ),
    ] = 1,
    text: Annotated[
        str | None, typer.Option(help="Say this text in place of the prompt's.")
    ] = None,
    changes: Annotated[
        str | None,
        typer.Option(help="JSON file of texts by key in place of the files'; - reads it."),
    ] = None,
    heard: Annotated[
        bool, typer.Option(help="Print the words that the voice speaks, not figures.")
    ] = False,
    example: Annotated[bool, typer.Option(help="Fill every slot with a sample.")] = False,
    pace: Annotated[int, typer.Option(min=50, max=150, help="Percent of the normal rate.")] = 100,
    settings: SettingsFile = None,
) -> None:
    """Say a prompt: `elms-ivr say license_number.confirm number=421903 --out confirm.wav`."""
    loaded = load_settings(settings)
    prompts = Prompts.load(loaded.prompts, spoken_facts(loaded), SECRET_FIELDS)
    if prompt is None:
        typer.echo("\n".join(_usage(prompts, key) for key in prompts))
        return
    if changes is not None:
        prompts = prompts.changed(texts_of(changes))
    if text is not None:
        prompts = _known(prompts, prompt).changed({prompt: [text]})
    filled = [
        _filled(_known(prompts, key), key, count, arguments, example)
        for key, arguments in _one_by_one(prompt, slots or [])
    ]
    said = prompts.sequence(filled)
    aloud = (each.text for each in said if isinstance(each, Say))
    typer.echo(" ".join(aloud if heard else map(prompts.text, filled)))
    pcm = asyncio.run(_speak(loaded, said, rate, pace))
    if out is None:
        play(to_samples(pcm), rate)
    else:
        write_wav(out, to_samples(pcm), rate)


def _one_by_one(prompt: str, arguments: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Each prompt with its own slots; keys have a dot in them."""
    found: list[tuple[str, list[str]]] = [(prompt, [])]
    for each in arguments:
        if "=" not in each and "." in each:
            found.append((each, []))
        else:
            found[-1][1].append(each)
    return found


def _known(prompts: Prompts, key: str) -> Prompts:
    if key not in prompts:
        hint = nearest(key, prompts) or "; `elms-ivr say` lists all"
        raise PromptError(f"unknown prompt {key}{hint}")
    return prompts


def _filled(
    prompts: Prompts, key: str, count: int, arguments: Sequence[str], example: bool
) -> Prompt:
    samples = {name: SAY_AS[kind].sample for name, kind in prompts.slots(key).items()}
    return Prompt(key, count, (samples if example else {}) | _values(prompts, key, arguments))


async def _speak(settings: Settings, segments: Sequence[Segment], rate: int, pace: int) -> bytes:
    async with SentenceSynthesizer(speech_engine(settings.speech), settings.speech) as voice:
        await voice.start()
        return b"".join(await voice.speak(segments, rate, pace))


def _usage(prompts: Prompts, key: str) -> str:
    return " ".join([key, *(f"{name}={say_as}" for name, say_as in prompts.slots(key).items())])


def _values(prompts: Prompts, key: str, arguments: Sequence[str]) -> dict[str, Value]:
    kinds = prompts.slots(key)
    values: dict[str, Value] = {}
    for argument in arguments:
        name, is_pair, text = argument.partition("=")
        if not is_pair or name not in kinds:
            raise PromptError(f"{argument}: give slot=value, as in: {_usage(prompts, key)}")
        try:
            values[name] = SAY_AS[kinds[name]].parse(text)
        except ValueError:
            example = SAY_AS[kinds[name]].sample
            raise PromptError(f"{argument}: not a {kinds[name]}, such as {example}") from None
    return values
