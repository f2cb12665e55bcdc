"""Articles in the data of pages that scripts render."""

import json

import pytest

from tasks.domain.articles.article import PageContext, Reading, read_article
from warehouse.records.source import Source

TITLE = "Tram line 9 will skip the old market until June"
URL = "https://metro.example/story/tram-line-9"
TEXT = [
    "Line 9 trams will run through the old market without a stop from Monday, the authority said on Friday.",
    "Passengers can use the stops at Court Street and at the fish hall, four minutes away on foot.",
    "The work costs 2.4 million and ends two weeks before the summer timetable of the whole network.",
]
HTML = "".join(f"<p>{line}</p>" for line in TEXT)
CONSENT = {"title": "We value your privacy", "text": " ".join(TEXT) * 2}
OTHER = {"headline": "Night buses return to the hills", "body": " ".join(TEXT) * 3}
DATES = {"publishedAt": "2026-03-02T09:15:00.000Z", "author": {"name": "Rosa Whitlow"}}
BLOCKS = [{"type": "paragraph", "text": line} for line in TEXT]
SLATE = [
    {"type": "p", "children": [{"text": TEXT[0][:40]}, {"type": "a", "children": [{"text": TEXT[0][40:]}]}]},
    {"type": "image", "caption": "The old market"},
    *({"type": "p", "children": [{"text": line}]} for line in TEXT[1:]),
]
ARC = {
    "headlines": {"basic": TITLE},
    "content_elements": [{"type": "text", "content": line} for line in TEXT],
    "credits": {"by": [{"name": "Rosa Whitlow"}]},
    "display_date": "2026-03-02T09:15:00Z",
}
NUXT_3 = [
    ["ShallowReactive", 1],
    {"data": 2},
    {"title": 3, "bodyHtml": 4, "publishedAt": 5, "author": 6},
    *(TITLE, HTML, "2026-03-02T09:15:00.000Z", "Rosa Whitlow"),
]


def read(*scripts: str, shown: str = "<div>Loading…</div>") -> Reading:
    page = f"<html><head><title>{TITLE} | Metro</title></head><body>{shown}{''.join(scripts)}</body></html>"
    return read_article(page.encode(), PageContext(URL, URL, URL), Source("metro", "Metro"))


def in_json(data: object, attributes: str = "") -> str:
    return f'<script type="application/json"{attributes}>{json.dumps(data)}</script>'


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            in_json({"props": {"article": {"headline": TITLE, "body": BLOCKS} | DATES, "related": [OTHER]}}),
            id="Next.js, blocks",
        ),
        pytest.param(in_json({"post": {"title": TITLE, "content": SLATE} | DATES}), id="rich text"),
        pytest.param(in_json({"post": {"title": TITLE, "content_html": HTML} | DATES}), id="HTML"),
        pytest.param(f"<script>window.Fusion.globalContent={json.dumps(ARC)};x=1</script>", id="Arc XP"),
        pytest.param(in_json(NUXT_3, " id=__NUXT_DATA__"), id="Nuxt 3"),
        pytest.param(
            f"<script>window.__STATE__=JSON.parse({json.dumps(json.dumps({'a': ARC}))})</script>",
            id="JSON in a string",
        ),
    ],
)
def test_article_of_a_page_that_scripts_render(script: str) -> None:
    reading = read(in_json(CONSENT), script)
    assert reading.refusal is None
    article = reading.article
    assert article.body.split("\n") == TEXT
    assert (article.title, article.authors) == (TITLE, ("Rosa Whitlow",))
    assert article.published is not None and article.published.at is not None
    assert article.published.at.isoformat() == "2026-03-02T09:15:00+00:00"


def test_text_beside_the_headline_in_a_script_that_is_no_json() -> None:
    html = json.dumps(HTML).replace("<", "\\u003C")
    data = f'(function(a){{return {{data:[{{title:"{TITLE}",bodyHtml:{html},date:a}}]}}}})(void 0)'
    reading = read(f"<script>window.__NUXT__={data}</script>")
    assert reading.refusal is None
    assert reading.article.body.split("\n") == TEXT


@pytest.mark.parametrize(
    "script", [in_json(CONSENT), in_json({"a": OTHER}), in_json({"title": TITLE, "text": "Soon."})]
)
def test_other_texts_of_scripts_are_no_article(script: str) -> None:
    assert read(script).refusal is not None


def test_what_the_page_shows_goes_before_its_data() -> None:
    shown = f"<h1>{TITLE}</h1>{HTML}{HTML.replace('tram', 'train')}"
    reading = read(in_json({"headline": TITLE, "body": " ".join(TEXT) * 4}), shown=shown)
    assert reading.article.body.split("\n")[:3] == TEXT
