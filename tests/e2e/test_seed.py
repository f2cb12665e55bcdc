"""An article in the markup of its agency, through the whole flow."""

import os
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from tests.support.small_site import SmallSite
from warehouse.store.connection import connect

ROOT = Path(__file__).parents[2]

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title} | OREANDA-NEWS</title></head>
<body>
<div class="top"><a href="/en/">OREANDA-NEWS</a> <a href="/en/v_mire/">World</a>
<a href="/en/finansy/">Finance</a></div>
<table class="layout"><tr><td class="menu">
<ul><li><a href="/en/a/">Oil at a new high</a> 12.01.2022, 09:00</li>
<li><a href="/en/b/">Ruble weakens</a> 11.01.2022, 18:30</li></ul></td>
<td>
<div class="article-date">{date}</div>
<h1 class="h-article">{title}</h1>
<div class="article-text"><p>{source}</p>{paragraphs}</div>
<div class="comments">{comments}</div>
</td></tr></table>
<div class="footer">&copy; 1994-2022 OREANDA-NEWS. All rights reserved. +7 (495) 995-82-21</div>
</body></html>"""

LISTING = """<html><body><div class="itm"><div class="date">{date}</div>
<h3><a href="/en/v_mire/the-article/">{title}</a></h3></div></body></html>"""

SOURCES = """[[source]]
name = "oreanda"
title = "OREANDA-NEWS"
language = "en"
timezone = "Europe/Moscow"
date_order = "dmy"
[[source.feed]]
url = "{base}/en/v_mire/"
kind = "listing"
item = "div.itm"
link = "h3 > a"
{rules}
[source.pace]
delay_s = 0
allow = ["127.0.0.1:{port}"]
"""

RULES = """[source.article]
title = "h1.h-article"
published = "div.article-date"
body = "div.article-text"
"""


@pytest.fixture(scope="module")
def seed():
    folder = Path(os.environ.get("WIREHOUSE_SEED", ROOT.parent / "shared" / "seed"))
    files = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    if not files:
        pytest.skip(f"the seed article is not at {folder}; say where it is with WIREHOUSE_SEED")
    return files[0].read_text(encoding="utf-8").strip().splitlines()


@pytest.mark.parametrize("rules", [pytest.param(RULES, id="with selectors"), pytest.param("", id="generic")])
def test_the_seed_article_becomes_one_right_row(seed, rules, prefect_api, tmp_path):
    from flows.ingest import ingest

    date, title, source, *paragraphs = seed
    comments = "Комментарии"
    assert paragraphs.pop() == comments
    page = PAGE.format(
        date=date, title=escape(title), source=source, comments=comments,
        paragraphs="".join(f"<p>{escape(p)}</p>" for p in paragraphs),
    )  # fmt: skip
    documents = {
        "/en/v_mire/": ("text/html; charset=utf-8", LISTING.format(date=date, title=escape(title)).encode()),
        "/en/v_mire/the-article/": ("text/html; charset=utf-8", page.encode()),
    }
    with SmallSite(documents) as site:
        config = tmp_path / "sources.toml"
        config.write_text(SOURCES.format(base=site.base, port=site.port, rules=rules))
        ingest(home=str(tmp_path / "home"), config=str(config))
    with connect(tmp_path / "home") as con:
        rows = con.execute(
            "select epoch_us(published_at), published_local, published_on, source, source_title, "
            "source_credit, "
            "title, body from articles join texts using (article_id)"
        ).fetchall()
    assert len(rows) == 1
    at, local, on, name, source_title, credit, stored_title, body = rows[0]
    assert datetime.fromtimestamp(at / 1e6, UTC) == datetime(2022, 1, 10, 13, 58, tzinfo=UTC)
    assert local == datetime(2022, 1, 10, 16, 58)
    assert on.isoformat() == "2022-01-10"
    assert (name, source_title, credit) == ("oreanda", "OREANDA-NEWS", "OREANDA-NEWS")
    assert stored_title == title
    assert body.split("\n") == paragraphs
