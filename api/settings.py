"""What can be set, by flag or by environment (`FLOODING_...`)."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def usual_data_dir() -> Path:
    """The platform's place for a program's data."""
    return user_data_path("flooding-detector", appauthor=False)


class Settings(BaseSettings):
    """Settings of one running service.

    Attributes:
        data_dir: where the journal lives.
        strap: name or address of the wearer's strap; None to run without one.
        simulated: heartbeats come from a simulated body on an accelerated clock. Said on every page.
        speed: pace of the simulated clock; 1 for a real talk.
        threshold_bpm: the line; flooding is strictly above it.
    """

    model_config = SettingsConfigDict(env_prefix="FLOODING_", extra="ignore")

    data_dir: Path = Field(default_factory=usual_data_dir)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    strap: str | None = None
    simulated: bool = False
    speed: float = Field(default=1.0, gt=0)
    seed: int = 1
    threshold_bpm: float = Field(default=100.0, ge=60, le=180)
