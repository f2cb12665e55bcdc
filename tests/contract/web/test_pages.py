"""Every page in every format: responses, refused requests, and no active content."""

import csv
import io
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from html import escape, unescape
from html.parser import HTMLParser
from uuid import UUID

import feedparser
import pytest
import requests

from tests.support.web_home import CJK_TITLE, HOSTILE, RTL_TITLE, make_home
from tests.support.web_server import web_server
from warehouse.reading.cookbook import SavedQuestion, list_questions
from warehouse.reading.filters import Cursor
from web.pages import questions

PAGES = [
    "/", "/?q=bridge", "/?q=alert", "/?q=alert&sort=best", "/?source=alpha", "/?lang=ar", "/?edited=1",
    "/?copied=1",
    "/?since=2026-11-01&until=2026-11-03", "/?q=nowhere", "/?q=bridge+OR+blast", "/?q=~bridges+NEAR+harbour",
    "/article/{1}",
    "/article/{3}", "/article/{4}", "/article/{6}",
    "/article/{1}/copies/{2}", "/article/{3}/revisions", "/article/{1}/revisions", "/article/{1}/archived",
    "/story/{1}", "/story/{2}",
    "/story/{3}", "/edits", "/edits?stealth=1", "/edits?source=alpha", "/sources", "/sources/alpha",
    "/sources/beta",
    "/compare", "/compare?q=bridge&q=alert&q=blast",
    "/compare?q=~bridge&q=alert+NEAR+script", "/compare?q=%3Cscript%3Ealert(1)%3C/script%3E",
    "/questions", "/questions/stories-of-a-day?day=2026-11-01", "/questions/changed-headlines",
    "/searches", "/searches/bridges", "/searches/hostile", "/feeds/alerts",
    "/report", "/report?q=bridge", "/report?q=nowhere", "/api",
]  # fmt: skip
FORMS = {
    "json": ["/search.json", "/search.json?q=bridge", "/article/{1}.json", "/article/{3}/revisions.json",
    "/article/{1}/copies/{2}.json", "/story/{1}.json", "/edits.json", "/sources.json", "/sources/alpha.json",
    "/compare.json?q=bridge", "/questions.json", "/questions/stories-of-a-day.json", "/report.json",
    "/searches.json", "/searches/bridges.json", "/feeds/alerts.json"],
    "csv": ["/search.csv", "/article/{1}.csv", "/article/{3}/revisions.csv", "/story/{1}.csv", "/edits.csv",
    "/questions.csv", "/questions/largest-stories.csv", "/sources.csv", "/sources/alpha.csv",
    "/compare.csv?q=bridge", "/report.csv", "/searches.csv", "/searches/bridges.csv", "/feeds/alerts.csv"],
    "atom": ["/search.atom", "/search.atom?q=bridge", "/story/{1}.atom", "/edits.atom", "/sources/beta.atom",
    "/questions/stories-of-a-day.atom?day=2026-11-06", "/searches/hostile.atom", "/feeds/alerts.atom"],
}  # fmt: skip


@pytest.fixture
def get(base, ids):
    def get(path, **options):
        return requests.get(base + re.sub(r"\{(\d+)\}", lambda m: ids[m[1]], path), timeout=60, **options)

    return get


class Markup(HTMLParser):
    """Collects active content: scripts, embeds, inline styles, event handlers."""

    def __init__(self):
        super().__init__()
        self.acting, self.links, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in ("script", "object", "embed", "base", "style", "math", "video") or any(
            name.startswith("on") or name in ("style", "srcdoc") for name in values
        ):
            self.acting.append((tag, values))
        self.links += [values[name] or "" for name in ("href", "src", "action") if name in values]

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_in_a_page_acts(get, path):
    answer = get(path)
    page = Markup()
    page.feed(answer.text)
    assert answer.status_code == 200
    assert page.acting == []
    assert {
        link.split(":")[0] for link in page.links if not link.startswith("/") and not link.startswith("#")
    } <= {"http", "https"}
    assert not any(link.startswith("//") for link in page.links)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_every_hostile_title_is_shown_as_text(get):
    seen = ""
    for article in get("/search.json?source=beta&limit=500").json()["articles"]:
        page = Markup()
        page.feed(get(f"/article/{article['article_id']}").text)
        assert page.acting == []
        seen += "".join(page.text)
    assert len(HOSTILE) >= 60
    for text in (
        "<script>alert(1)</script>",
        "{{ 7 * 7 }}",
        "</title><script>alert(1)</script>",
        "&lt;script&gt;",
    ):
        assert text in seen


