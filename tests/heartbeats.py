"""Heartbeats for tests and benchmarks: real recordings, and the same with known artifacts put in."""

import csv
import gzip
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"

_SKIP, _AUX, _NO_BEAT_FROM = 59, 63, 59
_MIT_BEATS = {1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E", 11: "j", 12: "/",
              13: "Q", 25: "B", 34: "e", 35: "n", 38: "f", 41: "r"}  # fmt: skip
ECTOPIC = set("AVaJSFE")


def mit_annotations(path, per_second):
    """Times in s and the kinds of the beats in an annotation file of PhysioNet's MIT format."""
    words = np.frombuffer(path.read_bytes(), "<u2").tolist()
    now, at, times, kinds = 0, 0, [], []
    while at < len(words) and words[at]:
        code, step = words[at] >> 10, words[at] & 0x3FF
        at += 1
        if code == _SKIP:
            now += (words[at] << 16) + words[at + 1]
            at += 2
        elif code == _AUX:
            at += (step + 1) // 2
        elif code < _NO_BEAT_FROM:
            now += step
            if code in _MIT_BEATS:
                times.append(now / per_second)
                kinds.append(_MIT_BEATS[code])
    return np.array(times), kinds


def mit_bih(record):
    """MIT-BIH record 100 or 105: beat times in s, and kinds."""
    return mit_annotations(DATA / "mitbih" / f"{record}.atr", 360)


def normal_sinus():
    """22.5 hours of RR intervals in ms, to 1/128 s, with one gap of 7.5 s among them; and each beat's kind."""
    times, kinds = mit_annotations(DATA / "nsr" / "nsr001.ecg", 128)
    return np.diff(times) * 1000, kinds[1:]


def test_pattern(number):
    """EC57 pattern 2 to 5: times in s, and intervals in ms."""
    with gzip.open(DATA / "ec57" / f"HRV256_TP{number}.txt.gz", "rt") as lines:
        table = np.loadtxt(lines, delimiter=",")
    return table[:, 0], table[:, 1] * 1000


test_pattern.__test__ = False


def glasgow():
    """(subject, task) -> RR intervals in ms, beats checked by hand."""
    found = {}
    with gzip.open(DATA / "gudb" / "rr.csv.gz", "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault((row["subject"], row["task"]), []).append(float(row["rr_ms"]))
    return {key: np.array(rr) for key, rr in found.items()}


def polar_h10():
    """102 minutes of exercise, RR intervals in ms."""
    with gzip.open(DATA / "fatmaxxer" / "20210606_161059.rr.csv.gz", "rt", newline="") as lines:
        return np.array([float(row["rr"]) for row in csv.DictReader(line for line in lines if line.strip())])


def one_a_line(path):
    """RR intervals in ms, one on each line, behind a `[HRData]` if there is one."""
    return np.array(path.read_text(errors="replace").split("[HRData]")[-1].split(), dtype=float)


def rest():
    """A young person at rest, 16 minutes."""
    return one_a_line(DATA / "hrv_bsd" / "rest_rri.txt")
