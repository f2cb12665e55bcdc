"""What the label beside a printed date says, in every language that has labels."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.pages.metadata import read_page_head
from tasks.domain.pages.near_headline import find_headline
from tasks.domain.pages.tree import parse_html
from tasks.domain.publication.choice import choose_modified, choose_published
from tasks.domain.publication.labels import label_of
from tasks.domain.publication.signals import collect_dated
from warehouse.records.article import Moment

NOW = datetime(2022, 6, 12, 18, 31, tzinfo=UTC)
TITLE = "Harbour council votes for a second ferry line"
TEXT = 2 * (
    "<p>The council met late and decided that the ferry should run all winter, against the wishes of two "
    "owners who had asked for a pause. A second vote may still change the price of a ticket.</p>"
)
PUBLISHED, CHANGED = "2022-05-03T08:00:00", "2022-05-04T09:30:00"


def printed_as(moment: Moment | None) -> str | None:
    return (moment.local or moment.on).isoformat() if moment else None


def dates(
    printed: str, *, head: str = "", above: str = "", text: str = TEXT
) -> tuple[str | None, str | None]:
    """Return the publication and the last change of a page, in ISO form."""
    root = parse_html(
        f"<head><title>{TITLE}</title>{head}</head><body>{above}<h1>{TITLE}</h1>{printed}{text}</body>"
    )
    assert root is not None
    page = read_page_head(root, "https://coast.example/news/harbour")
    candidates = collect_dated(page, DateContext(NOW), headline=find_headline(root, [TITLE]))
    published = choose_published(candidates).moment
    changed = choose_modified(candidates, published).moment
    return printed_as(published), printed_as(changed)


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param("更新时间：2022-05-04 09:30|2022-05-03 08:00", id="zh"),
        pytest.param("Обновена: 04.05.2022 09:30|Публикувана: 03.05.2022 08:00", id="bg"),
        pytest.param("Ажурирано: 04.05.2022. 09:30|03.05.2022. 08:00", id="sr"),
        pytest.param("Atnaujinta 2022-05-04 09:30|2022-05-03 08:00", id="lt"),
        pytest.param("Atjaunots 04.05.2022 09:30|03.05.2022 08:00", id="lv"),
        pytest.param("Uuendatud 04.05.2022 09:30|Avaldatud 03.05.2022 08:00", id="et"),
        pytest.param("به‌روزرسانی: 2022/05/04 09:30|2022/05/03 08:00", id="fa, with a joiner"),
        pytest.param("अपडेटेड: 4 मई 2022 09:30|प्रकाशित: 3 मई 2022 08:00", id="hi, with vowel signs"),
        pytest.param("আপডেট: ৪ মে ২০২২, ০৯:৩০|প্রকাশ: ৩ মে ২০২২, ০৮:০০", id="bn"),
        pytest.param("Actualitzat 4 de maig de 2022 a les 09:30h|3 de maig de 2022 a les 08:00h", id="ca"),
        pytest.param("อัปเดต 4 พ.ค. 2565 09:30|3 พ.ค. 2565 08:00", id="th"),
        pytest.param("Жаңартылды: 04.05.2022 09:30|03.05.2022 08:00", id="kk"),
        pytest.param("Yenilənib: 04.05.2022 09:30|03.05.2022 08:00", id="az"),
        pytest.param("Yangilangan: 04.05.2022 09:30|03.05.2022 08:00", id="uz"),
        pytest.param("Posodobljeno: 4. 5. 2022, 9:30|3. 5. 2022, 8:00", id="sl"),
        pytest.param("Përditësuar: 04.05.2022 09:30|03.05.2022 08:00", id="sq"),
        pytest.param("புதுப்பிக்கப்பட்டது: 04.05.2022 09:30|03.05.2022 08:00", id="ta"),
        pytest.param("განახლდა: 04.05.2022 09:30|03.05.2022 08:00", id="ka"),
        pytest.param("Թարմացվել է 04.05.2022 09:30|03.05.2022 08:00", id="hy"),
        pytest.param("Güncellenme Tarihi: 04.05.2022 09:30|03.05.2022 08:00", id="tr, the date of a change"),
        pytest.param("Eguneratze data: 2022/05/04 09:30|2022/05/03 08:00", id="eu, the date of a change"),
        pytest.param("Aangepast op 04-05-2022 09:30|03-05-2022 08:00", id="nl, another verb"),
        pytest.param("Ostatnia zmiana: 04.05.2022 09:30|03.05.2022 08:00", id="pl, the last change"),
        pytest.param("اپ ڈیٹ: 04.05.2022 09:30|03.05.2022 08:00", id="ur, two words"),
        pytest.param("عُدّل: 04.05.2022 09:30|03.05.2022 08:00", id="ar, with vowel marks"),
        pytest.param("ปรับปรุงเมื่อ 4 พ.ค. 2565 09:30|3 พ.ค. 2565 08:00", id="th, another verb"),
        pytest.param("4 May 2022 09:30 (updated)|3 May 2022 08:00", id="en, behind the date"),
        pytest.param("04.05.2022 09:30, zuletzt aktualisiert|03.05.2022 08:00", id="de, behind the date"),
        pytest.param("<time>Last updated: 4 May 2022 09:30</time>|3 May 2022 08:00", id="en, in the element"),
    ],
)
def test_label_of_change_in_every_language(printed):
    lines = "".join(f"<p>{line}</p>" for line in printed.split("|"))
    assert dates(lines) == (PUBLISHED, CHANGED)


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        pytest.param("", " | Originally published", "published", id="behind, after a bar"),
        pytest.param("", " lastupdate", "modified", id="behind, one word"),
        pytest.param("", " Online marketing for small shops", None, id="more words behind"),
        pytest.param("", ", updated 4 May", None, id="a number behind"),
        pytest.param("编辑：王小明 ", "", None, id="an editor is no change"),
        pytest.param("Date: ", "", "published", id="a date without more"),
        pytest.param("Publication date: ", "", "published", id="the date of a publication"),
        pytest.param("Tarih: ", "", "published", id="tr, a date without more"),
        pytest.param("Letzte Aktualisierung der Website: ", "", "other", id="de, a change of the site"),
        pytest.param("Offer valid until ", "", "other", id="end of an offer"),
        pytest.param("Seite generiert am ", "", "other", id="the making of the page"),
        pytest.param("Video verfügbar bis: ", "", "other", id="de, end of a video's time"),
        pytest.param("Ausstellung bis Sonntag, den ", "", "other", id="de, past a weekday"),
        pytest.param("Exposition jusqu'au ", "", "other", id="fr, end of an exhibition"),
        pytest.param("Inscripciones hasta el ", "", "other", id="es, end of a list"),
        pytest.param("Iscrizioni fino al ", "", "other", id="it, past an article"),
        pytest.param("Inscrições até ", "", "other", id="pt, end of a list"),
        pytest.param("Билеты до ", "", "other", id="ru, end of a sale"),
        pytest.param("Ανοιχτή έως ", "", "other", id="el, end of an exhibition"),
        pytest.param("ثبت نام تا ", "", "other", id="fa, end of a list"),
        pytest.param("Bis auf Weiteres geschlossen | ", "", None, id="de, in a headline before the date"),
        pytest.param("Open until late - Published ", "", "published", id="a label stands nearer"),
    ],
)
def test_label_of(before, after, label):
    assert label_of(before, after) == label


@pytest.mark.parametrize(
    ("printed", "published"),
    [
        pytest.param("<p>Updated 4 May 2022</p>", "2022-05-04", id="only a change is printed"),
        pytest.param(
            '<p>Last updated: <time datetime="2022-05-04">4 May</time></p>', "2022-05-04", id="time element"
        ),
        pytest.param("<p>This page was built on 2022-05-04 10:11.</p>", None, id="the making of the page"),
    ],
)
def test_page_that_prints_no_publication(printed, published):
    assert dates(printed)[0] == published


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param("Stand: 04.05.2022, 09:30 Uhr | Erstellt: 03.05.2022, 08:00 Uhr", id="beside it"),
        pytest.param("Stand: 04.05.2022, 09:30 Uhr</p><p>Veröffentlicht: 03.05.2022, 08:00", id="below it"),
        pytest.param("Stand: 03.05.2022, 08:00 Uhr", id="alone"),
    ],
)
def test_state_of_a_text_is_its_publication_unless_another_date_is(printed):
    assert dates(f"<p>{printed}</p>")[0] == PUBLISHED


@pytest.mark.parametrize(
    ("teaser", "published"),
    [
        pytest.param("", "2022-05-03", id="beside a printed date"),
        pytest.param(None, None, id="alone"),
    ],
)
def test_time_of_a_teaser_behind_the_text_is_never_the_publication(teaser, published):
    behind = (
        '<div><h3><a href="/b">Another story about the roof of the town hall</a></h3>'
        '<time datetime="2022-06-01T10:00">1 June</time></div>'
    )
    printed = "" if teaser is None else "<p>3 May 2022</p>"
    assert dates(printed, text=TEXT + behind)[0] == published


@pytest.mark.parametrize(
    ("clock", "local"),
    [
        pytest.param("08:15", "2022-05-04T08:15:00", id="later in the east"),
        pytest.param("Posted at 23:30", "2022-05-03T23:30:00", id="the day before in the west"),
        pytest.param("08:16", "2022-05-04T02:30:00", id="no offset has 5 h 46"),
        pytest.param("Kick-off 08:15", "2022-05-04T02:30:00", id="a clock of something else"),
    ],
)
def test_lone_clock_beside_an_instant_in_utc_gives_the_local_time(clock, local):
    meta = '<meta property="article:published_time" content="2022-05-04T02:30:00Z">'
    assert dates(f"<p>{clock}</p>", head=meta)[0] == local


def test_day_of_the_masthead_gives_way_to_the_day_below_the_headline():
    above = "<div>Sunday, 12 June 2022</div>"
    assert dates("<p>9 June 2022</p>", above=above)[0] == "2022-06-09"
