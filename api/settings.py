"""What can be set, by flag or by environment (`FLOODING_...`)."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.logs import Form

_PREFIX = "FLOODING_"
_FLAGS = {"data_dir": "data", "threshold_bpm": "threshold", "other_strap": "other-strap"}


def usual_data_dir() -> Path:
    """The platform's place for a program's data."""
    return user_data_path("flooding-detector", appauthor=False)


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """The name by which others reach the service, and the port where it is not the usual one."""

    host: str
    port: int | None


class Settings(BaseSettings):
    """Settings of one running service.

    Attributes:
        data_dir: where the journal lives.
        database: the address of the journal's database on PostgreSQL; None for a file in `data_dir`.
        workers: how many processes serve; more than one only on PostgreSQL.
        key_file: where the keys of the journal's words are; None for the place beside `data_dir`.
        host: where to listen: an address that only this machine reaches, unless `public_url` is set.
        public_url: where others reach the service, by a proxy that speaks TLS before it; nobody then counts as sitting at
            this machine.
        proxies: the addresses that such a proxy connects from; only its word for where a request comes from is believed.
        lan: serve the home's network, over TLS, to phones that were let in; loopback only unless asked.
        strap: name or address of the wearer's strap; None to run without one.
        other_strap: the same for the second person.
        simulated: heartbeats come from a simulated body on an accelerated clock. Said on every page.
        speed: pace of the simulated clock; 1 for a real talk.
        threshold_bpm: the line; flooding is strictly above it.
        log: how the log's lines look: for people, or as JSON.
        metrics_port: where this machine alone can read what Prometheus gathers; None: nowhere.
        keep_days: after so many days what hearts did is erased; what people wrote stays. None: it is kept until its wearer
            erases it.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(default_factory=usual_data_dir)
    database: str | None = Field(default=None, min_length=1)
    workers: int = Field(default=1, ge=1, le=64)
    key_file: Path | None = None
    public_url: str | None = None
    proxies: str = "127.0.0.1,::1"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    lan: bool = False
    strap: str | None = Field(default=None, min_length=1)
    other_strap: str | None = Field(default=None, min_length=1)
    simulated: bool = False
    speed: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    seed: int = 1
    threshold_bpm: float = Field(default=100.0, ge=60, le=180)
    log: Form = Form.LINES
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    keep_days: int | None = Field(default=None, ge=1, le=36_500)

    @field_validator("public_url")
    @classmethod
    def _an_origin_with_tls(cls, url: str | None) -> str | None:
        if url is None:
            return None
        found = urlsplit(url.rstrip("/"))
        _ = found.port  # raises where it can be none
        if found.scheme != "https" or not found.hostname or url.rstrip("/") != f"https://{found.netloc}" or "@" in url:
            raise ValueError("write it as https://lamp.example.org, without a path: a browser trusts nothing else")
        return url.rstrip("/").lower()

    @field_validator("host")
    @classmethod
    def _only_this_machine(cls, host: str, others: ValidationInfo) -> str:
        if host == "localhost":
            return "127.0.0.1"
        try:
            address = ip_address(host)
        except ValueError:
            raise ValueError("write an address of this machine in numbers, such as 127.0.0.1") from None
        if not address.is_loopback and others.data.get("public_url") is None:
            raise ValueError(
                "what is typed there would cross the network for everybody to read; use 127.0.0.1, or --lan at home, or set "
                "FLOODING_PUBLIC_URL and a proxy with TLS before it"
            )
        return host

    @property
    def public(self) -> PublicPlace | None:
        """Where `public_url` is."""
        if self.public_url is None:
            return None
        found = urlsplit(self.public_url)
        return PublicPlace(found.hostname or "", found.port)


class BadSetting(ValueError):
    """A flag or a variable of the environment that cannot be. One line, for people."""


def read_settings(**given: object) -> Settings:
    """The settings `given` by flag, and the others from the environment. None counts as not given.

    Raises:
        BadSetting: one of them cannot be.
    """
    flags = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**flags)  # type: ignore[arg-type]  # pydantic checks each
    except ValidationError as error:
        raise BadSetting("; ".join(_in_words(one, flags) for one in error.errors())) from None


def _in_words(error: ErrorDetails, flags: dict[str, object]) -> str:
    name = str(error["loc"][0])
    where = f"--{_FLAGS.get(name, name)}" if name in flags else f"{_PREFIX}{name.upper()}"
    why = error["msg"].removeprefix("Value error, ").removeprefix("Input ").removeprefix("String ")
    return f"{where}={error['input']}: {why}"
