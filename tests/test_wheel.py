"""The wheel holds everything the program needs, and nothing else; it works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BANK_FILES = {path.relative_to(ROOT).as_posix() for path in (ROOT / "bank").rglob("*") if path.is_file()}
PACKAGE_FILES = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "mockint").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_package_and_the_bank(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert names == PACKAGE_FILES | {f"mockint/_{name}" for name in BANK_FILES} | {"mockint/_decks/ledger.json"}


def test_the_wheel_carries_both_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert sorted(name.rpartition("/")[2] for name in names if "/licenses/" in name) == ["LICENSE", "LICENSE-bank"]


def test_an_installed_wheel_knows_its_questions(wheel: Path, tmp_path: Path) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(tmp_path / "site"),
    ]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}

    listed = subprocess.run(
        [sys.executable, "-c", "import mockint.cli, mockint; print(mockint.__file__); mockint.cli.main(['list'])"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert listed.startswith(str(tmp_path / "site"))
    for name in BANK_FILES:
        if name.endswith(".yaml") and name.count("/") == 2 and "/profiles/" not in name:
            assert Path(name).name.partition(".")[0] in listed or Path(name).name == "concepts.yaml"
