"""`python -m tests.benchmarks [NAME …] [--OPTION=VALUE …]`: every benchmark, or those named, printed and written to docs/benchmarks.md.

What options a benchmark has is said in its own file. A section that was not measured this time stays as it was: some take half an hour, and what is `ONLY_NAMED` longer.
"""

import sys
from pathlib import Path

from tests.benchmarks import (
    bench_alert,
    bench_artifacts,
    bench_clinic,
    bench_detector,
    bench_faults,
    bench_hrv,
    bench_load,
    bench_monitor,
    bench_parser,
    bench_program,
    bench_reanalysis,
    bench_sensitivity,
    bench_straps,
    bench_year,
)

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
SECTIONS = {
    "hrv": ("Measures of variability, beside NeuroKit2", bench_hrv),
    "artifacts": ("Artifacts in finished recordings", bench_artifacts),
    "detector": ("The detector", bench_detector),
    "sensitivity": ("Which of the detector's parameters matter", bench_sensitivity),
    "parser": ("Packets", bench_parser),
    "monitor": ("The live path", bench_monitor),
    "straps": ("The straps", bench_straps),
    "program": ("The program", bench_program),
    "year": ("A year of one couple, simulated", bench_year),
    "reanalyse": ("Looking again at what is recorded", bench_reanalysis),
    "load": ("Many wearers at once, simulated", bench_load),
    "faults": ("Faults under load, simulated", bench_faults),
    "clinic": ("A clinician’s caseload, simulated", bench_clinic),
    "alert": ("An alarm’s way to the eye", bench_alert),
}
ONLY_NAMED = {"sensitivity", "reanalyse", "load", "faults"}
HEAD = """# Benchmarks

Written by `make bench`; the machine is named below. Other machines give other times: it is the ratios that carry over.
"""


def before():
    """The sections of the committed page, by title."""
    parts = RESULTS.read_text(encoding="utf-8").split("\n## ")[1:] if RESULTS.exists() else []
    return {title: body.strip("\n") for title, _, body in (part.partition("\n") for part in parts)}


def measured(title, benchmark, options):
    print(f"\n## {title}\n", flush=True)
    lines = []
    for line in benchmark.report(**options):
        print(line, flush=True)
        lines.append(line)
    return "\n".join(lines)


def main(told):
    names = [one for one in told if not one.startswith("--")]
    options = dict(one[2:].split("=", 1) for one in told if one.startswith("--"))
    unknown = set(names) - SECTIONS.keys()
    if unknown:
        raise SystemExit(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    written = before()
    for name, (title, benchmark) in SECTIONS.items():
        if name in names or not (names or name in ONLY_NAMED):
            written[title] = measured(title, benchmark, options)
            ordered = [(title, written[title]) for title, _ in SECTIONS.values() if title in written]
            RESULTS.write_text(HEAD + "".join(f"\n## {t}\n\n{body}\n" for t, body in ordered), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
