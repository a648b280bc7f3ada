"""A wearer's talks as CSV (RFC 4180): one row a talk, what was not measured is an empty cell.

The columns, in this order:

- `began`: with its offset, on the wearer's own clock (RFC 3339)
- `heard_s`, `lost_s`: seconds of talk with and without a good signal, after the topic began and outside of pauses
- `floods`, `near_misses`: how often, in what was heard
- `above_line_s`: of `heard_s`, in a flood and above its line
- `highest_bpm`, `highest_rise_bpm`: the highest of the floods, and the largest rise above baseline
- `way_back_s`: the middle one of the talk's ways back to near the usual, where one was seen
- `baseline_bpm`, `baseline_rmssd_ms`: of the quiet minutes before the topic
- `pauses_taken`, `pauses_kept`
- `algorithm_version`: of the detector that said so
- `from_minutes`: `yes` where the talk came without its packets: coarser
- `simulated`: `yes` where a body in these talks is a simulated one
- `entry`: the entry's id
"""

import csv
import io
from collections.abc import Iterable
from statistics import median

from journal.cells import harmless
from journal.trends.clients import ShownTalk, ShownTrend

COLUMNS = (
    "began", "heard_s", "lost_s", "floods", "near_misses", "above_line_s", "highest_bpm", "highest_rise_bpm", "way_back_s",
    "baseline_bpm", "baseline_rmssd_ms", "pauses_taken", "pauses_kept", "algorithm_version", "from_minutes", "simulated",
    "entry",
)  # fmt: skip


def talks_csv(trend: ShownTrend) -> bytes:
    """The file, with its header, also where there is no talk."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)  # the standard library's own dialect ends rows with CR LF, as RFC 4180 asks
    writer.writerow(COLUMNS)
    writer.writerows(_row(talk, simulated=trend.is_simulated) for talk in trend.talks)
    return file.getvalue().encode()


def _row(one: ShownTalk, *, simulated: bool) -> list[str]:
    talk = one.figures
    return [
        talk.began.isoformat(timespec="seconds"),
        _number(talk.heard_s),
        _number(talk.lost_s),
        str(len(talk.floods)),
        str(talk.near_misses),
        _number(talk.above_line_s),
        _number(max((flood.peak_bpm for flood in talk.floods), default=None)),
        _number(max(_known(flood.rise_bpm for flood in talk.floods), default=None)),
        _number(_middle(_known(flood.back_s for flood in talk.floods))),
        _number(talk.baseline_bpm),
        _number(talk.rmssd_baseline_ms),
        str(talk.pauses_taken),
        str(talk.pauses_kept),
        harmless(talk.algorithm_version or ""),
        "yes" if talk.from_minutes else "",
        "yes" if simulated else "",
        harmless(one.entry_id or ""),
    ]


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _middle(values: list[float]) -> float | None:
    return median(values) if values else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
