"""Pictures of the web interface for README and docs: `make screenshots`.

The demo's articles have fixed dates, the snapshot is given a fixed time, and no picture shows when a page
was fetched: the pictures differ only when the pages do. Needs Chromium and the `dev` extra.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

PUBLISHED_AT = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)
FOLDER = Path(__file__).parents[1] / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: a page, and how it is looked at."""

    name: str
    path: str
    width: int = 1180
    height: int = 820
    scheme: str = "light"
    first_link: str = ""  # text of a link to follow first
    section: str = ""  # heading to scroll to


PICTURES = (
    Picture("first", "/?lang=en&since=2026-11-01&q=city+OR+school+OR+bridge+OR+harbour", height=450),
    Picture("search", "/?lang=en&since=2026-11-01&q=city+OR+school+OR+bridge+OR+harbour"),
    Picture(
        "article", "/?q=Neptune&source=harbour-gazette", first_link="Tiny moon found", width=1080, height=640
    ),
    Picture("story", "/?copied=1&lang=en", first_link="+", height=660),
    Picture(
        "report", "/report?since=2026-11-01&lang=en", section="Articles by day", scheme="dark", height=860
    ),
    Picture("phone", "/?lang=ar", width=360, height=740, scheme="dark"),
)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="A home that `wirehouse demo` made; else one is made.")
    parser.add_argument("--to", type=Path, default=FOLDER, help="The folder for the pictures.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home or Path(folder) / "demo"
        if not arguments.home:
            with _run("demo", "--home", str(home)) as run:
                run.communicate()
        at = PUBLISHED_AT.timestamp()
        os.utime(home / "news.duckdb", (at, at))
        arguments.to.mkdir(parents=True, exist_ok=True)
        with _server(home) as address:
            take(address, arguments.to)


def take(address: str, folder: Path) -> None:
    """Write each picture as a PNG file of a palette's size."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            context = browser.new_context(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme="dark" if picture.scheme == "dark" else "light",
            )
            page = context.new_page()
            page.goto(address + picture.path)
            _prepare(page, picture)
            page.screenshot(path=folder / f"{picture.name}.png")
            context.close()
        browser.close()


def _prepare(page: Any, picture: Picture) -> None:
    if picture.first_link:
        page.locator("main a", has_text=picture.first_link).first.click()
        page.wait_for_load_state("load")
    if picture.section:
        page.get_by_role("heading", name=picture.section).evaluate("heading => heading.scrollIntoView()")


def _run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-u", "-m", "flows.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own command


@contextmanager
def _server(home: Path) -> Iterator[str]:
    with _run("browse", "--home", str(home), "--port", "0") as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://[^/]+", server.stdout.readline())
            assert found is not None, "browse has not started"
            yield found[0]
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
