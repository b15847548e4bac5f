"""What commands cost that a person waits for: `mockint --help`, and a whole interview of five prepared answers.

    python -m tests.benchmarks.startup [RUNS]

CPU seconds (user and system) of a process each, the least and the median of several runs, beside the imports of the
packages that they stand on. All take turns, so that a busy moment of the machine meets each of them. Everything is
warm, as it is after the first time: modules are compiled, and so are the questions. Fails at the end when a bar is
missed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from mockint.bank import default_bank, load_bank
from mockint.interview import choose

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
HELP, INTERVIEW = "mockint --help", "mockint interview"
LIGHT, HEAVY = "import typer, rich", "import openai, pydantic, typer, rich"
MOST_INTERVIEW_SECONDS = 0.7
MOST_HELP_RATIO = 1.25
NOT_INHERITED = ("PYTHONDONTWRITEBYTECODE", "OPENAI_API_KEY", "OPENAI_BASE_URL", "MOCKINT_LLM")


def prepared(folder: Path) -> Path:
    """A file of answers to five questions of the bank."""
    bank = load_bank(default_bank(), pictures=False)
    chosen = choose([one for one in bank.questions if bank.samples(one)], count=5, seed=1)
    path = folder / "answers.json"
    path.write_text(json.dumps({one.id: bank.samples(one)[0].answer for one in chosen}), encoding="utf-8")
    return path


def environment(folder: Path) -> dict[str, str]:
    """A home, a cache and compiled modules of its own, and no LLM."""
    own = {"MOCKINT_HOME": "home", "XDG_CACHE_HOME": "cache", "PYTHONPYCACHEPREFIX": "modules"}
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return inherited | {name: str(folder / place) for name, place in own.items()}


def cpu_seconds(command: list[str], env: dict[str, str]) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=env)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(folder: Path) -> dict[str, list[float]]:
    env = environment(folder)
    commands = {
        LIGHT: ["-c", LIGHT],
        HELP: ["-m", "mockint", "--help"],
        HEAVY: ["-c", HEAVY],
        INTERVIEW: ["-m", "mockint", "interview", "--answers", str(prepared(folder))],
    }
    for command in commands.values():
        cpu_seconds([sys.executable, *command], env)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            times[name].append(cpu_seconds([sys.executable, *command], env))
    return times


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        times = measured(Path(folder))
    for name, taken in times.items():
        print(f"{name:<38} least {min(taken):5.2f} s   median {median(taken):5.2f} s")
    least = {name: min(taken) for name, taken in times.items()}
    print(f"{INTERVIEW} / imports: {least[INTERVIEW] / least[HEAVY]:.2f}")
    figures = [
        (f"{HELP} / imports", least[HELP] / least[LIGHT], "times", MOST_HELP_RATIO),
        (INTERVIEW, least[INTERVIEW], "s", MOST_INTERVIEW_SECONDS),
    ]
    for name, value, unit, bar in figures:
        print(f"{name:<38} {value:5.2f} {unit:<5}  bar {bar:.2f}  {'met' if value <= bar else 'MISSED'}")
    return int(any(value > bar for _, value, _, bar in figures))


if __name__ == "__main__":
    sys.exit(main())
