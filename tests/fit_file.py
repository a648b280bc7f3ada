"""A FIT file built to the documented format, as small as can be: the messages that a recording needs.

Source: Garmin, FIT Protocol (developer.garmin.com/fit/protocol): a header of 14 bytes, definition and data messages, a CRC.
"""

import struct

from fitdecode.utils import compute_crc

EPOCH_UNIX_S = 631_065_600  # 1989-12-31, where the format's seconds begin
RECORD, HRV, ACTIVITY = 20, 78, 34
_UINT8, _UINT16, _UINT32 = 0x02, 0x84, 0x86
_DEFINITIONS = {
    RECORD: (0, [(253, 4, _UINT32), (3, 1, _UINT8)]),
    HRV: (1, [(0, 10, _UINT16)]),
    ACTIVITY: (2, [(253, 4, _UINT32), (5, 4, _UINT32)]),
}


def record(unix_s, bpm=0xFF):
    """A moment, with a heart rate or with none (0xFF)."""
    return bytes([0]) + struct.pack("<IB", unix_s - EPOCH_UNIX_S, bpm)


def hrv(*rr_ms):
    """At most five intervals, filled up with invalid ones."""
    return bytes([1]) + struct.pack("<5H", *rr_ms, *[0xFFFF] * (5 - len(rr_ms)))


def activity(unix_s, offset_s):
    """The end, with what the watch's own clock said."""
    return bytes([2]) + struct.pack("<II", unix_s - EPOCH_UNIX_S, unix_s + offset_s - EPOCH_UNIX_S)


def fit_file(*messages):
    """The file around `messages`."""
    body = b""
    for number, (local, fields) in _DEFINITIONS.items():
        body += struct.pack("<BBBHB", 0x40 | local, 0, 0, number, len(fields))
        body += b"".join(bytes(field) for field in fields)
    body += b"".join(messages)
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    whole = header + struct.pack("<H", compute_crc(header)) + body
    return whole + struct.pack("<H", compute_crc(whole))
