"""What is in the journal about a talk, as plain facts and as sentences: for the command line and for exports."""

from typing import Any

from alerts.pause import Pause
from api.facts import episode_facts
from journal.entries import EntryDetail


def pause_facts(pause: Pause) -> dict[str, Any]:
    """A pause as JSON."""
    return {
        "state": pause.state,
        "called_at": pause.called_at.isoformat(),
        "return_at": pause.return_at.isoformat(),
        "ready_at": pause.ready_at.isoformat() if pause.ready_at else None,
        "ended_at": pause.ended_at.isoformat() if pause.ended_at else None,
        "lasted_s": round((pause.ended_at - pause.called_at).total_seconds(), 1) if pause.ended_at else None,
        "extensions": pause.extensions,
        "answers_suggestion": pause.suggestion_id is not None,
    }


def story(entry: EntryDetail) -> dict[str, Any]:
    """A talk with its last episode, its last pause, and the entry with all of its physiological context."""
    talk = entry.talk
    episodes = [episode_facts(episode) for episode in entry.episodes]
    pauses = [pause_facts(pause) for pause in entry.state.pauses]
    return {
        "simulated": talk.simulated,
        "talk": {
            "id": talk.id,
            "began_at": talk.began_at.isoformat(),
            "topic_began_at": talk.topic_began_at.isoformat() if talk.topic_began_at else None,
            "ended_at": talk.ended_at.isoformat() if talk.ended_at else None,
            "strap": talk.worn,
        },
        "episode": episodes[-1] if episodes else None,
        "pause": pauses[-1] if pauses else None,
        "entry": {
            "id": entry.id,
            "physiology": {
                "episodes": episodes,
                "pauses": pauses,
                "suggestions": [
                    {"state": s.state, "raised_at": s.raised_at.isoformat(), "reason": s.reason}
                    for s in entry.state.suggestions
                ],
            },
        },
    }


def sentences(told: dict[str, Any]) -> list[str]:
    """A told story in a few lines."""
    lines = ["Everything in this talk was simulated."] if told["simulated"] else []
    if (episode := told["episode"]) is not None:
        usual = f", usual {episode['baseline_bpm']:.0f}" if episode["baseline_bpm"] is not None else ""
        lines.append(
            f"Flooded: highest {episode['peak_bpm']:.0f}{usual}, above the line for {episode['above_threshold_s']} s."
        )
    if (pause := told["pause"]) is not None and pause["lasted_s"] is not None:
        lines.append(f"Paused for {pause['lasted_s'] / 60:.0f} min, then {pause['state']}.")
    return [*lines, f"The entry is written: {told['entry']['id']}."]
