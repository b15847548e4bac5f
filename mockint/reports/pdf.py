"""HTML -> PDF, by a Chromium that is installed already. It gets a profile of its own, and no reason to go online."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from mockint.errors import ServiceError, UsageError

TIMEOUT_SECONDS = 120.0
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
)


def browser() -> str:
    """The program. MOCKINT_BROWSER names another one. Raises UsageError when there is none."""
    if named := os.environ.get("MOCKINT_BROWSER"):
        if found := shutil.which(named):
            return found
        raise UsageError(f"MOCKINT_BROWSER is {named!r}, which is no program: give the path of Chromium or Chrome")
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    for place in _PLACES:
        if Path(place).is_file():
            return place
    raise UsageError(
        "a PDF is printed by Chromium or Chrome, and none was found: install one, name it in MOCKINT_BROWSER, "
        "or use --format html and print that from any browser"
    )


def printed(html: str) -> bytes:
    """The page as it prints on A4. Raises ServiceError when the browser did not do it."""
    program = browser()
    # A browser may still write to its profile while it ends.
    with tempfile.TemporaryDirectory(prefix="mockint-", ignore_cleanup_errors=True) as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        command = [program, *QUIET, f"--user-data-dir={folder}/profile", "--no-pdf-header-footer"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses to run as root otherwise
        command += [f"--print-to-pdf={out}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        except (subprocess.TimeoutExpired, OSError) as fault:
            raise ServiceError(f"{program} could not print the report ({fault}): {_INSTEAD}") from fault
        content = out.read_bytes() if out.exists() else b""
        if done.returncode or not content.startswith(b"%PDF"):
            said = (done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
            raise ServiceError(f"{program} could not print the report ({said[:200]}): {_INSTEAD}")
        return content


_INSTEAD = "use --format html and print that from any browser"
