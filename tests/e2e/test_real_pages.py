"""Real pages of hundreds of sites through the whole flow: each ends as a row or as a reject with its
reason."""

import pytest

from tests.support.corpus_site import CorpusSite
from warehouse.store.connection import connect


@pytest.fixture(scope="module")
def loaded(corpus, prefect_api, tmp_path_factory):
    from flows.ingest import ingest

    home = tmp_path_factory.mktemp("real")
    with CorpusSite(corpus) as site:
        config = home / "sources.toml"
        config.write_text(site.sources_toml(), encoding="utf-8")
        first = ingest(home=str(home), config=str(config))
        second = ingest(every_feed=True, home=str(home), config=str(config))
        yield site, home, first, second


def test_pages_with_a_body_are_stored_with_one(loaded):
    site, home, _, _ = loaded
    with connect(home) as con:
        stored = dict(
            con.execute("select a.url, t.body from articles a join texts t using (article_id)").fetchall()
        )
    wanted = [site.url(record) for record in site.truth if record["body"]]
    found = [url for url in wanted if (stored.get(url) or "").strip()]
    assert len(wanted) > 200
    assert len(found) / len(wanted) >= 0.95, sorted(set(wanted) - set(found))


def test_no_page_is_lost(loaded):
    site, home, _, _ = loaded
    with connect(home) as con:
        stored = {url for (url,) in con.execute("select url from articles").fetchall()}
        rejected = dict(con.execute("select url, reason from rejects").fetchall())
    urls = {site.url(record) for record in site.truth}
    assert urls - stored - set(rejected) == set()
    assert all(reason for url, reason in rejected.items() if url in urls)


def test_a_second_run_stores_nothing_new(loaded):
    _, _, first, second = loaded
    assert first.new > 300
    assert (second.new, second.revised) == (0, 0)
