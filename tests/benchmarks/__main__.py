"""`python -m tests.benchmarks`: every benchmark, one after another, printed and written to docs/benchmarks.md."""

from pathlib import Path

from tests.benchmarks import bench_alert, bench_artifacts, bench_detector, bench_hrv, bench_monitor, bench_program

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
SECTIONS = (
    ("Measures of variability, beside NeuroKit2", bench_hrv),
    ("Artifacts in finished recordings", bench_artifacts),
    ("The detector", bench_detector),
    ("The live path", bench_monitor),
    ("The program", bench_program),
    ("An alarm’s way to the eye", bench_alert),
)


def lines():
    yield "# Benchmarks"
    yield ""
    yield "Written by `make bench`; the machine is named below. Other machines give other times: it is the ratios that carry over."
    for title, benchmark in SECTIONS:
        yield ""
        yield f"## {title}"
        yield ""
        yield from benchmark.report()


written = []
for line in lines():
    print(line, flush=True)
    written.append(line)
RESULTS.write_text("\n".join(written) + "\n", encoding="utf-8")
