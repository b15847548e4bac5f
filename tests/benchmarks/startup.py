"""How long `mockint --help` takes beside `python -c "import typer, rich"`: the ratio of the fastest of N runs of each.

python tests/benchmarks/startup.py [N]
"""

from __future__ import annotations

import subprocess
import sys
import time

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
COMMANDS = {
    "import typer, rich": [sys.executable, "-c", "import typer, rich"],
    "mockint --help": [sys.executable, "-m", "mockint", "--help"],
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


# The two take turns, so that a busy moment of the machine meets both.
times: dict[str, list[float]] = {name: [] for name in COMMANDS}
for _ in range(RUNS):
    for name, command in COMMANDS.items():
        times[name].append(seconds(command))
best = {name: min(taken) for name, taken in times.items()}
for name, taken in best.items():
    print(f"{name:<20} {taken * 1000:7.1f} ms")
print(f"ratio                {best['mockint --help'] / best['import typer, rich']:7.2f}")
