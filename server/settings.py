"""Every knob of the server, with its unit and default.

Sources, first wins: constructor, environment (``ELMS_SERVER_PORT=8022``), a TOML file
(``elms-server.toml``, made by ``elms-server init`` and readable by its owner only).
"""

from __future__ import annotations

import os
from datetime import date
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.errors import SettingsError
from server.protected_address import is_protected
from server.section import Count, Section
from server.settings_network import ANY_ADDRESS, HostName, Network, Places

SETTINGS_FILE = Path("elms-server.toml")

DEMO_SECRET_PREFIX = "demonstration-"  # noqa: S105 - marks what is no secret
DEMO_BOT_CREDENTIAL = "demonstration-bot-credential"
DEMO_PEPPER = "demonstration-pepper"
DEFAULT_DATABASE = "sqlite:///elms.sqlite3"
DEMO_DATABASE = "sqlite:///elms-demo.sqlite3"
DEMO_TODAY = date(2022, 12, 5)
"""A Monday near the end of ELMS: all demonstration data lies before it."""

SECRETS = ("pepper", "bot_credential", "metrics_credential")
SECRET_LENGTH = 32

PERSONAL_CLAIMS = (
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"),
    *("profile", "picture", "website", "email", "email_verified", "gender", "birthdate"),
    *("zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at"),
)
"""OpenID Connect Core 1.0, section 5.1, without sub: what people say about themselves."""


class HashCost(Section):
    """Argon2id's cost; the default is OWASP's first choice (19 MiB, 2 passes, 1 lane)."""

    memory_kib: Annotated[int, Field(ge=8, le=4_194_304)] = Field(
        19_456, description="Memory, KiB."
    )
    passes: Annotated[int, Field(ge=1, le=100)] = Field(2, description="Passes over the memory.")
    lanes: Annotated[int, Field(ge=1, le=16)] = Field(1, description="Parallel lanes.")
    at_once: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="PIN hashes computed at the same time."
    )
    passwords_at_once: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="Password hashes computed at the same time."
    )


class Limits(Section):
    """Limits on wrong PINs and sign-ins (S4, S5)."""

    pins_per_call: Count = Field(3, description="Wrong PINs that end authentication for a call.")
    pins_per_account: Count = Field(5, description="Wrong PINs in 24 h that lock the telephone.")
    pins_per_caller: Count = Field(15, description="Wrong PINs in 24 h from one caller number.")
    pins_withheld: Count = Field(60, description="The same, for all withheld numbers together.")
    pins_per_representative: Count = Field(
        60, description="Wrong PINs in 24 h from one representative."
    )
    pins_overall: Count = Field(400, description="Wrong PINs in any hour, whoever calls.")
    lock_hours: Annotated[int, Field(ge=24, le=8_760)] = Field(
        24, description="First lock; each later one lasts twice as long."
    )
    lock_hours_most: Count = Field(24 * 30, description="Longest lock.")
    sign_ins: Count = Field(
        10, description="Wrong passwords for a name in 15 minutes, from one address or browser."
    )
    sign_ins_per_address: Count = Field(
        60, description="Wrong passwords in 15 minutes from one address, whatever the name."
    )
    sign_ins_of_strangers: Count = Field(
        100, description="Wrong passwords for a name in 24 h, from browsers that never signed in."
    )
    sign_ins_when_attacked: Count = Field(
        3,
        description="After that, wrong passwords allowed for the name in 24 h from one address.",
    )
    requests_per_minute: Count = Field(1_200, description="API requests of the bot per address.")
    page_requests_per_minute: Count = Field(
        240, description="Page requests per address, or per browser that signed in before."
    )


class Retention(Section):
    """Retention periods, days."""

    attempts_days: Count = Field(
        90, description="Records of presented PINs (never the PIN itself)."
    )
    calls_days: Count = Field(400, description="Call records and their turns.")
    call_backs_days: Count = Field(
        30, description="Promised call-backs and their telephone numbers, done or not."
    )
    audit_days: Count = Field(2_555, description="Audit rows: seven years.")