@pytest.mark.parametrize("path", FORMS["json"])
def test_json(get, path):
    answer = get(path)
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("path", FORMS["csv"])
def test_csv(get, path):
    answer = get(path)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8"))))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("path", FORMS["atom"])
def test_atom(get, path):
    answer = get(path)
    parsed = feedparser.parse(answer.content)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert not parsed.bozo
    assert parsed.entries
    assert all(entry.id.startswith("urn:uuid:") for entry in parsed.entries)
    assert all(entry.link.startswith("http") for entry in parsed.entries)
    self_links = [link.href for link in parsed.feed.links if link.rel == "self"]
    assert self_links == [answer.url]


@pytest.mark.parametrize("path", FORMS["atom"])
def test_json_feed_has_the_entries_of_atom(get, path):
    answer = get(path.replace(".atom", ".feed.json"))
    document = answer.json()
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == answer.url
    assert [item["id"] for item in document["items"]] == [
        entry.id for entry in feedparser.parse(get(path).content).entries
    ]


def test_csv_gives_the_data_unchanged_unless_a_spreadsheet_is_meant(get):
    plain = get("/search.csv?source=beta&limit=500").content.decode()
    guarded = get("/search.csv?source=beta&limit=500&spreadsheet=1").content
    title = '=HYPERLINK("http://evil.example")'
    assert title in {row["title"] for row in csv.DictReader(io.StringIO(plain))}
    assert guarded.startswith(b"\xef\xbb\xbf")
    assert f"'{title}" in {row["title"] for row in csv.DictReader(io.StringIO(guarded.decode("utf-8-sig")))}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        pytest.param("/?since=2022", 400, "since: '2022' is not a date (expected YYYY-MM-DD)", id="a date"),
        pytest.param("/?since=2026-11-02&until=2026-11-01", 400,
            "since: 2026-11-02 is later than until: 2026-11-01", id="days in reverse"),
        pytest.param("/?sort=old", 400, "sort: 'old' is not an order (expected new or best)", id="an order"),
        pytest.param(f"/edits?after={Cursor(1e300, str(UUID(int=1)))}", 400, "after: not a time",
            id="a cursor of edits"),
        pytest.param("/?limit=0", 400, "limit: '0' is not a number from 1 to 500", id="a limit"),
        pytest.param("/?limit=٣", 400, "limit: '٣' is not a number from 1 to 500",
            id="a limit in other digits"),
        pytest.param("/?q=%22", 400, "q: the quotation mark is not closed (position 1)", id="an open phrase"),
        pytest.param("/?q=oil+OR", 400, "q: a word is missing at the end (position 7)", id="half a question"),
        pytest.param("/compare?q=oil&q=(gas", 400, "q: '(' is not closed (position 1)",
            id="one of several questions"),
        pytest.param("/?edited=yes", 400, "edited: 'yes' is not a switch (expected 1 or 0)", id="a switch"),
        pytest.param("/?after=x", 400, "after: 'x' is not a cursor", id="a cursor"),
        pytest.param("/?q=" + "a" * 501, 400, "q: the query has more than 500 characters",
            id="a long question"),
        pytest.param("/?" + "&".join(f"x{n}=1" for n in range(300)), 400, "more than 200 parameters",
            id="many parameters"),
        pytest.param("/compare?q=a&q=b&q=c&q=d&q=e&q=f", 400, "q: 6 queries; at most 5 are compared",
            id="many questions"),
        pytest.param("/article/x", 404, "'x' is not the id of an article", id="no id"),
        pytest.param("/story/x", 404, "'x' is not the id of a story", id="no id of a story"),
        pytest.param("/article/00000000-0000-0000-0000-000000000000", 404, "There is no article",
            id="no such article"),
        pytest.param("/story/00000000-0000-0000-0000-000000000000", 404, "There is no story",
            id="no such story"),
        pytest.param("/sources/nobody", 404, "There is no source 'nobody'", id="no such source"),
        pytest.param("/searches/nobody", 404, "There is no saved search 'nobody'", id="no such saved search"),
        pytest.param("/searches/bridges?after=x", 400, "after: 'x' is not a cursor", id="its cursor"),
        pytest.param("/feeds/nobody", 404, "There is no feed 'nobody'", id="no such feed"),
        pytest.param("/feeds/broken", 404, "feed 'broken': Catalog Error", id="a feed whose SQL is wrong"),
        pytest.param("/nope", 404, "There is no page at /nope", id="no such page"),
        pytest.param("/static/../app.py", 404, "", id="outside static"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(get, path, status, message):
    answer = get(path)
    page = Markup()
    page.feed(answer.text)
    assert answer.status_code == status
    assert message in " ".join("".join(page.text).split())
    assert page.acting == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        pytest.param(
            "/?q=%22oil&source=alpha&after=x", {"q": '"oil', "source": "alpha"}, id="with its filters"
        ),
        pytest.param("/report?q=oil+OR", {"q": "oil OR"}, id="of a report"),
        pytest.param("/compare?q=oil&q=(gas", {}, id="one of several is not known"),
        pytest.param("/?q=oil&since=2022", {}, id="the mistake is elsewhere"),
    ],
)
def test_a_question_with_a_mistake_can_be_corrected_on_the_page_of_the_error(get, path, fields):
    answer = get(path)
    assert answer.status_code == 400
    inputs = re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', answer.text)
    assert {name: unescape(value) for name, value in inputs} == fields
    actions = re.findall(r'<form[^>]* action="([^"]*)"', answer.text)
    assert actions == ([path.partition("?")[0]] if fields else [])


