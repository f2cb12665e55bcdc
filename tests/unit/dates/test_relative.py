"""Times counted back from the fetch: "2 hours ago", "вчера в 16:58"."""

from datetime import UTC, date, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import parse_moment
from warehouse.records.article import Moment

NOW = datetime(2022, 1, 12, 17, 0, tzinfo=UTC)


def moment(raw: str, *, zone: str | None = None, now: datetime = NOW) -> Moment | None:
    return parse_moment(raw, DateContext(now, zone=zone), origin="test")


def local(raw: str) -> str | None:
    found = moment(raw)
    return None if found is None else (found.local or found.on).isoformat()


def instant(raw: str) -> str | None:
    found = moment(raw)
    return found.at.strftime("%Y-%m-%dT%H:%M:%SZ") if found is not None and found.at is not None else None


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        pytest.param("2 hours ago", "2022-01-12T15:00:00Z", id="English"),
        pytest.param("an hour ago", "2022-01-12T16:00:00Z", id="English, one"),
        pytest.param("15 mins ago", "2022-01-12T16:45:00Z", id="English, minutes"),
        pytest.param("just now", "2022-01-12T17:00:00Z", id="now"),
        pytest.param("vor 3 Stunden", "2022-01-12T14:00:00Z", id="German"),
        pytest.param("il y a 1 heure", "2022-01-12T16:00:00Z", id="French"),
        pytest.param("hace 2 horas", "2022-01-12T15:00:00Z", id="Spanish"),
        pytest.param("há 2 horas", "2022-01-12T15:00:00Z", id="Portuguese"),
        pytest.param("2 ore fa", "2022-01-12T15:00:00Z", id="Italian"),
        pytest.param("2 uur geleden", "2022-01-12T15:00:00Z", id="Dutch"),
        pytest.param("2 часа назад", "2022-01-12T15:00:00Z", id="Russian"),
        pytest.param("2 години тому", "2022-01-12T15:00:00Z", id="Ukrainian"),
        pytest.param("2 godziny temu", "2022-01-12T15:00:00Z", id="Polish"),
        pytest.param("před 2 hodinami", "2022-01-12T15:00:00Z", id="Czech"),
        pytest.param("2 timmar sedan", "2022-01-12T15:00:00Z", id="Swedish"),
        pytest.param("2 saat önce", "2022-01-12T15:00:00Z", id="Turkish"),
        pytest.param("πριν από 2 ώρες", "2022-01-12T15:00:00Z", id="Greek"),
        pytest.param("منذ ساعتين", "2022-01-12T15:00:00Z", id="Arabic dual"),
        pytest.param("2 ساعت پیش", "2022-01-12T15:00:00Z", id="Persian"),
        pytest.param("לפני 2 שעות", "2022-01-12T15:00:00Z", id="Hebrew"),
        pytest.param("2 घंटे पहले", "2022-01-12T15:00:00Z", id="Hindi"),
        pytest.param("2 jam yang lalu", "2022-01-12T15:00:00Z", id="Indonesian"),
        pytest.param("2 giờ trước", "2022-01-12T15:00:00Z", id="Vietnamese"),
        pytest.param("2 ชั่วโมง ที่แล้ว", "2022-01-12T15:00:00Z", id="Thai"),
        pytest.param("2時間前", "2022-01-12T15:00:00Z", id="Japanese"),
        pytest.param("2小时前", "2022-01-12T15:00:00Z", id="Chinese"),
        pytest.param("2시간 전", "2022-01-12T15:00:00Z", id="Korean"),
    ],
)
def test_hours_and_minutes_count_from_the_fetch(raw, at):
    assert instant(raw) == at


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("3 days ago", "2022-01-09", id="days give a day"),
        pytest.param("vor 2 Tagen", "2022-01-10", id="German days"),
        pytest.param("вчера в 16:58", "2022-01-11T16:58:00", id="Russian yesterday with clock"),
        pytest.param("Heute, 16:58 Uhr", "2022-01-12T16:58:00", id="German today with clock"),
        pytest.param("aujourd'hui à 16h58", "2022-01-12T16:58:00", id="French today with clock"),
        pytest.param("Yesterday 4:58 pm", "2022-01-11T16:58:00", id="English yesterday"),
        pytest.param("i går kl. 16.58", "2022-01-11T16:58:00", id="Norwegian, two words"),
        pytest.param("今日", "2022-01-12", id="Japanese today"),
        pytest.param("昨天 16:58", "2022-01-11T16:58:00", id="Chinese yesterday"),
        pytest.param("어제 오후 4:58", "2022-01-11T16:58:00", id="Korean yesterday"),
        pytest.param("2 weeks ago", None, id="weeks give no day"),
        pytest.param("2 months ago", None, id="months give no day"),
        pytest.param("5 minutes", None, id="a length of time"),
        pytest.param("today in Berlin", None, id="a sentence"),
    ],
)
def test_days_count_from_the_fetch(raw, expected):
    assert local(raw) == expected