class Mail(Section):
    """Delivery of notices: to an SMTP server, or to a folder of .eml files."""

    smtp_host: str | None = Field(
        None, description="SMTP server; without one, notices are written to files."
    )
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = Field(25, description="SMTP port.")
    starttls: bool = Field(True, description="Refuse a server without STARTTLS.")
    folder: Path = Field(
        Path("out/mail"), description="Folder for notices when there is no SMTP server."
    )
    sender: str = Field("licensure@mdek12.example", description="From address.")


class SingleSignOn(Section):
    """OpenID Connect, for a department's own sign-in."""

    issuer: str | None = Field(
        None, max_length=200, description="Issuer URL, https; without one, single sign-on is off."
    )
    client_id: str = Field("elms", description="Client identifier at the provider.")
    client_secret: SecretStr = Field(SecretStr(""), description="Client secret at the provider.")
    scope: str = Field("openid", description="Scopes that release the required claims.")
    license_claim: str | None = Field(
        None,
        min_length=1,
        description="Claim with the license number, which only the department may be able to edit.",
    )
    label: str = Field("State single sign-on", description="Label of the sign-in button.")

    @field_validator("issuer")
    @classmethod
    def _is_protected(cls, issuer: str | None) -> str | None:
        if issuer is not None and not is_protected(issuer):
            raise ValueError("must be an https address (http is allowed only on this computer)")
        return issuer.rstrip("/") if issuer else None

    @field_validator("scope")
    @classmethod
    def _is_openid(cls, scope: str) -> str:
        if "openid" not in scope.split(" "):
            raise ValueError("must include the scope openid")
        return scope

    @field_validator("license_claim")
    @classmethod
    def _is_the_departments(cls, claim: str | None) -> str | None:
        if claim in PERSONAL_CLAIMS:
            raise ValueError(f"{claim} is a claim that people may choose; see docs/decisions/0026")
        return claim


class Settings(BaseSettings):
    """All settings of the server, frozen."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="ELMS_SERVER_",
        env_nested_delimiter="__",
        toml_file=None,
    )

    demo: bool = Field(
        False, description="Demonstration with fictional people and publicly known secrets."
    )
    database_url: str = Field(
        DEFAULT_DATABASE, description="SQLAlchemy URL; for PostgreSQL, postgresql+psycopg."
    )
    pepper: SecretStr = Field(
        SecretStr(""), description="HMAC key applied to every PIN before it is hashed."
    )
    bot_credential: SecretStr = Field(SecretStr(""), description="The bot's bearer credential.")
    metrics_credential: SecretStr = Field(
        SecretStr(""), description="Credential for reading metrics."
    )
    today: date | None = Field(
        None, description="A fixed date for demonstrations; default: the current date."
    )
    timezone: str = Field(
        "America/Chicago", description="Time zone in which days begin; IANA name."
    )
    token_minutes: Annotated[int, Field(ge=1, le=60)] = Field(
        10, description="How long a verified call may read the account, minutes."
    )
    expiring_days: Annotated[int, Field(ge=1, le=365)] = Field(
        240, description="A license counts as expiring this many days before its last day."
    )
    session_minutes: Annotated[int, Field(ge=5, le=720)] = Field(
        30, description="Idle time after which a browser is signed out, minutes."
    )
    fresh_minutes: Annotated[int, Field(ge=1, le=60)] = Field(
        10, description="How long a password counts as recently entered (S11), minutes."
    )
    known_days: Annotated[int, Field(ge=1, le=400)] = Field(
        180, description="How long a browser stays known after a sign-in, days."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8022, description="Port to listen on.")
    public_url: str | None = Field(None, description="URL that people use; default: host:port.")
    trusted_hosts: tuple[HostName, ...] = Field(
        (),
        description="Other host names under which browsers reach the pages, such as *.example.org.",
    )
    disk_free_mib: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        100, description="The service is not ready with less free disk space than this, MiB."
    )
    tls_certificate: Path | None = Field(None, description="PEM certificate chain.")
    tls_key: Path | None = Field(None, description="PEM private key.")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Lowest level of events to log."
    )
    hash_cost: HashCost = HashCost()
    limits: Limits = Limits()
    network: Network = Network()
    places: Places = Places()
    retention: Retention = Retention()
    mail: Mail = Mail()
    sso: SingleSignOn = SingleSignOn()

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # a name, a path out of the folder, a folder
            raise ValueError("is not an IANA time zone, such as America/Chicago") from None
        return name

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self

    @property
    def address(self) -> str:
        """The address that people use, without a slash at its end."""
        scheme = "https" if self.tls_certificate else "http"
        return (self.public_url or f"{scheme}://{self.host}:{self.port}").rstrip("/")

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which browsers reach the pages; anything else is answered with 400."""
        named = urlsplit(self.public_url or "").hostname
        host = f"[{self.host}]" if ":" in self.host else self.host
        own = {"localhost", "127.0.0.1", "[::1]", host, named}
        return frozenset({name for name in own if name} | set(self.trusted_hosts)) - ANY_ADDRESS

    @property
    def secure_cookies(self) -> bool:
        """True if browsers reach the pages over TLS."""
        return self.tls_certificate is not None or (self.public_url or "").startswith("https:")

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
    if toml is not None and not toml.is_file():
        raise SettingsError(f"no settings file at {toml}; make one with: elms-server init")

    _refuse_unknown_names()

    try:
        return _read_from(toml)(**overrides)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        words = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"setting {name}: {words}" if name else f"settings: {words}") from None
    except (ValueError, OSError) as error:
        raise SettingsError(f"settings: {error}") from None


