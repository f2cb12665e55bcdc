"""The real flow on the demo sites: the stored articles equal the truth, and a second run adds nothing."""

import pytest

from demo.site import DemoSite
from warehouse.archive.files import FileArchive
from warehouse.store.connection import connect


@pytest.fixture(scope="module")
def web(prefect_api, tmp_path_factory):
    from flows.ingest import ingest

    home = tmp_path_factory.mktemp("demo")
    config = home / "sources.toml"

    def run():
        return ingest(every_feed=True, home=str(home), config=str(config))

    with DemoSite() as site:
        config.write_text(site.sources_toml(), encoding="utf-8")
        summaries = [run(), run()]
        truth = site.truth()
        n_page_requests = {
            p: sum(r.path == p for r in site.requests) for p in {r.path for r in site.requests}
        }
        rows = read(home)
        site.advance()
        summaries.append(run())
        yield {
            "site": site, "home": home, "truth": truth, "rows": rows, "summaries": summaries,
            "requests": n_page_requests, "after": read(home), "truth_after": site.truth(),
        }  # fmt: skip


def read(home):
    """Return the stored articles by URL, with their text."""
    with connect(home) as con:
        cursor = con.execute("select * from articles join texts using (article_id)")
        names = [column[0] for column in cursor.description]
        return {
            row["url"]: row for row in (dict(zip(names, values, strict=True)) for values in cursor.fetchall())
        }


def articles(truth):
    """Return the articles that a feed lists; only a backfill finds the others."""
    return [record for record in truth if record.kind == "article" and record.in_feed]


def test_every_article_is_stored_and_nothing_else(web):
    assert set(web["rows"]) == {record.url for record in articles(web["truth"])}
    assert web["summaries"][0].new == len(web["rows"]) > 100


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        pytest.param("title", lambda t: t.title, id="title"),
        pytest.param("source", lambda t: t.source, id="source"),
        pytest.param("published_at", lambda t: t.published_at, id="published_at"),
        pytest.param("published_on", lambda t: t.published_on, id="published_on"),
        pytest.param("published_local", lambda t: t.published_local, id="published_local"),
        pytest.param("source_credit", lambda t: t.source_credit, id="source_credit"),
        pytest.param("language", lambda t: t.language, id="language"),
        pytest.param("body", lambda t: t.body, id="body"),
    ],
)
def test_fields_equal_the_truth(web, column, expected):
    wrong = {
        t.url: (web["rows"][t.url][column], expected(t))
        for t in articles(web["truth"])
        if t.url in web["rows"] and web["rows"][t.url][column] != expected(t)
    }
    assert wrong == {}


def test_people_among_the_authors_equal_the_truth(web):
    """Where nobody signs, the house or the agency is the author, of another kind."""
    wrong = {}
    for t in articles(web["truth"]):
        row = web["rows"][t.url]
        people = [
            author
            for author, kind in zip(row["authors"], row["author_kinds"], strict=True)
            if kind == "person"
        ]
        if people != list(t.authors):
            wrong[t.url] = (people, list(t.authors))
    assert wrong == {}


def test_copies_are_linked_to_their_originals(web):
    story = {url: row["story_id"] for url, row in web["rows"].items()}
    original = {t.url: t.copy_of or t.url for t in articles(web["truth"])}
    same = {}
    for url, root in original.items():
        same.setdefault(root, set()).add(story[url])
    assert sum(root != url for url, root in original.items()) >= 15
    assert {root: ids for root, ids in same.items() if len(ids) > 1} == {}
    assert len(set(story.values())) == len(same)


def test_what_is_no_article_is_a_reject_with_its_reason(web):
    with connect(web["home"]) as con:
        rejects = dict(con.execute("select url, error_class from rejects").fetchall())
    others = {t.url: t.kind for t in web["truth"] if t.kind != "article" and t.in_feed}
    assert set(others) == set(rejects)
    assert {rejects[url] for url, kind in others.items() if kind == "gone"} == {"gone"}
    assert {rejects[url] for url, kind in others.items() if kind == "robots"} == {"robots"}


def test_a_second_run_stores_nothing_and_fetches_no_page(web):
    second = web["summaries"][1]
    assert (second.new, second.revised, second.fetched) == (0, 0, 0)
    assert second.not_modified >= 1


def test_a_corrected_article_is_a_revision_not_a_row(web):
    changed = {
        t.url
        for t in articles(web["truth_after"])
        for before in articles(web["truth"])
        if before.url == t.url and before.body != t.body
    }
    assert changed
    announced = {url for url in changed if web["after"][url]["n_revisions"] > 1}
    assert announced, "no correction was found"
    truth = {t.url: t for t in web["truth_after"]}
    assert all(web["after"][url]["body"] == truth[url].body for url in announced)
    assert web["summaries"][2].revised == len(announced)


def test_the_archive_holds_every_page(web):
    from tasks.archive.reader import iter_pages

    pages = web["home"] / "pages"
    archived = {
        page.request.url
        for file in pages.rglob("*.warc.gz")
        for _, page in iter_pages(FileArchive(pages), file)
    }
    assert set(web["rows"]) <= archived
