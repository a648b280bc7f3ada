"""`flooding replay`: recordings through the live path."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Files, TalkStarts, Threshold
from api.printable import printable

if TYPE_CHECKING:
    from hrv.reading import Reading, StateChange
    from sensing.recording import Recording


def replay(
    files: Files,
    talk_starts: TalkStarts = None,
    threshold: Threshold = 100.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print every change of state that the detector finds in recordings, as it would have found it live."""
    for said, noted in _replayed(files, partial(_replay_file, talk_starts, threshold, as_json)):
        print(noted, end="", file=sys.stderr)
        print(said, end="", flush=True)


def _replayed(files: list[Path], work: Callable[[Path], tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Replay each file, several at once where there are several, and yield what is to be said in the order of the files."""
    workers = max(1, min(os.cpu_count() or 1, len(files)))
    if workers == 1:
        yield from map(work, files)
        return
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(workers, initializer=_leave_signals_to_the_parent)
    try:
        yield from pool.map(work, files)
    finally:  # after a bad file, Ctrl-C or a reader who has left, the rest is of no use
        pool.shutdown(cancel_futures=True)


def _leave_signals_to_the_parent() -> None:
    """A terminal sends Ctrl-C to every process of the command; one of them is to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _replay_file(talk_starts: float | None, threshold: float, as_json: bool, file: Path) -> tuple[str, str]:
    """What replaying one file says, and what there is to note, as text."""
    from api.notes import talk_start_within, without_intervals
    from sensing.recording import read_recordings

    said: list[str] = []
    noted: list[str] = []
    for recording in read_recordings(file):
        starts_s, note = talk_start_within(recording.content[-1].t_s, talk_starts)
        noted += [printable(f"{recording.name} {one}") for one in (note, without_intervals(recording)) if one]
        said += _lines(recording, file, starts_s, threshold, as_json)
    return "".join(f"{line}\n" for line in said), "".join(f"{line}\n" for line in noted)


def _lines(
    recording: "Recording", file: Path, talk_starts_s: float | None, threshold_bpm: float, as_json: bool
) -> Iterator[str]:
    if not as_json:
        yield _title(file, recording)
    for found in _findings(recording, file, talk_starts_s, threshold_bpm):
        yield json.dumps(found) if as_json else _in_words(found)


def _findings(
    recording: "Recording", file: Path, talk_starts_s: float | None, threshold_bpm: float
) -> Iterator[dict[str, Any]]:
    from api.samples import samples_of
    from hrv.monitor import ArousalMonitor
    from hrv.retrace import Mark, MarkKind, retrace
    from hrv.settings import DetectorSettings

    names = {"file": str(file)} | ({} if recording.name == file.name else {"recording": recording.name})
    monitor = ArousalMonitor(DetectorSettings(threshold_bpm=threshold_bpm))
    marks = [] if talk_starts_s is None else [Mark(talk_starts_s, MarkKind.TOPIC)]
    tally = Tally()
    last_t_s = 0.0
    for reading in retrace(monitor, samples_of(recording), marks):
        last_t_s = reading.t_s
        for change in tally.add(reading):
            yield names | _change(change)
    for change in tally.add(monitor.finish(last_t_s)):
        yield names | _change(change)
    yield names | {"summary": tally.summary(last_t_s)}


class Tally:
    """What the end of a recording is summed up from."""

    def __init__(self) -> None:
        self._episodes: dict[float, dict[str, Any]] = {}
        self._baseline: dict[str, Any] | None = None

    def add(self, reading: "Reading") -> tuple["StateChange", ...]:
        """Take a reading, and return its changes."""
        from api.facts import episode_facts

        if reading.episode is not None and (reading.changes or reading.episode.ended_t_s is not None):
            self._episodes[reading.episode.began_t_s] = episode_facts(reading.episode)
        if reading.baseline is not None:
            self._baseline = {
                "heart_rate_bpm": round(reading.baseline.heart_rate_bpm, 2),
                "seconds": reading.baseline.seconds,
                "provisional": reading.baseline.provisional,
            }
        return reading.changes

    def summary(self, length_s: float) -> dict[str, Any]:
        """The recording as a whole."""
        from hrv.settings import ALGORITHM_VERSION

        return {
            "length_s": round(length_s, 3),
            "floods": len(self._episodes),
            "baseline": self._baseline,
            "episodes": list(self._episodes.values()),
            "algorithm_version": ALGORITHM_VERSION,
        }


def _change(change: "StateChange") -> dict[str, Any]:
    return {"t_s": change.t_s, "state": change.state, "signal": change.signal, "why": change.why}


def _title(file: Path, recording: "Recording") -> str:
    return printable(f"{file}" if recording.name == file.name else f"{file.parent / recording.name}")


def _in_words(found: dict[str, Any]) -> str:
    if "summary" not in found:
        return f"{_clock(found['t_s'])}  {found['state']:10}  {found['signal']:12}  {found['why']}"
    summary = found["summary"]
    usual = (
        f"usual heart rate {summary['baseline']['heart_rate_bpm']:.0f}" if summary["baseline"] else "usual not known"
    )
    floods = [
        f"{'':9}  flood from {_clock(one['onset_t_s']).strip()}, noticed at {_clock(one['began_t_s']).strip()}: highest {one['peak_bpm']:.0f},"
        f" {one['above_threshold_s']} s above the line"
        for one in summary["episodes"]
    ]
    head = f"{_clock(summary['length_s'])}  end: {usual}, {len(floods) or 'no'} flood{'' if len(floods) == 1 else 's'}"
    return "\n".join([head, *floods, ""])


def _clock(t_s: float) -> str:
    """Seconds since the beginning, as a person reads them.

    >>> _clock(171.0), _clock(3661.5)
    ('     2:51', '  1:01:01')
    """
    minutes, seconds = divmod(int(t_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{f'{hours}:{minutes:02d}:{seconds:02d}' if hours else f'{minutes}:{seconds:02d}':>9}"