@cache
def _read_from(toml: Path | None) -> type[Settings]:
    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=toml)

    return FromFile


def _refuse_unknown_names() -> None:
    """A misspelled name in the environment is an error as it is in the file."""
    prefix = str(Settings.model_config["env_prefix"])
    for name in os.environ:
        known = name.removeprefix(prefix).split("__")[0].lower()
        if name.startswith(prefix) and known not in Settings.model_fields:
            raise SettingsError(f"{name} in the environment is not a setting")


def demo_settings(live: bool = False, **overrides: Any) -> Settings:
    """The demonstration's settings: known secrets, and a day in 2022; the environment wins.

    ``live`` has today be today.
    """
    known: dict[str, Any] = {
        "database_url": DEMO_DATABASE,
        "pepper": SecretStr(DEMO_PEPPER),
        "bot_credential": SecretStr(DEMO_BOT_CREDENTIAL),
        "metrics_credential": SecretStr(DEMO_SECRET_PREFIX + "metrics-credential"),
        "today": None if live else DEMO_TODAY,
        "log_level": "WARNING",
    }
    prefix = str(Settings.model_config["env_prefix"])
    unset = {
        name: value for name, value in known.items() if prefix + name.upper() not in os.environ
    }
    return load_settings(**({"demo": True} | unset | overrides))


def check_settings(settings: Settings) -> None:
    """Refuse to run with placeholders outside the demonstration, or to show it to a network."""
    if settings.demo:
        if not _is_loopback(settings.host):
            raise SettingsError("the demonstration listens on this computer only: --host 127.0.0.1")
        return
    for name in SECRETS:
        secret: str = getattr(settings, name).get_secret_value()
        if len(secret) < SECRET_LENGTH or secret.startswith(DEMO_SECRET_PREFIX):
            raise SettingsError(f"setting {name} is not a secret; make one with elms-server init")
    if settings.host in ANY_ADDRESS and not (settings.public_url or settings.trusted_hosts):
        raise SettingsError(
            f"with host {settings.host}, set public_url or trusted_hosts to the name that "
            "browsers use"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
