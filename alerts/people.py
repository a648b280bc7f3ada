"""Who acts. Every stored call names its actor; there is no acting for nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The person on whose behalf something is read or changed. `person_id` is None only for the service itself."""

    person_id: str | None


SERVICE = Actor(None)
"""The process itself, at start-up: it may find the talks that a crash left open, and nothing else."""
