"""What can be set, by flag or by environment (`FLOODING_...`)."""

from ipaddress import ip_address
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "FLOODING_"
_FLAGS = {"data_dir": "data", "threshold_bpm": "threshold", "other_strap": "other-strap"}


def usual_data_dir() -> Path:
    """The platform's place for a program's data."""
    return user_data_path("flooding-detector", appauthor=False)


class Settings(BaseSettings):
    """Settings of one running service.

    Attributes:
        data_dir: where the journal lives.
        database: the address of the journal's database on PostgreSQL; None for a file in `data_dir`.
        key_file: where the keys of the journal's words are; None for the place beside `data_dir`.
        host: an address of this machine that only this machine reaches: nobody signs in yet.
        lan: serve the home's network, over TLS, to phones that were let in; loopback only unless asked.
        strap: name or address of the wearer's strap; None to run without one.
        other_strap: the same for the second person.
        simulated: heartbeats come from a simulated body on an accelerated clock. Said on every page.
        speed: pace of the simulated clock; 1 for a real talk.
        threshold_bpm: the line; flooding is strictly above it.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(default_factory=usual_data_dir)
    database: str | None = Field(default=None, min_length=1)
    key_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    lan: bool = False
    strap: str | None = Field(default=None, min_length=1)
    other_strap: str | None = Field(default=None, min_length=1)
    simulated: bool = False
    speed: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    seed: int = 1
    threshold_bpm: float = Field(default=100.0, ge=60, le=180)

    @field_validator("host")
    @classmethod
    def _only_this_machine(cls, host: str) -> str:
        if host == "localhost":
            return "127.0.0.1"
        try:
            own = ip_address(host).is_loopback
        except ValueError:
            own = False
        if not own:
            raise ValueError(
                "others could read the journal there, as nobody signs in yet; use 127.0.0.1, localhost or ::1"
            )
        return host


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
