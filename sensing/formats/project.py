"""The project's own recording file: `t_s,packet[,motion_mg]`, raw packets in hex. Seconds without a row are gaps.

An exported talk says more: remarks before the header tell what it was, and the columns `link,detail` what happened to
the strap's link. docs/recordings.md describes both, field by field.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import merge
from typing import Any, NoReturn, TypeGuard

from sensing.formats.content import Content
from sensing.formats.recorded import LONGEST_S, Recording, Row, TalkFacts, shown
from sensing.formats.stamps import stamp_of
from sensing.formats.table import Table
from sensing.measurement import HeartRateMeasurement, MalformedMeasurement, pack, parse
from sensing.source import Link, LinkEvent

EXPORTED = "flooding-detector recording, version 1"
"""The first remark of an exported talk. A file of a later version begins otherwise and is refused."""

_ANY_VERSION = "flooding-detector recording"
_MOST_MOTION_MG = 1_000_000


def recognises(table: Table) -> bool:
    """Whether the header is this format's."""
    return table.has("t_s", "packet")


def read(table: Table, content: Content) -> list[Recording]:  # noqa: ARG001  every table format is read alike
    """The file's one recording. Raises `BadRecording`."""
    facts = _facts(table)
    rows: list[Row] = []
    links: list[LinkEvent] = []
    latest_s = 0.0
    for line, cells in table.lines:
        t_s = table.seconds(line, table.number(line, cells, "t_s"))
        if t_s < latest_s and facts is None:  # a talk is given back as it was stored
            raise table.bad(line, f"t_s runs backwards: {t_s:.10g} after {latest_s:.10g}")
        latest_s = t_s
        if table.cell(cells, "link"):
            links.append(_link_event(table, line, cells, t_s))
        else:
            rows.append(_row(table, line, cells, t_s, keep_malformed=facts is not None))
    if not rows:
        raise table.bad(None, "has a header but no rows")
    if facts is None:
        return [Recording(table.file.name, tuple(rows), links=tuple(links))]
    if facts.packets != len(rows):
        raise table.bad(None, f"has {len(rows)} of {facts.packets} packets; the file was cut off or changed")
    return [Recording(table.file.name, tuple(rows), facts.began_at, tuple(links), facts.talk)]


def _row(table: Table, line: int, cells: list[str], t_s: float, *, keep_malformed: bool) -> Row:
    packet, measurement = _packet(table, line, table.cell(cells, "packet"), keep_malformed=keep_malformed)
    return Row(t_s, measurement, packet, _motion_mg(table, line, cells))


def _packet(table: Table, line: int, text: str, *, keep_malformed: bool) -> tuple[bytes, HeartRateMeasurement | None]:
    try:
        packet = bytes.fromhex(text)
    except ValueError:
        raise table.bad(line, f"packet is not hexadecimal: {shown(text)}") from None
    try:
        return packet, parse(packet)
    except MalformedMeasurement as error:
        if keep_malformed:  # the strap sent it so, and an export gives back what was stored
            return packet, None
        raise table.bad(line, str(error)) from None


def _motion_mg(table: Table, line: int, cells: list[str]) -> int | None:
    if not table.cell(cells, "motion_mg"):
        return None
    motion_mg = table.number(line, cells, "motion_mg")
    if motion_mg < 0:
        raise table.bad(line, f"motion_mg is negative: {motion_mg:g}")
    if motion_mg > _MOST_MOTION_MG:
        raise table.bad(line, f"motion_mg is more than any strap measures: {motion_mg:g}")
    return round(motion_mg)


def _link_event(table: Table, line: int, cells: list[str], t_s: float) -> LinkEvent:
    word = table.cell(cells, "link")
    if word not in set(Link):
        raise table.bad(line, f"link is none of {', '.join(Link)}: {shown(word)}")
    try:
        detail = json.loads(table.cell(cells, "detail") or '""')
    except (ValueError, RecursionError):
        detail = None
    if not _is_text(detail):
        raise table.bad(line, f"detail is no text in JSON: {shown(table.cell(cells, 'detail'))}")
    return LinkEvent(t_s, Link(word), detail)


def _is_text(value: object) -> TypeGuard[str]:
    """Whether it can be stored: half a character cannot."""
    return isinstance(value, str) and "\0" not in value and value.encode(errors="ignore").decode() == value


