"""Our numerics beside NeuroKit2's, in one run on one machine. `python -m tests.benchmarks.bench_hrv`."""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from scipy.signal import lombscargle

from hrv.analysis import analyse
from hrv.artifact_search import find_artifacts
from hrv.artifacts import ArtifactFilter, Verdict
from hrv.correction import correct
from hrv.dfa import SHORT_SCALES, dfa_exponent
from hrv.entropy import sample_entropy
from hrv.frequency_domain import bands, lomb_spectrum, welch_spectrum
from hrv.series import RRSeries
from hrv.settings import DetectorSettings
from hrv.timeline import Beat
from hrv.window import RollingVariability
from tests.benchmarks.timing import machine, median_us, table
from tests.heartbeats import normal_sinus, rest

FIVE_MINUTES = rest()[:281]
NIGHT = """
import json, resource, sys, time
began = time.perf_counter()
import numpy as np
from hrv.analysis import analyse
from hrv.correction import correct
from hrv.corrected_minutes import corrected_minutes
from hrv.series import RRSeries
rr_ms = np.load(sys.argv[1])
loaded = time.perf_counter()
correction = correct(RRSeries.of(rr_ms))
minutes = corrected_minutes(correction)
found = analyse(correction, lomb=False)
ended = time.perf_counter()
try:  # of this program alone: what getrusage tells includes the parent that started it
    status = open("/proc/self/status").read()
    peak_kb = int(status.split("VmHWM:")[1].split()[0])
except OSError:
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({
    "beats": int(rr_ms.size), "minutes": len(minutes), "artifacts": correction.artifact_share,
    "rmssd_ms": found.figures["rmssd_ms"].value, "alpha1": found.figures["dfa_alpha1"].value,
    "seconds": ended - loaded, "with_start_s": ended - began,
    "peak_mb": peak_kb / 1024,
}))
"""


def rolling_us(beats):
    """Per beat: push, advance, and both figures."""
    settings = DetectorSettings()
    judge, t_ticks, made = ArtifactFilter(settings).judge, 0, []
    for rr in beats:
        t_ticks += rr
        made.append((Beat(t_ticks, rr, contiguous=True), judge(rr) is not Verdict.REJECTED))

    def walk():
        rolling = RollingVariability(settings)
        for beat, accepted in made:
            rolling.push(beat, accepted=accepted)
            rolling.advance(beat.t_ticks)
            rolling.rmssd_ms()
            rolling.sdnn_ms()

    return median_us(walk, rounds=5) / len(made)


def straightforward(nn_ms):
    """The same two figures by numpy, as one would write them."""
    steps = np.diff(nn_ms[-75:])
    return np.sqrt(np.mean(steps**2)), np.std(nn_ms, ddof=1)


def rows(neurokit):
    from neurokit2.signal.signal_fixpeaks import _find_artifacts

    day = normal_sinus()[0]
    day_peaks, peaks = np.cumsum(day).astype(int), neurokit.intervals_to_peaks(FIVE_MINUTES, sampling_rate=1000)
    minute_peaks = neurokit.intervals_to_peaks(FIVE_MINUTES[:56], sampling_rate=1000)
    series, day_series = RRSeries.of(FIVE_MINUTES), RRSeries.of(day)
    correction = correct(series)
    tolerance = 0.2 * np.std(FIVE_MINUTES, ddof=1)
    scales = np.array(SHORT_SCALES)
    rate = {"sampling_rate": 1000}
    ticks = np.round(day[:20_000] * 1.024).astype(int).tolist()

    push = rolling_us(ticks)
    yield "rolling window, per beat", push, median_us(lambda: neurokit.hrv_time(minute_peaks, **rate)), "500"
    yield "the same two figures by plain numpy", push, median_us(lambda: straightforward(FIVE_MINUTES[:150])), ""
    whole = median_us(lambda: neurokit.hrv(peaks, **rate), rounds=10)
    yield "all figures of 300 s, without Lomb", median_us(lambda: analyse(correction, lomb=False)), whole, "150"
    yield "all figures of 300 s, with Lomb", median_us(lambda: analyse(correction)), whole, ""
    yield (
        "Lipponen–Tarvainen detection, 300 s",
        median_us(lambda: find_artifacts(series)),
        median_us(lambda: _find_artifacts(peaks, **rate)),
        "25",
    )
    yield (
        "Lipponen–Tarvainen detection, 22.5 h",
        median_us(lambda: find_artifacts(day_series), rounds=10),
        median_us(lambda: _find_artifacts(day_peaks, **rate), rounds=3),
        "20",
    )
    yield (
        "Welch spectrum and bands, 300 s",
        median_us(lambda: bands(welch_spectrum(FIVE_MINUTES))),
        median_us(lambda: neurokit.hrv_frequency(peaks, psd_method="welch", **rate), rounds=20),
        "8",
    )
    angular = 2 * np.pi * lomb_spectrum(FIVE_MINUTES).frequency_hz[1:]
    t_s, level = np.cumsum(FIVE_MINUTES) / 1000, FIVE_MINUTES - FIVE_MINUTES.mean()
    yield (
        "Lomb spectrum and bands, 300 s (beside: scipy's lombscargle alone)",
        median_us(lambda: bands(lomb_spectrum(FIVE_MINUTES))),
        median_us(lambda: lombscargle(t_s, level, angular), rounds=20),
        "",
    )
    yield (
        "DFA α1, 300 s",
        median_us(lambda: dfa_exponent(FIVE_MINUTES)),
        median_us(lambda: neurokit.fractal_dfa(FIVE_MINUTES, scale=scales, overlap=False)),
        "15",
    )
    yield (
        "sample entropy, 300 s",
        median_us(lambda: sample_entropy(FIVE_MINUTES)),
        median_us(lambda: neurokit.entropy_sample(FIVE_MINUTES, delay=1, dimension=2, tolerance=tolerance)),
        "",
    )


def night():
    """The whole analysis of 22.5 hours in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "night.npy"
        np.save(file, normal_sinus()[0])
        ran = subprocess.run([sys.executable, "-c", NIGHT, file], check=True, capture_output=True, text=True)
    return json.loads(ran.stdout)


def shown(us):
    return f"{us / 1000:,.1f} ms" if us >= 10_000 else f"{us:,.1f} µs"


def report():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own
        import neurokit2

        found = [
            (name, shown(ours), shown(theirs), f"{theirs / ours:,.0f} ×", f"≥ {target} ×" if target else "")
            for name, ours, theirs, target in rows(neurokit2)
        ]
    yield f"{machine()}. Medians of one run."
    yield ""
    yield from table(("what", "here", "NeuroKit2 or other", "ratio", "wanted"), found)
    yield ""
    day = normal_sinus()[0]
    yield f"For scale: numpy.sum over the same 22.5 h ({day.size:,} beats), the limit of memory: {shown(median_us(day.sum))}."
    yield ""
    whole = night()
    yield (
        f"Correction, minutes, time and frequency domain, DFA of those 22.5 h: {whole['seconds']:.2f} s "
        f"({whole['with_start_s']:.2f} s with the interpreter's imports), at most {whole['peak_mb']:.0f} MB (wanted: 1 s, 300 MB)."
    )


if __name__ == "__main__":
    print("\n".join(report()))