def test_yesterday_is_that_of_the_source():
    late = datetime(2022, 1, 12, 22, 0, tzinfo=UTC)  # already the 13th in Moscow
    found = moment("вчера в 16:58", zone="Europe/Moscow", now=late)
    assert found is not None
    assert found.on == date(2022, 1, 12)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("för 4 timmar sedan", "2022-01-12T13:00:00", id="Swedish"),
        pytest.param("for 20 minutter siden", "2022-01-12T16:40:00", id="Norwegian"),
        pytest.param("4 ชั่วโมงที่แล้ว", "2022-01-12T13:00:00", id="Thai hours"),
        pytest.param("20 นาทีที่ผ่านมา", "2022-01-12T16:40:00", id="Thai minutes"),
        pytest.param("prieš 4 valandas", "2022-01-12T13:00:00", id="Lithuanian"),
        pytest.param("pirms 4 stundām", "2022-01-12T13:00:00", id="Latvian"),
        pytest.param("fa 4 hores", "2022-01-12T13:00:00", id="Catalan"),
        pytest.param("пре 4 сата", "2022-01-12T13:00:00", id="Serbian"),
        pytest.param("pred 20 minútami", "2022-01-12T16:40:00", id="Slovak"),
        pytest.param("fyrir 4 klukkustundum", "2022-01-12T13:00:00", id="Icelandic"),
        pytest.param("пред 4 часа", "2022-01-12T13:00:00", id="Macedonian"),
        pytest.param("4 orë më parë", "2022-01-12T13:00:00", id="Albanian"),
        pytest.param("4 گھنٹے پہلے", "2022-01-12T13:00:00", id="Urdu"),
        pytest.param("4 oras ang nakalipas", "2022-01-12T13:00:00", id="Filipino"),
        pytest.param("20m ago", "2022-01-12T16:40:00", id="unit of one letter"),
        pytest.param("Published 20m ago", "2022-01-12T16:40:00", id="after a label"),
        pytest.param("2 hours 10 mins ago", "2022-01-12T14:50:00", id="two units"),
        pytest.param("40 seconds ago", "2022-01-12T17:00:00", id="seconds"),
        pytest.param("2d ago", "2022-01-10", id="days of one letter"),
        pytest.param("3 h lalu", "2022-01-09", id="Indonesian: h is a day"),
        pytest.param("3 jam lalu", "2022-01-12T14:00:00", id="Indonesian hours"),
        pytest.param("avant-hier", "2022-01-10", id="French, two days"),
        pytest.param("anteontem", "2022-01-10", id="Portuguese, two days"),
        pytest.param("i förrgår", "2022-01-10", id="Swedish, two days"),
        pytest.param("kemarin", "2022-01-11", id="Indonesian yesterday"),
        pytest.param("4 วันที่แล้ว", "2022-01-08", id="Thai days"),
        pytest.param("for 4 timar sidan", "2022-01-12T13:00:00", id="Nynorsk"),
        pytest.param("pre 4 č.", "2022-01-12T13:00:00", id="Serbian in Latin letters, abbreviated"),
        pytest.param("4 saat öncə", "2022-01-12T13:00:00", id="Azerbaijani"),
        pytest.param("قبل ساعة واحدة", "2022-01-12T16:00:00", id="Arabic: one stands behind the unit"),
        pytest.param("לפני שתי דקות", "2022-01-12T16:58:00", id="Hebrew: two as a word"),
        pytest.param("לפני 20 דק׳", "2022-01-12T16:40:00", id="Hebrew abbreviation with a geresh"),
        pytest.param("two hours ago", "2022-01-12T15:00:00", id="English: two as a word"),
        pytest.param("৪ ঘন্টা আগে", "2022-01-12T13:00:00", id="Bengali, the other spelling of hours"),
        pytest.param("4 ಗಂಟೆಗಳ ಹಿಂದೆ", "2022-01-12T13:00:00", id="Kannada"),
        pytest.param("4 ਘੰਟੇ ਪਹਿਲਾਂ", "2022-01-12T13:00:00", id="Punjabi"),
        pytest.param("පැය 4කට පෙර", "2022-01-12T13:00:00", id="Sinhala: number with an ending"),
        pytest.param("4 ម៉ោងមុន", "2022-01-12T13:00:00", id="Khmer"),
        pytest.param("ပြီးခဲ့သည့် 4 နာရီ", "2022-01-12T13:00:00", id="Burmese"),
        pytest.param("4 саат мурун", "2022-01-12T13:00:00", id="Kyrgyz"),
        pytest.param("4 цагийн өмнө", "2022-01-12T13:00:00", id="Mongolian"),
        pytest.param("-20 min", "2022-01-12T16:40:00", id="short form with a minus"),
        pytest.param("−20 min", "2022-01-12T16:40:00", id="short form with a minus sign"),
        pytest.param("20 min", None, id="the time that reading takes"),
        pytest.param("3h", None, id="a length without ago"),
        pytest.param("4 h 20 min read", None, id="reading time of two units"),
    ],
)
def test_forms_of_the_languages(raw, expected):
    assert local(raw) == expected
