"""`python -m tests.benchmarks`: every benchmark, one after another."""

import platform

from tests.benchmarks import bench_monitor, bench_program

print(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}")
for benchmark in (bench_monitor, bench_program):
    benchmark.main()
