"""An episode as plain facts: for the command line and for exports. Needs no database, so that `replay` starts fast."""

from dataclasses import asdict
from typing import Any

from hrv.reading import Episode


def episode_facts(episode: Episode) -> dict[str, Any]:
    """An episode's physiological context as JSON; figures rounded to what a strap can resolve."""
    facts = asdict(episode)
    threshold = facts.pop("threshold")
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in facts.items()}
    return rounded | {
        "threshold_bpm": threshold["bpm"],
        "threshold_leave_bpm": threshold["leave_bpm"],
        "threshold_kind": threshold["kind"],
    }
