"""The project's own recording file: `t_s,packet[,motion_mg]`, raw packets in hex. Seconds without a row are gaps."""

from sensing.formats.recorded import Recording, Row, Table, shown
from sensing.measurement import HeartRateMeasurement, MalformedMeasurement, parse


def recognises(table: Table) -> bool:
    """Whether the header is this format's."""
    return table.has("t_s", "packet")


def read(table: Table) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    packet_at = table.header.index("packet")
    motion_at = table.header.index("motion_mg") if table.has("motion_mg") else None
    rows: list[Row] = []
    latest_s = 0.0
    for line, cells in table.lines:
        t_s = table.seconds(line, table.number(line, cells, "t_s"))
        if t_s < latest_s:
            raise table.bad(line, f"t_s runs backwards: {t_s:.10g} after {latest_s:.10g}")
        latest_s = t_s
        packet, measurement = _packet(table, line, cells[packet_at])
        motion_mg = None if motion_at is None else _motion_mg(table, line, cells, motion_at)
        rows.append(Row(t_s, measurement, packet, motion_mg))
    return [Recording(table.file.name, tuple(rows))]


def _packet(table: Table, line: int, text: str) -> tuple[bytes, HeartRateMeasurement]:
    try:
        packet = bytes.fromhex(text)
    except ValueError:
        raise table.bad(line, f"packet is not hexadecimal: {shown(text)}") from None
    try:
        return packet, parse(packet)
    except MalformedMeasurement as error:
        raise table.bad(line, str(error)) from None


def _motion_mg(table: Table, line: int, cells: list[str], at: int) -> int | None:
    if not cells[at].strip():
        return None
    motion_mg = table.number(line, cells, "motion_mg")
    if motion_mg < 0:
        raise table.bad(line, f"motion_mg is negative: {motion_mg:g}")
    return round(motion_mg)
