"""A published warehouse with difficult content for the web pages: copies, edits, scripts of all
directions, and titles that would run if they were treated as markup."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tasks.deduplicate import link_articles
from tests.support.stories import story
from tests.support.warehouse_rows import NOW, article, store
from warehouse.alerts.deliveries import Delivery
from warehouse.alerts.saved_feed import SavedFeed
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch, SavedSearches, Trigger
from warehouse.alerts.schedule import parse_schedule
from warehouse.alerts.watched import Watched
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.records.article import BodyFrom, Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.records.source import Feed, Source
from warehouse.sources import load_sources
from warehouse.store.connection import Home, transaction
from warehouse.store.days import find_days

SOURCES = [
    Source("alpha", "Alpha News", homepage="https://news.example/", language="en", country="GB",
           feeds=(Feed("https://news.example/feed"),)),
    Source("beta", "Beta <b>Bulletin</b>", homepage="javascript:alert(1)", language="en"),
    Source("al-marsa", "المرسى", language="ar", country="EG"),
]  # fmt: skip

# What pages of the web have put into titles, bodies and addresses to make a reader's browser act.
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "\"><script>alert(1)</script>", "'><img src=//evil.example/x>", "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>", "</style><script>alert(1)</script>",
    "<!--><script>alert(1)</script>",
    "{{ 7 * 7 }}", "{% raw %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\u202eevil\u202c", "\u2066\u202eabc\u2069", "\ufeffbom", "\x00null", "\x1b[31mred\x1b[0m", "\x07bell",
    "=HYPERLINK(\"http://evil.example\")", "+1+1", "-1-1", "@SUM(A1)", "\t=1+1", "\r=1+1",
    "=cmd|' /C calc'!A0",
    "a" * 4_000, "W" * 300, "ا" * 300, "東" * 300, "\u0301" * 200, "👩‍👩‍👧‍👦" * 50, "e" + "\u0301" * 300,
    "<iframe src=//evil.example></iframe>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>*{display:none}</style>",
    "<form action=//evil.example><input name=q>",
    "<a href=javascript:alert(1)>x</a>", "<details open ontoggle=alert(1)>", "<video src=x onerror=alert(1)>",
    "<math><mtext><script>alert(1)</script>", "<object data=//evil.example>", "<embed src=//evil.example>",
    "<body onload=alert(1)>", "<input autofocus onfocus=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><script>alert(1)</script>\">", "]]><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><x/>", "\u2028alert(1)\u2029", "\\u003cscript\\u003ealert(1)",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "`onload=alert(1)`", "' onmouseover='alert(1)", "\" style=\"position:fixed;inset:0", "null", "undefined",
    "NaN",
]  # fmt: skip
HOSTILE_URLS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "file:///etc/passwd", "https://evil.example/\" onmouseover=\"alert(1)",
    "//evil.example/x",
]  # fmt: skip

HOOK = Recipient(Channel.WEBHOOK, "env:DESK_HOOK", "env:DESK_SECRET")
MAIL = Recipient(Channel.APPRISE, "env:DESK_MAIL", None, parse_schedule("daily 07:00", "Europe/Berlin"))
AT_SEVEN = datetime(2026, 11, 2, 6, tzinfo=UTC)
WATCHED = Watched(
    SavedSearches(
        searches=(
            SavedSearch("bridges", "bridge", recipients=(HOOK, MAIL)),
            SavedSearch("hostile", "alert", (), ("beta",), (Trigger.NEW, Trigger.GONE), Each.ARTICLE),
        ),
        feeds=(
            SavedFeed(
                "alerts",
                "<b>Alerts</b>",
                "select article_id, title, url, source, published_at, body from articles join texts using "
                "(article_id) where title like '%alert%' or url not like 'http%'",
                {},
            ),
            SavedFeed("broken", "Broken", "select title from nowhere", {}),
        ),
    ),
    deliveries=(
        Delivery("bridges", MAIL.key, 2, AT_SEVEN, None, 0, None, None),
        Delivery("bridges", HOOK.key, 1, NOW, None, 3, AT_SEVEN, "the webhook answered 500"),
        Delivery("bridges", HOOK.key, 1, NOW, NOW, 0, None, None),
    ),
)

RTL_TITLE = "ميناء رأس سلوى يبدأ العمل ليلاً لأول مرة"
CJK_TITLE = "東京都知事選が告示、過去最多の立候補"


def make_home(folder: Path) -> Home:
    """Return a published home. Article 1 has a copy (2), 3 was edited twice, 10 and up are hostile."""
    home = Home(folder)
    text = story(1)
    first = [
        article(1, title="Harbour bridge reopens", body=text, published=on(1)),
        article(2, title="Bridge at harbour open again", body=text, published=on(2), source="beta"),
        article(3, title="Ten hurt in blast",
            body="Ten people were hurt in the blast. Police are there.\nMore follows.", published=on(3)),
        article(4, title=RTL_TITLE,
            body="أعلنت إدارة الميناء اليوم بدء العمل ليلاً.\nقال المدير إن العمل يستمر.", source="al-marsa",
                language="ar", direction="rtl", published=on(4)),
        article(5, title=CJK_TITLE, body="東京都知事選が告示された。候補者は過去最多。", language="ja", published=on(5)),
        article(7, title="A time without a zone", body="The page says when, but not where. " * 4,
            published=Moment(None, date(2026, 11, 5), datetime(2026, 11, 5, 14, 30), None, Precision.MINUTE,
                "visible_text", None, "5.11.2026 14:30"), final_url="https://news.example/seven",
            body_from=BodyFrom.FEED, canonical_url="https://news.example/seven"),
        article(6, title="No date at all", body="A text whose day nobody knows. " * 4, published=None),
    ]  # fmt: skip
    hostile = [
        article(10 + n, title=text or "-", body=f"{text}\n{story(100 + n)}", source="beta", authors=(text,),
            published=on(6, n))
        for n, text in enumerate(HOSTILE)
    ] + [
        article(200 + n, title=f"Address {n}", body=story(300 + n), source="beta", published=on(7, n),
            **{"url": address})
        for n, address in enumerate(HOSTILE_URLS)
    ]  # fmt: skip
    edits = [
        [article(3, title="Twelve hurt in blast",
            body="Twelve people were hurt in the blast. Police are there.\nMore follows.",
                at=NOW + timedelta(hours=1), published=on(3))],
        [article(3, title="Twelve hurt in blast",
            body="Twelve people were hurt in the blast. Police left.\nMore follows.\nThe mayor spoke.",
                at=NOW + timedelta(hours=2), published=on(3))],
    ]  # fmt: skip
    for batch in ([*first, *hostile], *edits):
        _load(home, batch)
    publish_snapshot(home)
    return home


def on(day: int, minute: int = 0) -> Moment:
    """Return a publication instant on a day of November 2026."""
    at = datetime(2026, 11, day, 9, tzinfo=UTC) + timedelta(minutes=minute)
    return Moment(
        at, date(2026, 11, day), at.replace(tzinfo=None), 0, Precision.MINUTE, "meta", "page", "raw"
    )


def _load(home: Home, articles: list) -> None:
    with store(home) as con, transaction(con):
        load_sources(con, SOURCES)
        loaded = load_batch(con, Batch("run", articles=tuple(articles)))
        link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
