"""The README's reading list is the order in which a run calls the modules for one feed URL."""

import re
import sys
import threading
from pathlib import Path

import pytest

from tests.support.small_site import SmallSite
from warehouse.store.connection import connect

ROOT = Path(__file__).parents[2]
# What the steps share: configuration, resources, errors; and what poll asks only for feeds that lost their
# overlap. Every other module at the top of tasks/ is a step.
SHARED = {
    "errors",
    "open_files",
    "overlap",
    "priority",
    "run",
    "shards",
    "source_schema",
    "sources",
    "toml_file",
}

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Ferry resumes</title></head><body>
<article><h1>Ferry across the sound resumes after the storm</h1>
<time datetime="2026-10-05T09:30:00+00:00">5 October 2026</time>
<p>The ferry across the sound resumed its service on Monday after four days of storm,
the harbour board said.</p>
<p>Residents of both towns had to take the bridge, which adds forty minutes to the way to the market.</p>
<p>The board wants to decide in spring whether a second pier is built beside the old customs house.</p>
</article></body></html>"""


def reading_list() -> list[str]:
    """Return the modules of the README's reading list, without prefect.yaml, which is not a module."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Find your way")[2]
    names = re.findall(r"`((?:flows|tasks|warehouse)/\w+\.py|prefect\.yaml)`", text.partition("```")[0])
    assert names[0] == "prefect.yaml"
    return names[1:]


class CallTrace:
    """Records each module of ours when it is entered for the first time, in all threads."""

    def __init__(self) -> None:
        self.modules: list[str] = []
        self._names: dict[str, str | None] = {}

    def __enter__(self) -> "CallTrace":
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _note(self, frame, event, _argument) -> None:
        if event == "call":
            file = frame.f_code.co_filename
            if file not in self._names:
                self._names[file] = file[len(str(ROOT)) + 1 :] if file.startswith(f"{ROOT}/") else None
                name = self._names[file]
                if name and name.startswith(("flows/", "tasks/", "warehouse/")):
                    self.modules.append(name)


def is_step(module: str) -> bool:
    """Say whether a module is a step: it is at the top of tasks/ and not shared by all steps."""
    folder, _, name = module.rpartition("/")
    return folder == "tasks" and name.removesuffix(".py") not in SHARED


@pytest.mark.usefixtures("prefect_api")
def test_the_reading_list_follows_a_feed_url_to_its_row(tmp_path):
    from flows.ingest import ingest

    with SmallSite({}) as site:
        feed = f"<rss version='2.0'><channel><item><link>{site.base}/ferry</link></item></channel></rss>"
        site.documents |= {
            "/feed.xml": ("application/rss+xml", feed.encode()),
            "/ferry": ("text/html; charset=utf-8", PAGE.encode()),
        }
        (tmp_path / "sources.toml").write_text(
            f'[[source]]\nname = "coast"\ntitle = "Coast"\n[[source.feed]]\nurl = "{site.base}/feed.xml"\n'
            f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{site.port}"]\n'
        )
        with CallTrace() as trace:
            summary = ingest(home=str(tmp_path / "home"), config=str(tmp_path / "sources.toml"))
    assert summary.new == 1
    with connect(tmp_path / "home") as con:
        assert con.execute("select url from articles").fetchall() == [(f"{site.base}/ferry",)]

    listed = reading_list()
    first, last = trace.modules.index(listed[0]), trace.modules.index(listed[-1])
    followed = [name for name in trace.modules[first : last + 1] if name in listed or is_step(name)]
    assert followed == listed


def test_the_reading_list_has_ten_files_that_exist():
    listed = reading_list()
    assert len(listed) == 9
    assert [name for name in listed if not (ROOT / name).is_file()] == []
