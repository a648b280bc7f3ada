"""How long a notification takes to decode, and whether a million random ones raise anything but their own error.

`python -m tests.benchmarks.bench_parser`. The budget is a median of 2 µs for a packet with two RR intervals.
"""

import random
import statistics
import time

from sensing.measurement import MalformedMeasurement, parse
from sensing.polar import MalformedPacket, parse_control
from sensing.polar_frames import parse_frame
from sensing.polar_settings import parse_factor, parse_settings
from tests.benchmarks.timing import table

TWO_RR = bytes.fromhex("10 43 72 03 8a 03")
MILLION = 1_000_000
FRAMES = 100_000
AT_A_TIME = 1000
ROUNDS = 200
WANTED_US = 2.0


def a_packet_us(packet):
    """Median over rounds, each the mean of a thousand: one packet is shorter than a clock's own step."""
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter_ns()
        for _ in range(AT_A_TIME):
            parse(packet)
        spent.append((time.perf_counter_ns() - began) / AT_A_TIME / 1000)
    return statistics.median(spent)


def random_packets(count, longest):
    chance = random.Random(5)  # noqa: S311  repeatable, not secret
    return (chance.randbytes(chance.randint(0, longest)) for _ in range(count))


def outcomes(parser, packets, refusal):
    """How many were read, how many refused, and how many raised anything else."""
    read = refused = other = 0
    for packet in packets:
        try:
            parser(packet)
        except refusal:
            refused += 1
        except Exception:  # noqa: BLE001  to be counted is the point
            other += 1
        else:
            read += 1
    return read, refused, other


def report():
    yield f"- Bytes to measurement, two RR intervals: median {a_packet_us(TWO_RR):.2f} µs a packet (wanted: ≤ {WANTED_US:g})."
    yield ""
    parsers = {
        "0x2A37, up to 24 bytes": (parse, random_packets(MILLION, 24), MalformedMeasurement),
        "Polar frame, up to 240 bytes, acceleration's first byte": (
            parse_frame,
            (b"\x02" + packet for packet in random_packets(FRAMES, 240)),
            MalformedPacket,
        ),
        "Polar control point, up to 40 bytes": (parse_control, random_packets(FRAMES, 40), MalformedPacket),
        "Polar settings, up to 40 bytes": (parse_settings, random_packets(FRAMES, 40), MalformedPacket),
        "Polar factor, up to 40 bytes": (parse_factor, random_packets(FRAMES, 40), MalformedPacket),
    }
    rows = []
    for name, (parser, packets, refusal) in parsers.items():
        counts = outcomes(parser, packets, refusal)
        rows.append([name, *(f"{count:,}" for count in (sum(counts), *counts))])
    yield from table(["random bytes", "packets", "read", "refused", "any other error"], rows)


if __name__ == "__main__":
    print("\n".join(report()))
