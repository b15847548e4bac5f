"""A Python with PyTorch, for the programs of the bank that import it: a virtual environment in the user's cache folder.

PyTorch is no dependency of mockint and larger than everything else together, so it is put together once, apart from
what the tests themselves run in.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path

import platformdirs

REQUIREMENTS = Path(__file__).with_name("torch-requirements.txt")


@cache
def torch_python() -> str:
    """The interpreter's path; made on first use. Raises RuntimeError when pip cannot install PyTorch."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = platformdirs.user_cache_path("mockint") / "test-torch" / wanted
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"pip could not install {REQUIREMENTS.name}: {done.stderr[-1000:]}")
        (folder / "complete").touch()
    return str(folder / "bin" / "python")
