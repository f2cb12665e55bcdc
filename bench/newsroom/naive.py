"""The reference for `bench.pipeline`: a script that a user writes in an hour, one thread and no archive.

    python -m bench.newsroom.naive FEEDS FILE.duckdb

requests, feedparser, trafilatura.bare_extraction and DuckDB; validators and known addresses are kept.
"""

import sys
from pathlib import Path

import duckdb
import feedparser
import requests
import trafilatura


def main() -> None:
    feeds, file = sys.argv[1:]
    con = duckdb.connect(file)
    con.execute("create table if not exists article (url text primary key, title text, body text, day text)")
    con.execute("create table if not exists feed (url text primary key, etag text)")
    seen = {url for (url,) in con.execute("select url from article").fetchall()}
    etags = dict(con.execute("select url, etag from feed").fetchall())
    session, rows = requests.Session(), []
    for feed in Path(feeds).read_text().split():
        answer = session.get(
            feed, headers={"If-None-Match": etags[feed]} if feed in etags else {}, timeout=20
        )
        if answer.status_code == 304:
            continue
        for entry in feedparser.parse(answer.content).entries:
            if entry.link in seen:
                continue
            seen.add(entry.link)
            html = session.get(entry.link, timeout=20).content
            found = trafilatura.bare_extraction(
                html, url=entry.link, with_metadata=True, include_comments=False
            )
            if not isinstance(found, dict | None):
                rows.append((entry.link, found.title, found.text, found.date))
        con.execute("insert or replace into feed values (?, ?)", [feed, answer.headers.get("ETag")])
    con.execute("begin")
    for row in rows:
        con.execute("insert or ignore into article values (?, ?, ?, ?)", row)
    con.execute("commit")


if __name__ == "__main__":
    main()
