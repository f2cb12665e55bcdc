"""Recurring lines: learned from all stored articles, removed from texts, listed, and not a revision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.domain.articles.recurring import ArticleLines, learn_recurring
from tasks.domain.duplicates.fingerprint import content_sha256
from tasks.load import store_batch
from tasks.recurring import learn_lines
from warehouse.records.article import Article, Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.runs import start_run
from warehouse.store.connection import Home, connect, open_store

NOW = datetime(2026, 3, 20, tzinfo=UTC)
PROMO = "Follow our channel for more news"


def article(number: int, lines: list[str], day: date | None, source: str = "herald") -> Article:
    body = "\n".join(lines)
    moment = Moment(None, day, None, None, Precision.DAY, "meta", None, str(day)) if day else None
    return Article(
        source=source, url=f"https://{source}.example/{number}", url_key=f"{source}.example/{number}",
            title=f"Story {number}",
        body=body, published=moment, extractor="test 1", content_sha256=content_sha256(body),
            fetched_at=NOW + timedelta(minutes=number),
    )  # fmt: skip


def story(number: int, *more: str, day: int | None = None, source: str = "herald") -> Article:
    """Return an article with a unique text and additional lines."""
    own = (
        f"The council of ward {number} decided on matter {number * 7} after a debate of {number + 2} "
        f"hours in hall {number}."
    )
    return article(
        number, [own, *more], date(2026, 3, 1) + timedelta(days=number if day is None else day), source
    )


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def load(home, *articles):
    with open_store(home, owner="test") as con:
        run_id = start_run(con, "ingest")
    store_batch(home, Batch(run_id, articles=articles), owner="test")


def texts(home):
    with open_store(home, owner="test") as con:
        return dict(con.execute("select title, body from articles join texts using (article_id)").fetchall())


def lines(home):
    with open_store(home, owner="test") as con:
        return con.execute(
            "select source, line, n_articles, n_days from recurring_lines order by all"
        ).fetchall()


def test_a_line_of_three_articles_on_two_days_is_boilerplate(home):
    load(home, story(1, PROMO, day=1), story(2, PROMO, day=1), story(3, PROMO, day=2), story(4))
    learning = learn_lines(home, NOW)
    assert (learning.n_lines, learning.n_new, learning.n_gone, learning.n_texts) == (1, 1, 0, 3)
    assert lines(home) == [("herald", PROMO, 3, 2)]
    assert not any(PROMO in body for body in texts(home).values())
    assert "ward 1" in texts(home)["Story 1"]


@pytest.mark.parametrize(
    "articles",
    [
        pytest.param([story(1, PROMO), story(2, PROMO)], id="two articles"),
        pytest.param([story(n, PROMO, day=1) for n in (1, 2, 3)], id="one day"),
        pytest.param([story(1, PROMO), story(2, PROMO), story(3, PROMO, source="courier")], id="two sources"),
        pytest.param([story(1, PROMO), *(replace(story(1, PROMO, day=n), url=f"https://herald.example/c{n}",
            url_key=f"herald.example/c{n}") for n in (2, 3))], id="copies of one text"),
        pytest.param([article(n, [PROMO], date(2026, 3, n)) for n in (1, 2, 3)],
            id="nothing else in the article"),
    ],
)  # fmt: skip
def test_what_is_not_boilerplate_stays(home, articles):
    load(home, *articles)
    learn_lines(home, NOW)
    assert all(PROMO in body for body in texts(home).values())


def test_learning_makes_no_revision_and_no_new_fingerprint(home):
    load(home, *(story(n, PROMO) for n in range(1, 5)))
    asked = "select article_id, content_sha256, n_revisions, load_id from core.article order by 1"
    prints = "select hash, article_id from core.fingerprint order by all"
    with open_store(home, owner="test") as con:
        before = con.execute(asked).fetchall(), con.execute(prints).fetchall()
    learn_lines(home, NOW)
    load(home, *(replace(story(n, PROMO), fetched_at=NOW + timedelta(days=1)) for n in range(1, 5)))
    with open_store(home, owner="test") as con:
        assert (con.execute(asked).fetchall(), con.execute(prints).fetchall()) == before
    assert not any(PROMO in body for body in texts(home).values())


def test_what_was_removed_can_be_seen(home):
    load(home, *(story(n, PROMO, "The end.") for n in range(1, 4)), story(9, "Its own last line"))
    learn_lines(home, NOW)
    with connect(home) as con:
        assert con.execute("select count(*) from removed_lines").fetchall() == [(0,)]  # published before
    with open_store(home, owner="test") as con:
        rows = con.execute(
            "select title, line_no, line from removed_lines join articles using (article_id) order by all"
        ).fetchall()
    assert rows == [
        (f"Story {n}", place, line) for n in (1, 2, 3) for place, line in ((2, PROMO), (3, "The end."))
    ]


def test_a_later_load_has_the_learnt_set_applied(home):
    load(home, *(story(n, PROMO) for n in range(1, 4)))
    learn_lines(home, NOW)
    load(home, story(8, PROMO))
    assert PROMO not in texts(home)["Story 8"]


def test_a_line_that_no_longer_recurs_comes_back(home):
    load(home, *(story(n, PROMO) for n in range(1, 4)))
    learn_lines(home, NOW)
    load(home, replace(story(3), fetched_at=NOW + timedelta(days=2)))
    learning = learn_lines(home, NOW)
    assert (learning.n_lines, learning.n_gone, learning.n_texts) == (0, 1, 2)
    assert PROMO in texts(home)["Story 1"]


def test_order_and_batches_do_not_matter(home, tmp_path):
    articles = [story(n, PROMO, *(["Sign up here"] if n % 2 else [])) for n in range(1, 9)]
    load(home, *articles)
    learn_lines(home, NOW)
    other = Home(tmp_path / "other")
    for one in reversed(articles):
        load(other, one)
        learn_lines(other, NOW)
    assert (texts(other), lines(other)) == (texts(home), lines(home))


def test_learning_again_changes_nothing(home):
    load(home, *(story(n, PROMO) for n in range(1, 4)))
    learn_lines(home, NOW)
    learnt_at = "select line, learnt_at from core.recurring_line"
    with open_store(home, owner="test") as con:
        before = con.execute(learnt_at).fetchall()
    learning = learn_lines(home, NOW + timedelta(days=1))
    assert (learning.n_new, learning.n_gone, learning.n_texts) == (0, 0, 0)
    with open_store(home, owner="test") as con:
        assert con.execute(learnt_at).fetchall() == before


LINE = st.sampled_from(["Sign up", "SIGN UP!", "Read on", "More news below", "x", "", "Advertisement"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(LINE, max_size=3), st.integers(0, 3)), min_size=1, max_size=8))
def test_what_is_learnt_in_sql_is_what_the_rule_says(tmp_path_factory, drawn):
    home = Home(tmp_path_factory.mktemp("learn"))
    articles = [story(n, *more, day=day) for n, (more, day) in enumerate(drawn)]
    load(home, *articles)
    learn_lines(home, NOW)
    with open_store(home, owner="test") as con:
        stored = {key for (key,) in con.execute("select line_key from core.recurring_line").fetchall()}
    assert stored == learn_recurring(ArticleLines(a.url, a.published.on, a.body) for a in articles)