@pytest.mark.parametrize(
    ("path", "link"),
    [
        pytest.param("/?q=oil&since=2026-02-01&until=2026-01-01&lang=de",
            "/?q=oil&until=2026-01-01&lang=de", id="days the wrong way round"),
        pytest.param("/?q=oil+gas&after=x", "/?q=oil+gas", id="a cursor"),
        pytest.param("/edits?limit=0", "/edits", id="the only one"),
    ],
)  # fmt: skip
def test_the_page_of_an_error_leads_to_the_same_without_the_wrong_parameter(get, path, link):
    page = get(path).text
    assert f'<a class="button" href="{escape(link)}">' in page
    assert get(link).status_code == 200


@pytest.mark.parametrize(
    ("path", "links"),
    [
        pytest.param("/?limit=2", "/?", id="articles"),
        pytest.param("/?q=alert&sort=best&limit=2", "/?", id="results"),
        pytest.param("/edits?limit=1", "/edits?", id="edits"),
        pytest.param("/searches/hostile?limit=2", "/searches/hostile?", id="a saved search"),
    ],
)
def test_links_of_a_page_keep_its_number_of_rows(get, path, links):
    page = get(path).text
    hrefs = [unescape(href) for href in re.findall(r'href="([^"]*)"', page.partition("<main")[2])]
    limit = path.rpartition("limit=")[2]
    own = [href for href in hrefs if href.startswith(links)]
    assert {re.search(r"limit=(\d+)", href)[1] for href in own} == {limit}
    following = next(href for href in own if "after=" in href)
    n_shown = page.count("<article dir=") or page.count('class="edit"')
    next_page = get(following).text
    assert n_shown == int(limit) == (next_page.count("<article dir=") or next_page.count('class="edit"'))


def test_the_examples_of_the_query_syntax_are_queries(get):
    examples = re.findall(r"<dt><code>(.+?)</code></dt>", get("/").text)
    assert len(examples) == 10
    for example in map(unescape, examples):
        assert get("/", params={"q": example}).status_code == 200, example


def test_a_form_keeps_the_number_of_rows(get):
    assert '<input type="hidden" name="limit" value="2">' in get("/?limit=2").text
    assert 'name="limit"' not in get("/").text


def test_the_chosen_source_of_edits_can_be_taken_away(get):
    page = get("/edits?source=alpha&stealth=1").text
    chosen = unescape(re.search(r'<li><a href="([^"]*)" aria-current="true"><bdi>', page)[1])
    assert chosen == "/edits?stealth=1"
    assert 'href="/edits?source=alpha">All edits' in page


