"""Pages without an article, dated or not, are rejected; a report of two sentences among teasers is read."""

from collections.abc import Sequence

import pytest

from tasks.domain.articles.article import PageContext, Reading, read_article
from tasks.errors import ErrorClass
from warehouse.records.source import Source

HEADS = ("Oil Rises above 81 Dollars", "Two Detained at the Border with Amber",
    "Court Postpones Hearing on the Mine",
         "New Rules for Drones Come into Force", "Harvest of Cotton Completed Early")  # fmt: skip
TEXTS = ("The exchange explained the growth by low volumes after the holidays.",
         "Police are looking for witnesses of the accident on the ring road.")  # fmt: skip
MENU = "<ul><li><a href='/'>Home</a></li><li><a href='/news'>News</a></li></ul>"
FOOT = "<p>© Orbis News, 2001–2022. All rights reserved.</p>"


def teasers(heads: Sequence[str] = HEADS) -> str:
    return "".join(
        f"<div>1{i}.01.2022 09:30<h3><a href='/n/{i}.html'>{head}</a></h3><p>{TEXTS[i % 2]}</p></div>"
        for i, head in enumerate(heads)
    )


def read(body: str, title: str, path: str = "/n/1.html") -> Reading:
    html = f"<html><head><title>{title}</title></head><body>{MENU}{body}{FOOT}</body></html>"
    page = PageContext(f"https://www.some-agency.com{path}", f"https://www.some-agency.com{path}", "k")
    return read_article(html.encode(), page, Source(name="s", title=""))


TABLE = "".join(f"<tr><td>1{i}.01.2022</td><td><a href=/n{i}><b>{h}</b></a><br>{TEXTS[i % 2]}</td></tr>"
    for i, h in enumerate(HEADS))  # fmt: skip


@pytest.mark.parametrize(
    ("body", "title", "path", "error_class"),
    [
        (f"<h1>Economy</h1>{teasers()}", "Economy - Orbis News", "/economy/", ErrorClass.NOT_AN_ARTICLE),
        (f"<table>{TABLE}</table>", "News", "/news.php?cat=3", ErrorClass.NOT_AN_ARTICLE),
        (f"<p>Wednesday, 12 January 2022</p>{teasers()}", "Orbis News", "/", ErrorClass.NOT_AN_ARTICLE),
        (f"<h1>Jane Doe</h1><p>Jane Doe has written about energy since 2011.</p>{teasers()}", "Jane Doe",
            "/authors/jane", ErrorClass.NOT_AN_ARTICLE),
        ("<h1>News of 11 January 2022</h1><ul>" + "".join(f"<li>1{i}:00 <a href=/n{i}>{h}</a></li>" for i,
            h in enumerate(HEADS)) + "</ul>", "News", "/archive/2022/01/11/", ErrorClass.NO_CONTENT),
        ("<h1>Log in</h1><p>Enter your e-mail and password to log in to your account. Forgot your "
            "password?</p><form><input type=password></form>", "Log in - Orbis News", "/login",
            ErrorClass.NOT_AN_ARTICLE),
        ("<h1>Video: ferry in the storm</h1><p>11.01.2022 16:58</p><iframe src=x></iframe><p>A "
            "ferry struggles with the waves at the harbour.</p>", "Video: ferry in the storm", "/video/77",
            ErrorClass.NOT_AN_ARTICLE),
        ("<h1>Проверка</h1><p>Пожалуйста, включите JavaScript и файлы cookie, чтобы продолжить. Мы "
            "проверяем, что вы не робот.</p>", "Проверка", "/n/1", ErrorClass.CONSENT),
        (f"<h1>{HEADS[0]}</h1><p>11.01.2022</p><p>{TEXTS[0]}</p><p>To continue reading, subscribe now.</p>",
            HEADS[0], "/n/1", ErrorClass.PAYWALL),
        ("<h1>Nie znaleziono strony</h1><p>Strona, której szukasz, nie istnieje lub została "
            "przeniesiona.</p>", "Portal", "/n/1", ErrorClass.SOFT_404),
    ],
)  # fmt: skip
def test_no_article(body: str, title: str, path: str, error_class: ErrorClass) -> None:
    refusal = read(body, title, path).refusal
    assert refusal is not None
    assert refusal.error_class is error_class


@pytest.mark.parametrize("title", ["Snow Closes the Pass at Torrin Again", "Snow closes Torrin"])
def test_a_short_report_above_teasers_is_an_article(title: str) -> None:
    text = (
        "The pass at Torrin was closed to all traffic on Monday night after half a metre of snow fell "
        "in six hours."
    )
    more = "The road service hopes to open it by Wednesday, if the wind allows it."
    body = f"<h1>{title}</h1><p>10.01.2022, 16:58</p><p>{text}</p><p>{more}</p><p>Related news</p>{teasers()}"
    reading = read(body, f"{title} - Orbis News")
    assert reading.refusal is None
    assert reading.article.body == f"{text}\n{more}"


def test_an_article_with_pointers_between_its_paragraphs_stays() -> None:
    paragraphs = [f"The minister said on day {i} that the repair of the bridge would cost more than planned."
        for i in range(5)]  # fmt: skip
    pointers = [f"<p><a href='/n/{i}'>{head}</a></p>" for i, head in enumerate(HEADS)]
    title = "Minister Sees the Costs of the Bridge Grow"
    body = "".join(f"<p>{p}</p>{pointer}" for p, pointer in zip(paragraphs, pointers, strict=True))
    assert read(f"<h1>{title}</h1><p>10.01.2022</p>{body}", title).refusal is None


@pytest.mark.parametrize("tag", ["The Kestrel Observer", "Sport"])
def test_advertisements_below_a_section_heading_are_no_article(tag: str) -> None:
    ads = "".join(
        f"<p>{n} fitted in two days. Call for a visit without obligation, finance from nothing.</p>"
        for n in ("Windows", "Doors", "Stoves")
    )
    links = "".join(
        f"<div><a href='/n/{i}'>{head} {i}, Ministers Say in a Statement</a></div>"
        for i, head in enumerate(HEADS * 3)
    )
    reading = read(
        f"<h1>Sport</h1>{links}<h2>Advertisement</h2>{ads}", "The Kestrel Observer", "/news/sport/"
    )
    assert reading.refusal is not None
    assert reading.refusal.error_class is ErrorClass.NOT_AN_ARTICLE