class _Facts:
    """What the remarks tell. Reading it raises `BadRecording` for what is missing or not what it should be."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._values: dict[str, tuple[int, Any]] = {}
        for line, remark in table.remarks[1:]:
            name, _, value = remark.partition(":")
            try:
                self._values[name.strip()] = line, json.loads(value)
            except (ValueError, RecursionError):
                raise table.bad(line, f"{shown(name.strip())} has no value that can be read: {shown(value)}") from None
        self.packets: int = self._of("packets", int)
        self.began_at = self._moment("began_at")
        self.talk = TalkFacts(
            topic_began_at=self._moment("topic_began_at") if self._line("topic_began_at")[1] is not None else None,
            ended_at=self._moment("ended_at"),
            threshold_bpm=self._threshold_bpm(),
            strap=self._strap(),
            simulated=self._of("simulated", bool),
        )
        if not self.began_at <= self.talk.ended_at <= self.began_at + timedelta(seconds=LONGEST_S):
            self._refuse("ended_at", "is not within seven days after began_at")
        topic = self.talk.topic_began_at
        if topic is not None and not self.began_at <= topic <= self.talk.ended_at:
            self._refuse("topic_began_at", "is not within the talk")

    def _line(self, name: str) -> tuple[int, Any]:
        if name not in self._values:
            raise self._table.bad(1, f"the remarks of an exported talk lack {name}")
        return self._values[name]

    def _of(self, name: str, *kinds: type) -> Any:  # noqa: ANN401  of one of `kinds`, checked here
        value = self._line(name)[1]
        return value if type(value) in kinds else self._refuse(name, f"cannot be {shown(json.dumps(value))}")

    def _moment(self, name: str) -> datetime:
        try:
            moment = stamp_of(self._of(name, str))
        except (ValueError, OverflowError):
            moment = None
        return moment if moment and moment.tzinfo else self._refuse(name, "is not a time with its offset from UTC")

    def _threshold_bpm(self) -> float:
        bpm = float(self._of("threshold_bpm", float, int))
        return bpm if 60 <= bpm <= 180 else self._refuse("threshold_bpm", f"cannot be {bpm:g}")  # noqa: PLR2004  as it can be set

    def _strap(self) -> str | None:
        strap: str | None = self._of("strap", str, type(None))
        return strap if strap is None or _is_text(strap) else self._refuse("strap", "holds what is no text")

    def _refuse(self, name: str, reason: str) -> NoReturn:
        raise self._table.bad(self._line(name)[0], f"{name} {reason}")


def _facts(table: Table) -> _Facts | None:
    first = table.remarks[0][1] if table.remarks else ""
    if first == EXPORTED:
        return _Facts(table)
    if first.startswith(_ANY_VERSION):
        raise table.bad(1, f"is not of version 1 but {shown(first)}; upgrade the program")
    return None


def write(rows: Sequence[Row], links: Iterable[LinkEvent] = (), about: Recording | None = None) -> str:
    """The text of a file in this format. Rows without a packet get one; times are written to the millisecond.

    Args:
        rows: oldest first.
        links: what happened to the link, oldest first.
        about: a recording whose `began_at` and `talk` the remarks tell; without it, or without those, there are none.
    """
    links = list(links)
    columns = ["t_s", "packet"]
    columns += ["motion_mg"] if any(row.motion_mg is not None for row in rows) or links else []
    columns += ["link", "detail"] if links else []
    text = io.StringIO()
    if about is not None and about.talk is not None and about.began_at is not None:
        for remark in _remarks(about.began_at, about.talk, len(rows)):
            text.write(f"# {remark}\n")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    changes = [(event.t_s, ["", "", str(event.link), json.dumps(event.detail)]) for event in links]
    packets = [(row.t_s, [_hex(row), "" if row.motion_mg is None else str(row.motion_mg), "", ""]) for row in rows]
    # Merged, not sorted: each keeps its own order, whatever its times are.
    for t_s, cells in merge(changes, packets, key=lambda one: one[0]):
        lines.writerow([f"{t_s:.3f}", *cells][: len(columns)])
    return text.getvalue()


def _hex(row: Row) -> str:
    if row.packet is not None:
        return row.packet.hex()
    if row.measurement is None:
        raise ValueError(f"the row at {row.t_s} s has neither a packet nor a measurement")
    return pack(row.measurement).hex()


def _remarks(began_at: datetime, talk: TalkFacts, packets: int) -> list[str]:
    told = {
        "began_at": began_at.isoformat(),
        "topic_began_at": talk.topic_began_at.isoformat() if talk.topic_began_at else None,
        "ended_at": talk.ended_at.isoformat(),
        "threshold_bpm": talk.threshold_bpm,
        "strap": talk.strap,
        "simulated": talk.simulated,
        "packets": packets,
    }
    return [EXPORTED, *(f"{name}: {json.dumps(value)}" for name, value in told.items())]
