"""Every page in a real browser: no script runs, no other host is contacted, and it is accessible."""

import re

import pytest
import requests

from tests.support.web_home import HOSTILE, RTL_TITLE

pytestmark = pytest.mark.browser

PAGES = [
    "/", "/?q=bridge", "/?q=alert", "/?q=nowhere", "/?q=https://news.example/9", "/?q=x+source:nobody",
    "/article/{1}", "/article/{3}", "/article/{4}", "/article/{7}",
    "/article/{5}", "/article/{1}/copies/{2}",
    "/article/{3}/revisions", "/article/{1}/archived", "/story/{1}", "/edits", "/sources", "/sources/alpha",
    "/sources/beta", "/compare?q=bridge&q=alert", "/questions", "/questions/stories-of-a-day?day=2026-11-06",
    "/questions/largest-stories", "/report", "/api", "/searches", "/searches/bridges", "/feeds/alerts",
]  # fmt: skip
MODES = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
}


@pytest.fixture(scope="module")
def ids(base):
    listed = requests.get(f"{base}/api/v1/articles", params={"limit": 500}, timeout=60).json()["articles"]
    return {
        a["url"].rsplit("/", 1)[1]: a["article_id"] for a in listed if a["url"].startswith("https://news.")
    }


@pytest.fixture
def open_page(chromium, base, ids):
    """Open a page; `seen` collects console messages, dialogs, and requests to other hosts."""
    contexts = []

    def note_request(page, request):
        if not request.url.startswith(base) and "csp" not in (request.failure or "").lower():
            page.seen.append(f"request: {request.url} {request.failure}")

    def opened(path, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.seen = []
        page.on("console", lambda message: page.seen.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: page.seen.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (page.seen.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda r: None if r.url.startswith(base) else page.seen.append(f"request: {r.url}")
        )
        page.goto(base + re.sub(r"\{(\d+)\}", lambda m: ids[m[1]], path), wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_usable(open_page, path, mode):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(path, **MODES[mode])
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    if not path.endswith("/archived"):
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    # Of an archived page the browser notes what it refused; test_an_archived_page_reaches_nobody counts.
    counted = ("dialog", "error") if path.endswith("/archived") else ("",)
    assert [line for line in page.seen if line.startswith(counted)] == []


@pytest.mark.parametrize("mode", MODES)
def test_hostile_articles_do_nothing(open_page, base, mode):
    listed = requests.get(f"{base}/search.json?source=beta&limit=500", timeout=60).json()["articles"]
    page = open_page("/?source=beta", **MODES[mode])
    for article in listed[:: 1 if mode == "light" else 12]:
        page.goto(f"{base}/article/{article['article_id']}")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) == 0, article["title"][:80]
    assert page.seen == []
    assert len(listed) > len(HOSTILE)


def test_pages_work_without_javascript(open_page, base):
    page = open_page("/", java_script_enabled=False)
    page.get_by_label("Words").fill("bridge")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Harbour bridge reopens").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Harbour bridge reopens"
    page.get_by_role("link", name="Story with 1 copy").click()
    assert "/story/" in page.url
    assert page.seen == []


def test_every_link_and_field_can_be_reached_by_keyboard(open_page):
    page = open_page("/?q=bridge", **MODES["light"])
    wanted = page.evaluate(
        "document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, "
        '[tabindex="0"]\').length'
    )
    seen = set()
    for _ in range(wanted * 4):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        if len(seen) >= wanted:
            break
    hidden = page.evaluate(
        "[...document.querySelectorAll('details:not([open]) a, details:not([open]) [tabindex]')].length"
    )
    assert len(seen) >= wanted - hidden


def test_the_focus_shows(open_page):
    page = open_page("/", **MODES["light"])
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_phone_shows_the_counts_of_sources_without_scrolling(open_page):
    page = open_page("/sources", **MODES["phone"])
    cell = page.locator("tbody td").first.bounding_box()
    assert cell["x"] + cell["width"] <= 360
    assert page.locator("tbody td").first.inner_text().isdigit()


@pytest.mark.parametrize("width", [360, 416, 417, 480, 768, 896, 1280])
@pytest.mark.parametrize("path", ["/compare?q=bridge&q=alert", "/?q=bridge"])
def test_labels_of_charts_are_on_the_page_and_do_not_overlap(open_page, path, width):
    page = open_page(path, viewport={"width": width, "height": 740})
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.chart text')].map(text => {
            const box = text.getBoundingClientRect();
            return [box.left, box.right, box.top, box.bottom];
        })"""
    )
    assert len(boxes) >= 3
    assert all(left >= 0 and right <= width for left, right, _, _ in boxes)
    for i, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            # A pixel of line height may be shared: labels of the two axes meet at their origin.
            assert right <= other[0] or other[1] <= left or bottom <= other[2] + 4 or other[3] <= top + 4


def test_a_right_to_left_title_stands_right(open_page):
    page = open_page("/?lang=ar", **MODES["light"])
    box = page.evaluate(
        """() => {
            const link = [...document.querySelectorAll('h2 a')][0], range = document.createRange();
            range.selectNodeContents(link);
            const text = range.getBoundingClientRect();
            const card = link.closest('article').getBoundingClientRect();
            const right = card.right - text.right, left = text.left - card.left;
            return {text: link.textContent.trim(), right: right, left: left};
        }
        """
    )
    assert box["text"] == RTL_TITLE
    assert box["right"] < 2
    assert box["left"] > 50


def archived_frame(page):
    return next(frame for frame in page.frames if frame.url.endswith("/archived/page"))


@pytest.mark.parametrize("path", ["/article/{1}/archived", "/article/{1}/archived/page"])
def test_an_archived_page_reaches_nobody(open_page, elsewhere, path):
    page = open_page(path)
    frame = archived_frame(page)
    assert frame.locator("#said").inner_text() == "The stored text."
    page.wait_for_timeout(500)
    assert frame.url.endswith("/archived/page")
    assert [line for line in page.seen if line.startswith("dialog")] == []
    assert elsewhere[1] == []


def test_a_link_in_the_frame_leads_nowhere(open_page, elsewhere):
    page = open_page("/article/{1}/archived")
    archived_frame(page).locator("#out").click()
    page.wait_for_timeout(500)
    assert elsewhere[1] == []


def test_a_report_opens_from_the_disk(chromium, web_home, tmp_path):
    from flows.cli import run

    file = tmp_path / "report.html"
    assert run(["report", "--home", str(web_home.root), "--to", str(file)]) == 0
    context = chromium.new_context(offline=True, viewport={"width": 360, "height": 740})
    page, seen = context.new_page(), []
    page.on("console", lambda message: seen.append(message.text))
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: seen.append(request.url))
    page.goto(file.as_uri())
    assert seen == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.wide')).paddingLeft") != "0px"
    context.close()
