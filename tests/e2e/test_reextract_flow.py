"""The re-extraction as a Prefect flow: the same as the command, with tasks and artifacts."""

import pytest

from tasks.workers.extraction_pool import ExtractionPool
from tests.support.archived_pages import ArchivedNews, articles, news_home, old_rules
from warehouse.store.connection import connect


@pytest.fixture
def news(tmp_path):
    with ExtractionPool(workers=1) as pool:
        yield ArchivedNews(news_home(tmp_path), pool)


def test_the_flow_reports_then_applies(news, tmp_path, prefect_api):
    from flows.reextract import reextract

    news.store(articles(2), older=old_rules)
    config = tmp_path / "sources.toml"
    config.write_text(
        '[[source]]\nname = "herald"\ntitle = "The Harbour Herald"\n[[source.feed]]\nurl = '
        '"https://herald.example/feed"\n'
    )
    where = {"home": str(news.home.root), "config": str(config)}
    assert reextract(**where).run_id is None
    summary = reextract(apply=True, older=True, **where)
    assert (summary.run_id is not None, summary.report.n_changed) == (True, 2)
    with connect(news.home) as con:
        assert con.execute("select flow, n_revised from runs where flow = 'reextract'").fetchall() == [
            ("reextract", 2)
        ]


def test_the_upkeep_flow_learns_and_publishes(news, prefect_api):
    from flows.maintain import maintain

    news.store(articles(4, tail=["Read more stories in our morning letter"]))
    done = maintain(home=str(news.home.root))
    assert (done.learning.n_lines, done.learning.n_texts) == (1, 4)
    with connect(news.home) as con:
        assert con.execute("select count(*) from removed_lines").fetchall() == [(4,)]