def test_errors_of_programs_are_problem_details(get):
    answer = get("/search.json?since=2022")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "since: '2022' is not a date (expected YYYY-MM-DD)"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200), ("localhost:8484", 200), ("[::1]:8484", 200), ("LOCALHOST", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("", 421), ("localhost.evil.example:80", 421),
    ],
)  # fmt: skip
def test_foreign_hosts_are_refused(get, host, status):
    assert get("/sources", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_only_get(base, method):
    answer = requests.request(method, base + "/", timeout=60)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_an_endless_question_is_answered_at_the_limit_and_others_go_on(web_home, monkeypatch):
    sql = "select count(*) from range(1000000000) as a, range(1000) as b where a.range * b.range % 7 = 3"
    endless = SavedQuestion("endless", "Endless", "How long?", (), sql)
    monkeypatch.setattr(questions, "find_question", lambda name: endless)
    others = []
    with web_server(web_home, timeout_s=1) as address, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(requests.get, f"{address}/questions/endless.json", timeout=60)
        while not asked.done():
            others.append(requests.get(f"{address}/api/v1/health?n={len(others)}", timeout=60).status_code)
        answer = asked.result()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"].startswith("The question took longer than 1 s and was stopped.")
    assert len(others) > 1
    assert set(others) == {200}


def test_head(base):
    answer = requests.head(base + "/sources", timeout=60)
    assert (answer.status_code, answer.content) == (200, b"")


def test_no_answer_may_be_read_by_another_site(get):
    for path in ("/", "/search.json", "/nope", "/static/style.css", "/api/v1/health"):
        headers = get(path).headers
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
        assert "set-cookie" not in headers


def test_an_unchanged_page_costs_a_304(get):
    first = get("/?q=bridge")
    again = get("/?q=bridge", headers={"If-None-Match": first.headers["etag"]})
    other = get("/?q=blast", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


def test_scripts_of_all_directions(get, ids):
    page = get("/?lang=ar").text
    assert '<article dir="rtl" lang="ar">' in page
    assert RTL_TITLE in page
    assert CJK_TITLE in get("/?lang=ja").text


def test_the_counts_of_sources_stand_beside_their_names(get):
    columns = re.findall(r'<th scope="col"[^>]*>(?:<span[^>]*>)?([^<]*)', get("/sources").text)
    assert columns[:2] == ["Source", "Articles"]
    assert columns[-2:] == ["Language", "Country"]


def test_a_url_finds_its_article(get, ids):
    address = "https://news.example/1?fbclid=x"
    data = get("/search.json", params={"q": address}).json()
    assert ([a["article_id"] for a in data["articles"]], data["n_stories"]) == ([ids["1"]], 1)
    page = get("/", params={"q": address}).text
    assert "<strong>1 article</strong> in <strong>1 story</strong>" in page
    assert f'name="q" type="search" value="{address}"' in page
    assert [a["article_id"] for a in get("/api/v1/search", params={"q": address}).json()["articles"]] == [
        ids["1"]
    ]
    for path in ("/report", "/compare"):
        assert get(path, params={"q": address}).status_code == 200


@pytest.mark.parametrize(
    ("address", "why"),
    [
        pytest.param("https://news.example/9?a='1'", "No feed listed it, and it was never requested. ",
            id="unknown"),
        pytest.param("https://news.example/1", "", id="stored"),
    ],
)  # fmt: skip
def test_a_url_without_a_result_says_why(get, address, why):
    page = Markup()
    page.feed(get("/", params={"q": address, "lang": "xx"}).text)
    text = " ".join("".join(page.text).split())
    if why:
        assert f"No article with this URL is stored. {why}" in text
        assert f"wirehouse explain {shlex.quote(address)}" in text
    else:
        assert "The article with this URL is stored, but these filters exclude it." in text


def test_a_story_of_several_days_is_counted_once_in_a_comparison(get):
    (line,) = get("/compare.json?q=bridge").json()["questions"]
    assert [point["n_stories"] for point in line["points"] if point["n_stories"]] == [1, 1]
    assert line["total"] == {"n_articles": 2, "n_stories": 1}
    assert '<td class="n">2</td><td class="n">1</td>' in get("/compare?q=bridge").text


def test_no_result_for_a_source_that_does_not_exist(get):
    page = get("/?q=bridge+source:bbc&source=nobody").text
    assert re.findall(r"no source with the key <code>(\w+)</code>", page) == ["nobody", "bbc"]
    assert "no source with the key" not in get("/?q=nowhere+source:alpha").text


def test_a_page_behind_the_last_one(get):
    page = get("/?q=bridge&after=" + str(Cursor(0, "00000000-0000-0000-0000-000000000000"))).text
    assert "There are no further results." in page


def test_all_results_can_be_had_as_csv(get):
    page = get("/").text
    (link, text) = re.search(r'<a href="(/search\.csv\?[^"]*)">(All [^<]*) as CSV</a>', page).groups()
    rows = list(csv.DictReader(io.StringIO(get(unescape(link)).text)))
    assert text == f"All {len(rows)} stories"
    assert len(rows) > 20
    assert "as CSV</a>" not in get("/?q=bridge").text


def test_a_time_without_a_zone_is_shown_as_such(get):
    for path in ("/?q=title:zone", "/article/{7}", "/story/{7}"):
        assert (
            '<time datetime="2026-11-05T14:30:00">5 Nov 2026, 14:30</time> '
            '<span class="note">time zone not known</span>'
        ) in get(path).text
    page = get("/article/{7}").text
    assert "2026-11-05 14:30, time zone not known: so the instant is not, either" in page
    assert "<dt>After redirects</dt>" in page
    assert "<dt>Text</dt><dd>from the feed: the page could not be used" in page
    assert "2026-11-01 09:00, UTC+00:00" in get("/article/{1}").text


def test_marks_and_counts(get):
    page = get("/?q=bridge").text
    assert "<mark>bridge</mark>" in page
    assert "<strong>2 articles</strong> in <strong>1 story</strong>" in page


@pytest.mark.parametrize("question", list_questions(), ids=lambda question: question.name)
def test_every_question_of_the_cookbook_is_answered(get, question):
    """Without parameters and with one of each kind; the page has the same rows as the data."""
    value_of = {"date": "2026-11-01", "number": "1", "text": "alpha"}
    given = {parameter.name: value_of[parameter.kind] for parameter in question.parameters}
    everything = get(f"/questions/{question.name}.json").json()
    some = get(f"/questions/{question.name}.json", params=given).json()
    page = get(f"/questions/{question.name}").text
    assert len(some["rows"]) <= max(1, len(everything["rows"])) or "since" not in given
    assert page.count("<tr>") == min(len(everything["rows"]), 200) + bool(everything["rows"])
    assert question.asks in unescape(page)


def test_columns_without_a_value_are_named_below_the_answer(get):
    answer = get("/questions/timeline-of-a-story.json").json()["rows"]
    page = get("/questions/timeline-of-a-story").text
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)', page)
    assert [row["source_credit"] for row in answer] == [None, None]
    assert "Title" in heads
    assert "Source credit" not in heads
    assert "Without a value in these rows: Source credit." in page


def test_words_that_the_search_refuses_are_named(get):
    answer = get("/questions/several-topics.json", params={"first": "oil OR gas"})
    assert answer.status_code == 400
    assert "OR is not supported in SQL (position 5)" in answer.json()["detail"]


def test_the_stories_of_a_day(get, ids):
    rows = get("/questions/stories-of-a-day.json?day=2026-11-01").json()["rows"]
    assert [(row["article_id"], row["n_copies"]) for row in rows] == [(ids["1"], 1)]
    latest = get("/questions/stories-of-a-day.json").json()["rows"]
    assert {row["published_at"][:10] for row in latest} == {"2026-11-07"}


def test_who_copies_whom(get):
    rows = get("/questions/who-copies-whom.json").json()["rows"]
    assert {(row["earlier"], row["later"], row["n_stories"]) for row in rows} >= {("alpha", "beta", 1)}
    assert get("/questions/who-copies-whom.json?source=al-marsa").json()["rows"] == []


def test_an_edit_is_shown_word_by_word(get):
    page = get("/article/{3}/revisions").text
    assert "<del>Ten</del><ins>Twelve</ins>" in page
    assert "no update time on the page" in page


def test_the_archived_page_is_in_a_sandbox(get):
    frame, page = get("/article/{1}/archived"), get("/article/{1}/archived/page")
    assert "frame-src 'self'" in frame.headers["content-security-policy"]
    assert re.search(r'<iframe [^>]*sandbox src="/article/[0-9a-f-]+/archived/page"', frame.text)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert b"The stored text." in page.content


@pytest.mark.parametrize("path", ["/sources", "/article/{id}/archived/page"])
def test_a_snapshot_that_cannot_be_read_is_said_on_every_page(tmp_path, path):
    home = make_home(tmp_path / "home")
    home.snapshot_file.write_bytes(b"x" * 5_000)
    with web_server(home) as address:
        answer = requests.get(address + path.format(id=UUID(int=1)), timeout=60)
    assert answer.status_code == 503
    assert "is damaged or not a warehouse" in answer.text
    assert "valid DuckDB database file. It is only a copy" in answer.text


@pytest.mark.parametrize(
    ("declared", "served"),
    [
        ("text/html; charset=windows-1251", "text/html; charset=windows-1251"),
        ("text/html", "text/html"),
        (None, "text/html"),
        ("TEXT/HTML;charset=\"utf-8\"", "text/html; charset=utf-8"),
        ("application/pdf", "text/plain; charset=utf-8"),
        ("image/svg+xml", "text/plain; charset=utf-8"),
        ("text/html; charset=a\r\nSet-Cookie: x", "text/html; charset=a"),
    ],
)  # fmt: skip
def test_the_type_of_an_archived_page(declared, served):
    from web.pages.archived import content_type

    assert content_type(declared) == served
