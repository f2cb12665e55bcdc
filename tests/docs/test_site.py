"""The built website: no page loads anything from another host, and each link leads somewhere."""

import re
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

SITE = Path(__file__).parents[2] / "site"
# Relations of <link> that a browser acts on by itself.
LOADING_RELATIONS = {
    "stylesheet",
    "icon",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "modulepreload",
}


class Page(HTMLParser):
    """Collects what a page loads, what it links to, and its anchors."""

    def __init__(self, path):
        super().__init__()
        self.loads, self.links, self.ids = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif tag == "link":
            if LOADING_RELATIONS & set((given.get("rel") or "").split()):
                self.loads.append(given.get("href") or "")
        else:
            self.loads += [given[name] for name in ("src", "srcset", "data", "poster") if given.get(name)]


@pytest.fixture(scope="module")
def pages():
    found = {path: Page(path) for path in sorted(SITE.rglob("*.html"))}
    assert len(found) > 20, f"{SITE} is not built: run make docs"
    return found


def is_foreign(url):
    return bool(urlsplit(url).netloc) or urlsplit(url).scheme not in ("", "data")


def test_nothing_is_loaded_from_another_host(pages):
    foreign = {str(path): [u for u in page.loads if is_foreign(u)] for path, page in pages.items()}
    assert {path: urls for path, urls in foreign.items() if urls} == {}


def test_no_style_sheet_loads_from_another_host():
    sheets = list(SITE.rglob("*.css"))
    assert sheets
    urls = [
        url for path in sheets for url in re.findall(r"url\(\s*['\"]?([^'\")]+)", path.read_text("utf-8"))
    ]
    assert [url for url in urls if is_foreign(url)] == []
    assert [path.name for path in sheets if "@import" in path.read_text("utf-8")] == []


def target_of(path, address):
    """Return the file that a relative address on a page leads to."""
    target = (path.parent / unquote(address)).resolve() if address else path
    return target / "index.html" if target.is_dir() else target


def test_links_lead_to_pages_and_anchors(pages):
    wrong = []
    for path, page in pages.items():
        if path.name == "404.html":  # its addresses are those of the site's root
            continue
        for address, anchor in (urldefrag(link) for link in page.links if not is_foreign(link)):
            target = target_of(path, address)
            if not target.exists() or (anchor and target in pages and anchor not in pages[target].ids):
                wrong.append(f"{path.name}: {address}#{anchor}")
    assert wrong == []


@pytest.fixture
def address():
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE))
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["index.html", "reference/browse.html", "reference/tables.html"])
def test_a_browser_asks_no_other_host(chromium, address, name):
    """The theme's script can load diagrams and players from elsewhere: no page of ours makes it do so."""
    context = chromium.new_context()
    page = context.new_page()
    asked, messages = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{address}/{name}", wait_until="networkidle")
    context.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert len(asked) > 3
    assert messages == []
