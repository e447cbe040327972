"""Every knob of the bot, with its unit and default; read once by ``bootstrap``.

Sources, first wins: constructor, environment (``ELMS_IVR_TURN__TIMEOUT_MS=12000``), a TOML file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date, time
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.bounded_file import read_bounded
from bot.errors import SettingsError
from bot.resources import GRAMMARS, MODEL, PROMPTS, speech_cache

PREFIX, DELIMITER = "ELMS_IVR_", "__"
"""Naming of environment variables, such as ELMS_IVR_TURN__TIMEOUT_MS."""

LARGEST_BYTES = 16 << 10
"""Largest settings file; one with every setting and its description has 6 KB."""

Milliseconds = Annotated[int, Field(ge=0, le=600_000)]
Seconds = Annotated[float, Field(gt=0.0, le=3_600.0, json_schema_extra={"unit": "s"})]


class Section(BaseModel):
    """A group of settings; a misspelled name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LicenseNumber(Section):
    """Format of a license number. MDE publishes none, so it is set here."""

    length: Annotated[int, Field(ge=4, le=12)] = Field(6, description="Digits of a license number.")
    alphabet: str = Field("0123456789", description="The digits that a license number may contain.")

    @field_validator("alphabet")
    @classmethod
    def _is_of_digits(cls, alphabet: str) -> str:
        if len(set(alphabet)) < 2 or not set(alphabet) <= set("0123456789"):
            raise ValueError("use at least two digits; letters cannot be keyed")
        return "".join(sorted(set(alphabet)))

    @property
    def limits(self) -> str:
        """As parameters of a grammar's URI."""
        return f"length={self.length}{self.spelled}"

    @property
    def spelled(self) -> str:
        """The alphabet as a further parameter; of all digits there is nothing to say."""
        return "" if len(self.alphabet) == 10 else f"&alphabet={self.alphabet}"


class Turn(Section):
    """VoiceXML properties of a collect, milliseconds of audio."""

    timeout_ms: Milliseconds = Field(10_000, description="Silence before a noinput.")
    complete_timeout_ms: Milliseconds = Field(80, description="Silence after a complete entry.")
    incomplete_timeout_ms: Milliseconds = Field(2_500, description="Silence within an entry.")
    max_speech_timeout_ms: Milliseconds = Field(20_000, description="Longest utterance.")
    interdigit_timeout_ms: Milliseconds = Field(5_000, description="Pause between two keys.")
    term_timeout_ms: Milliseconds = Field(0, description="Wait for termchar after a full entry.")
    termchar: str = Field("#", pattern=r"^[0-9*#]?$", description="Key that ends an entry.")
    bargein: bool = Field(True, description="Speech stops a prompt; keys always do.")
    bargein_level_db: Annotated[int, Field(ge=-70, le=-20)] = Field(
        -40,
        description="Quieter speech does not stop a prompt, dBFS; -50 needs a line without echo.",
    )
    max_nbest: Annotated[int, Field(ge=1, le=50)] = Field(10, description="Alternatives kept.")
    max_nbest_digits: Annotated[int, Field(ge=1, le=50)] = Field(
        30, description="Alternatives kept for a digit string; its confidence depends on them."
    )


class SlowPace(Section):
    """Timing for callers who need more time (A5)."""

    timeout_ms: Milliseconds = Field(30_000, description="Silence before a noinput.")
    interdigit_timeout_ms: Milliseconds = Field(15_000, description="Pause between two keys.")
    incomplete_timeout_ms: Milliseconds = Field(4_000, description="Silence within an entry.")
    rate_percent: Annotated[int, Field(ge=50, le=100)] = Field(
        78, description="Speaking rate after “slower”, percent of normal."
    )
    patience_ms: Milliseconds = Field(180_000, description="Least silence that ends a slow call.")


_IN_ORDER = (
    ("confirm", "again", "no number is ever read back"),
    ("again", "wrong_number", "every number is taken as it is heard"),
    ("again", "wrong_choice", "every choice is taken as it is heard"),
    ("keypad", "wrong_choice", "every choice is taken as it is heard"),
    ("keypad", "wasted_pin", "every PIN is spent as it is heard"),
    ("again", "person", "no caller is asked twice"),
    ("keypad", "person", "no caller is asked twice"),
)


