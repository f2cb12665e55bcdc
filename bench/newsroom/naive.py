"""The references for `bench.pipeline`: scripts that a user writes in an hour, without an archive.

    python -m bench.newsroom.naive FEEDS FILE.duckdb [PROCESSES]

requests, feedparser, trafilatura.bare_extraction and DuckDB; validators and known addresses are kept. One
thread, or 16 threads that fetch and PROCESSES that extract.
"""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path

import duckdb
import feedparser
import requests
import trafilatura
from requests.adapters import HTTPAdapter

Row = tuple[str, str | None, str | None, str | None]
N_THREADS = 16


def extract(url: str, html: bytes) -> Row | None:
    """Return the row of a page; None without a text."""
    found = trafilatura.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    return None if found is None or isinstance(found, dict) else (url, found.title, found.text, found.date)


def find_links(con: duckdb.DuckDBPyConnection, session: requests.Session, feeds: Iterable[str]) -> list[str]:
    """Return the unknown links of the feeds that have changed."""
    seen = {url for (url,) in con.execute("select url from article").fetchall()}
    etags = dict(con.execute("select url, etag from feed").fetchall())
    links: dict[str, None] = {}
    for feed in feeds:
        headers = {"If-None-Match": etags[feed]} if feed in etags else {}
        answer = session.get(feed, headers=headers, timeout=20)
        if answer.status_code != 304:
            links.update((entry.link, None) for entry in feedparser.parse(answer.content).entries)
            con.execute("insert or replace into feed values (?, ?)", [feed, answer.headers.get("ETag")])
    return [link for link in links if link not in seen]


def read_one_by_one(session: requests.Session, links: list[str]) -> Iterator[Row | None]:
    """Yield the rows of pages that are fetched and extracted one after the other."""
    for link in links:
        yield extract(link, session.get(link, timeout=20).content)


def read_in_pools(session: requests.Session, links: list[str], n_processes: int) -> Iterator[Row | None]:
    """Yield the rows of pages that threads fetch and processes extract."""
    with ThreadPoolExecutor(N_THREADS) as threads, ProcessPoolExecutor(n_processes) as processes:
        fetches = {threads.submit(session.get, link, timeout=20): link for link in links}
        rows = [processes.submit(extract, fetches[f], f.result().content) for f in as_completed(fetches)]
        yield from (row.result() for row in rows)


def main() -> None:
    feeds, file, *processes = sys.argv[1:]
    con = duckdb.connect(file)
    con.execute("create table if not exists article (url text primary key, title text, body text, day text)")
    con.execute("create table if not exists feed (url text primary key, etag text)")
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_connections=2 * N_THREADS, pool_maxsize=2 * N_THREADS))
    links = find_links(con, session, Path(feeds).read_text().split())
    pools = links and processes
    rows = read_in_pools(session, links, int(processes[0])) if pools else read_one_by_one(session, links)
    stored = [row for row in rows if row]
    con.execute("begin")
    for row in stored:
        con.execute("insert or ignore into article values (?, ?, ?, ?)", row)
    con.execute("commit")


if __name__ == "__main__":
    main()
