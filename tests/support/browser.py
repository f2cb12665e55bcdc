"""The system's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# Chromium's own errands would look for hosts that are not there.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Yield a running browser. A thread can have one Playwright at a time."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no Chromium here: make test-ui installs it where it may, else install it yourself"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