class Costs(Section):
    """Costs to a caller, in seconds, which decide what is done with an uncertain answer.

    ``elms-ivr costs`` shows the points that they give; decision 40 says where they come from.
    """

    wrong_number: Seconds = Field(177, description="Accepting a wrong license number.")
    wrong_choice: Seconds = Field(40, description="Accepting a wrong yes, no, or menu option.")
    wasted_pin: Seconds = Field(340, description="Wasting an attempt on a misheard PIN.")
    confirm: Seconds = Field(7, description="Reading a number back and hearing yes or no.")
    missing: Seconds = Field(6, description="Asking for the missing digit.")
    again: Seconds = Field(20, description="Asking again, and everything that may follow.")
    keypad: Seconds = Field(12, description="Asking for the keypad.")
    person: Seconds = Field(330, description="Holding for a representative.")

    @property
    def wasted_secret(self) -> float:
        """``wasted_pin`` by the name that it has in any dialog."""
        return self.wasted_pin

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        for cheap, dear, otherwise in _IN_ORDER:
            if getattr(self, cheap) >= getattr(self, dear):
                raise ValueError(f"{cheap} must cost less than {dear}, or {otherwise}")
        return self


class Attempts(Section):
    """Limits after which a person is offered."""

    field: Annotated[int, Field(ge=1, le=10)] = Field(3, description="Misses per question.")
    pin: Annotated[int, Field(ge=1, le=3)] = Field(3, description="Wrong PINs per call (S4).")
    events: Annotated[int, Field(ge=1, le=30)] = Field(
        8, description="Commands such as repeat and help per question."
    )
    turns: Annotated[int, Field(ge=10, le=500)] = Field(80, description="Questions per call.")
    minutes: Annotated[int, Field(ge=2, le=240)] = Field(
        30, description="Longest call; its closing prompts may take one more minute."
    )


class Hours(Section):
    """Hours when representatives answer."""

    timezone: str = Field("America/Chicago", description="IANA time zone name.")
    opens: time = Field(time(8, 0), description="Opening time.")
    closes: time = Field(time(17, 30), description="Closing time.")
    weekdays: tuple[int, ...] = Field((0, 1, 2, 3, 4), description="Open days; Monday is 0.")
    holidays: tuple[date, ...] = Field((), description="Closed days in addition to the backend's.")
    answer_when_closed: bool = Field(
        True, description="Outside office hours, serve callers; else only say the hours."
    )

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name} is not a time zone such as America/Chicago") from None
        return name

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens must be before closes")
        return self


class Office(Section):
    """How callers are told to reach the office."""

    telephone: str = Field(
        "601-359-3483",
        pattern=r"^[0-9]([- ]?[0-9]){2,14}$",
        description="Telephone number of the call center.",
    )
    address: str = Field("359 North West Street, Jackson", description="Street address.")
    mail: str = Field(
        "P.O. Box 771, Jackson, Mississippi 39205-0771", description="Mailing address."
    )


class Speech(Section):
    """Synthesis."""

    engine: str = Field(
        "best",
        pattern="^(best|hibari|pyttsx3)$",
        description="`hibari` (extra [hibari]), `pyttsx3` with espeak-ng, or `best`: hibari where"
        " it is installed. pyttsx3 drives both.",
    )
    voice: str = Field("gmw/en+adam", description="espeak-ng voice for `pyttsx3`.")
    words_per_minute: Annotated[int, Field(ge=80, le=300)] = Field(155, description="Normal rate.")
    workers: Annotated[int, Field(ge=1, le=16)] = Field(2, description="Synthesis processes.")
    timeout_ms: Milliseconds = Field(5_000, description="Time limit for a synthesis worker.")
    patience_ms: Milliseconds = Field(2_000, description="Longest wait for a sentence.")
    cache: Path | None = Field(
        speech_cache(), description="Folder for synthesized fixed prompts; never holds caller data."
    )


class Rescoring(Section):
    """Another listener, Whisper, that says how likely what the recognizer proposes is."""

    enabled: bool = Field(True, description="Use Whisper if it is installed (extra [whisper]).")
    model: Path | None = Field(
        None, description="CTranslate2 Whisper directory; default: the one from the extra."
    )


class BackendClient(Section):
    """Connection to the ELMS backend."""

    url: str = Field("http://127.0.0.1:8022", description="Base URL, without /api/v1.")
    credential: SecretStr = Field(SecretStr(""), description="The bot's bearer credential.")
    timeout_ms: Milliseconds = Field(4_000, description="Time limit for a response; one retry.")
    one_moment_ms: Milliseconds = Field(2_000, description="Wait before “one moment” (A11).")

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            known = False
        if not known or any(sign.isspace() or not sign.isprintable() for sign in url):
            raise ValueError("use an address such as http://127.0.0.1:8022")
        return url


