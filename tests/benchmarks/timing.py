"""How the benchmarks measure and write."""

import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path


def median_us(work, *, rounds=50, least_s=0.3):
    """Median of single runs, in µs, after one to warm up; at least `rounds` of them or `least_s` of time, whichever is first."""
    work()
    spent, began = [], time.perf_counter()
    while len(spent) < 5 or ((len(spent) < rounds or time.perf_counter() - began < least_s) and len(spent) < 100_000):
        at = time.perf_counter_ns()
        work()
        spent.append(time.perf_counter_ns() - at)
        if time.perf_counter() - began > 20:
            break
    return statistics.median(spent) / 1000


def machine():
    """One line on what ran this."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "neurokit2"))
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}; "
        f"{platform.python_implementation()} {platform.python_version()}, {packages}"
    )


def table(header, rows):
    """A Markdown table, its columns in line."""
    cells = [header, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]

    def line(row):
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"

    return [line(header), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)]
