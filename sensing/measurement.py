"""The Heart Rate Measurement characteristic, 0x2A37: bytes in, a frozen measurement out. No I/O.

Source: Bluetooth SIG, Heart Rate Service 1.0, section 3.1, and GATT Specification Supplement, "Heart Rate Measurement".
"""

from dataclasses import dataclass
from enum import StrEnum

TICKS_PER_SECOND = 1024


class Contact(StrEnum):
    """What the strap says about skin contact (flag bits 1 and 2)."""

    UNSUPPORTED = "unsupported"
    LOST = "lost"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class HeartRateMeasurement:
    """One notification, decoded.

    Attributes:
        heart_rate_bpm: the strap's own smoothed figure; None while it sends 0 ("none yet").
        contact: skin contact as the strap reports it.
        energy_kj: energy expended since the last reset, or None when the packet has no such field.
        rr_ticks: RR intervals in 1/1024 s, oldest first; empty when the packet carries none.
    """

    heart_rate_bpm: int | None
    contact: Contact = Contact.UNSUPPORTED
    energy_kj: int | None = None
    rr_ticks: tuple[int, ...] = ()