class Serve(Section):
    """Calls from a PBX (docs/telephony.md)."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8_090, description="0 takes a free one.")
    username: str = Field("elms", description="User name for HTTP Basic.")
    credential: SecretStr = Field(
        SecretStr(""),
        description="The PBX's credential; without one, only this machine may connect.",
    )
    tls_certificate: Path | None = Field(None, description="PEM file; with it, wss only.")
    tls_key: Path | None = Field(None, description="PEM file of its key.")
    agi_host: str = Field("127.0.0.1", description="Address on which FastAGI listens.")
    agi_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        4_573, description="FastAGI port; 0 takes a free one."
    )
    calls: Annotated[int, Field(ge=1, le=1_000)] = Field(
        40, description="Simultaneous calls; any more are refused before they are answered."
    )
    workers: Annotated[int, Field(ge=1, le=64)] | None = Field(
        None,
        description="Processes that answer calls; none: one for each core, and none with fewer "
        "than 20 calls.",
    )
    drain_s: Annotated[int, Field(ge=0, le=3_600)] = Field(
        120, description="Time for calls in progress to end when the service is stopped."
    )
    warm_rates: tuple[int, ...] = Field(
        (8_000,), description="Sampling rates (Hz) at which sentences are synthesized in advance."
    )


class Settings(BaseSettings):
    """All settings of the bot, frozen.

    It has many attributes because each is one section of what an operator may set.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        toml_file=None,
    )

    grammars: Path = Field(GRAMMARS, description="SRGS files.")
    prompts: Path = Field(PROMPTS, description="Prompt files.")
    model: Path = Field(MODEL, description="Vosk model directory.")
    out: Path = Field(Path("out"), description="Folder for call records and pages.")
    recognition_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="Threads that run recognizers; use one per core."
    )
    license_number: LicenseNumber = LicenseNumber()
    turn: Turn = Turn()
    slow: SlowPace = SlowPace()
    costs: Costs = Costs()
    attempts: Attempts = Attempts()
    hours: Hours = Hours()
    office: Office = Office()
    speech: Speech = Speech()
    rescoring: Rescoring = Rescoring()
    backend: BackendClient = BackendClient()
    serve: Serve = Serve()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Constructor, then environment, then the TOML file named in the class configuration."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(toml: Path | None = None, **overrides: Any) -> Settings:
    """Read settings; raises SettingsError that names the first wrong one."""
    check_environment(os.environ, Settings, PREFIX, DELIMITER)
    if toml is not None:
        _check_readable(toml)

    try:
        return Settings(**_read_from(toml)(**overrides).model_dump())
    except ValidationError as error:
        raise SettingsError(_first_of(error)) from None
    except ValueError as error:
        raise SettingsError(f"settings: {error}") from None
    except RecursionError:
        raise SettingsError("settings: they are nested too deeply") from None


@cache
def _read_from(toml: Path | None) -> type[Settings]:
    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=toml)

    return FromFile


def _check_readable(toml: Path) -> None:
    try:
        is_file = toml.is_file()
    except OSError as error:
        raise SettingsError(f"{toml}: cannot be read ({error.strerror})") from None
    if not is_file:
        raise SettingsError(f"no settings file at {toml}")
    try:
        read_bounded(toml, LARGEST_BYTES)
    except OSError as error:
        raise SettingsError(f"{toml}: {error.strerror}") from None


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no setting {name}{nearest(name, map('.'.join, names(Settings)))}"
    return f"setting {name}: {first['msg'].removeprefix('Value error, ')}"


def names(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Every setting by its sections and its own name, sections included."""
    for name, field in model.model_fields.items():
        yield (name,)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from ((name, *inner) for inner in names(field.annotation))


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean …?``, or nothing where no known name is like it."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def check_environment(
    variables: Iterable[str], model: type[BaseModel], prefix: str, delimiter: str
) -> None:
    """Raise SettingsError that names the first variable with our prefix that is not a setting."""
    known = [prefix + delimiter.join(parts).upper() for parts in names(model)]
    for variable in sorted(variables):
        if variable.upper().startswith(prefix) and variable.upper() not in known:
            hint = nearest(variable.upper(), known)
            raise SettingsError(f"environment: {variable} is not a setting{hint}")
