"""Printed and machine-readable dates: the parsed value, its zone, and refusals."""

from datetime import UTC, date, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import DateReading, at_midnight, parse_moment, read_moment
from warehouse.records.article import Moment, Precision

NOW = datetime(2022, 1, 12, 17, 0, tzinfo=UTC)


def moment(
    raw: str,
    *,
    zone: str | None = None,
    order: str | None = None,
    language: str | None = None,
    now: datetime = NOW,
) -> Moment | None:
    return parse_moment(raw, DateContext(now, zone=zone, date_order=order, language=language), origin="test")


def reading(raw: str, *, order: str | None = None, language: str | None = None) -> DateReading:
    return read_moment(raw, DateContext(NOW, date_order=order, language=language), origin="test")


def local(raw: str, **settings: str | None) -> str | None:
    """Return the local time (or the day) of a text as ISO 8601, for short tables."""
    found = moment(raw, **settings)  # type: ignore[arg-type]
    return None if found is None else (found.local or found.on).isoformat()


def instant(raw: str, zone: str | None = None) -> str | None:
    found = moment(raw, zone=zone)
    return found.at.strftime("%Y-%m-%dT%H:%M:%SZ") if found is not None and found.at is not None else None


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        pytest.param("2022-01-10T16:58:00+03:00", "2022-01-10T13:58:00Z", id="ISO 8601 with offset"),
        pytest.param("2022-01-10T16:58:00Z", "2022-01-10T16:58:00Z", id="ISO 8601 in UTC"),
        pytest.param("2022-01-10T16:58+03", "2022-01-10T13:58:00Z", id="offset of hours only"),
        pytest.param(
            "2022-01-10T16:58:00.123+0300", "2022-01-10T13:58:00Z", id="fraction and offset without colon"
        ),
        pytest.param("2022-01-10 16:58:00 UTC", "2022-01-10T16:58:00Z", id="space and UTC"),
        pytest.param("2022-01-10 16:58:00 +0300 MSK", "2022-01-10T13:58:00Z", id="offset and its name"),
        pytest.param("2022-01-10 13:58:00.5 +0000 UTC m=+0.0000", "2022-01-10T13:58:00Z", id="Go's form"),
        pytest.param("2022-01-10T16:58:00+03:00[Europe/Moscow]", "2022-01-10T13:58:00Z", id="Java's form"),
        pytest.param("20200413T163807Z", "2020-04-13T16:38:07Z", id="ISO 8601 basic"),
        pytest.param("2020-12-05T23:15:0Z", "2020-12-05T23:15:00Z", id="second of one digit"),
        pytest.param("1641826680", "2022-01-10T14:58:00Z", id="epoch seconds"),
        pytest.param("1641826680000", "2022-01-10T14:58:00Z", id="epoch milliseconds"),
        pytest.param("/Date(1641826680000+0300)/", "2022-01-10T14:58:00Z", id="epoch as .NET writes it"),
        pytest.param("Mon, 10 Jan 2022 16:58:00 +0300", "2022-01-10T13:58:00Z", id="RFC 822"),
        pytest.param("Monday, 10-Jan-22 16:58:00 GMT", "2022-01-10T16:58:00Z", id="RFC 850"),
        pytest.param("Mon Jan 10 16:58:00 +0000 2022", "2022-01-10T16:58:00Z", id="asctime with offset"),
        pytest.param("Mon Jan 10 16:58:00 MSK 2022", "2022-01-10T13:58:00Z", id="date(1)"),
        pytest.param(
            "Mon Jan 10 2022 16:58:00 GMT+0300 (MSK)", "2022-01-10T13:58:00Z", id="JavaScript, short name"
        ),
        pytest.param(
            "Mon Jan 10 2022 16:58:00 GMT+0300 (Moscow Standard Time)",
            "2022-01-10T13:58:00Z",
            id="JavaScript",
        ),
    ],
)
def test_machine_form_gives_the_instant(raw, at):
    assert instant(raw) == at


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("2020-08-25|00h23", "2020-08-25T00:23:00", id="bar and h"),
        pytest.param("2022-01-10T16:58", "2022-01-10T16:58:00", id="no zone"),
        pytest.param("2022/01/10 16:58", "2022-01-10T16:58:00", id="slashes, year first"),
        pytest.param("20220110", "2022-01-10", id="compact day"),
        pytest.param("2022-W02-1", "2022-01-10", id="ISO week day"),
        pytest.param("2022-13-01", "2022-01-13", id="year, day, month when nothing else is possible"),
        pytest.param("Mon Jan 10 16:58:00 2022", "2022-01-10T16:58:00", id="asctime"),
    ],
)
def test_machine_form_without_zone_keeps_the_local_time(raw, expected):
    assert local(raw) == expected
    assert instant(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("10.01.2022, 16:58", id="dots and comma"),
        pytest.param("10/01/2022 16:58", id="slashes"),
        pytest.param("10-01-2022 16:58", id="hyphens"),
        pytest.param("10. 1. 2022 16:58", id="dots and spaces"),
        pytest.param("10/01-2022 kl. 16.58", id="slash and hyphen, Danish"),
        pytest.param("10.01.22 16:58", id="year of two digits"),
        pytest.param("16:58, 10.01.2022", id="clock first"),
        pytest.param("16:58 / 10.01.2022", id="clock first, slash"),
        pytest.param("Jan. 10, 2022 4:58 p.m.", id="English, dotted half-day"),
        pytest.param("January 10th, 2022 at 4:58pm", id="English, ordinal"),
        pytest.param("10 January 2022 | 16:58", id="English, bar"),
        pytest.param("Published: Monday 10 January 2022 16:58", id="English, label and weekday"),
        pytest.param("Montag, 10. Januar 2022, 16.58 Uhr", id="German"),
        pytest.param("10. Jänner 2022, 16:58 Uhr", id="German of Austria"),
        pytest.param("Publié le 10 janvier 2022 à 16h58", id="French"),
        pytest.param("lundi 10 janv. 2022 - 16 h 58", id="French, abbreviated"),
        pytest.param("Lunes, 10 de enero de 2022 - 16:58h.", id="Spanish"),
        pytest.param("10 ene 2022 a las 4:58 p. m.", id="Spanish, half-day with a space"),
        pytest.param("10 gennaio 2022 ore 16.58", id="Italian"),
        pytest.param("10 de jan. de 2022 às 16h58", id="Portuguese"),
        pytest.param("10 januari 2022 om 16:58 uur", id="Dutch"),
        pytest.param("10 января 2022 г. в 16:58", id="Russian genitive"),
        pytest.param("10 янв 2022, 16:58", id="Russian, abbreviated"),
        pytest.param("10 січня 2022, 16:58", id="Ukrainian"),
        pytest.param("10 stycznia 2022 16:58", id="Polish"),
        pytest.param("10. ledna 2022 v 16:58", id="Czech"),
        pytest.param("10. januára 2022 o 16:58", id="Slovak"),
        pytest.param("10. siječnja 2022. u 16:58", id="Croatian"),
        pytest.param("10. јануар 2022. 16:58", id="Serbian"),
        pytest.param("10 януари 2022, 16:58 ч.", id="Bulgarian"),
        pytest.param("10 januari 2022 kl. 16.58", id="Swedish"),
        pytest.param("10. januar 2022 klokken 16.58", id="Norwegian"),
        pytest.param("10.1.2022 klo 16.58", id="Finnish, digits"),
        pytest.param("10. tammikuuta 2022 klo 16.58", id="Finnish"),
        pytest.param("2022. január 10., hétfő 16:58", id="Hungarian"),
        pytest.param("10 ianuarie 2022, 16:58", id="Romanian"),
        pytest.param("10 Ocak 2022 Pazartesi 16:58", id="Turkish"),
        pytest.param("10 Ιανουαρίου 2022, 16:58", id="Greek"),
        pytest.param("2022 m. sausio 10 d. 16:58", id="Lithuanian"),
        pytest.param("2022. gada 10. janvāris 16:58", id="Latvian"),
        pytest.param("10 يناير 2022 - 04:58 م", id="Arabic with half-day"),
        pytest.param("١٠ يناير ٢٠٢٢ ١٦:٥٨", id="Arabic-Indic digits"),
        pytest.param("10 كانون الثاني 2022 16:58", id="Levantine month of two words"),
        pytest.param("10 בינואר 2022, 16:58", id="Hebrew"),
        pytest.param("10 जनवरी 2022, 04:58 PM", id="Hindi"),
        pytest.param("১০ জানুয়ারি ২০২২, ১৬:৫৮", id="Bengali digits"),
        pytest.param("10 جنوری 2022 16:58", id="Urdu"),
        pytest.param("10 Januari 2022, 16.58", id="Indonesian"),
        pytest.param("Thứ hai, 10/1/2022, 16:58", id="Vietnamese, digits"),
        pytest.param("16:58, ngày 10 tháng 1 năm 2022", id="Vietnamese"),
        pytest.param("10 มกราคม 2565 16:58 น.", id="Thai Buddhist year"),
        pytest.param("10 ม.ค. 65 - 16:58 น.", id="Thai, all abbreviated"),
        pytest.param("2022年1月10日 16時58分", id="Japanese"),
        pytest.param("2022年1月10日(月) 午後4時58分", id="Japanese, weekday and half-day"),
        pytest.param("令和4年1月10日 16:58", id="Japanese era"),
        pytest.param("2022-01-10 下午4:58", id="Chinese half-day"),
        pytest.param("２０２２年１月１０日　１６：５８", id="full-width digits"),
        pytest.param("二〇二二年一月十日 16:58", id="Chinese numerals"),
        pytest.param("2022년 1월 10일 오후 4:58", id="Korean"),
        pytest.param("입력 2022.01.10. 오후 4:58", id="Korean, dots and label"),
        pytest.param("۲۰ دی ۱۴۰۰ - ۱۶:۵۸", id="Solar Hijri date"),
        pytest.param("1400/10/20 16:58", id="Solar Hijri date in digits"),
        pytest.param("10 Jan 2022 1658 hrs", id="four-digit clock"),
    ],
)
def test_printed_form(raw):
    assert local(raw) == "2022-01-10T16:58:00"


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        pytest.param("Jan. 10, 2022 4:58 p.m. ET", "2022-01-10T21:58:00Z", id="Eastern time in winter"),
        pytest.param("July 10, 2021 4:58 p.m. ET", "2021-07-10T20:58:00Z", id="Eastern time in summer"),
        pytest.param("10.01.2022 16:58 (GMT+3)", "2022-01-10T13:58:00Z", id="GMT with offset"),
        pytest.param("10/1/2022, 16:58 (GMT+7)", "2022-01-10T09:58:00Z", id="Vietnamese sites' form"),
        pytest.param(
            "10 января 2022 16:58 по московскому времени", "2022-01-10T13:58:00Z", id="Moscow in words"
        ),
        pytest.param("16:58 МСК, 10.01.2022", "2022-01-10T13:58:00Z", id="zone between clock and day"),
        pytest.param("10.07.2021 16:58 MESZ", "2021-07-10T14:58:00Z", id="German summer time"),
        pytest.param("10 January 2022 16:58 JST", "2022-01-10T07:58:00Z", id="Japan"),
        pytest.param("10 Januari 2022, 16:58 WIB", "2022-01-10T09:58:00Z", id="western Indonesia"),
        pytest.param("10 Jan 2022 16:58 Europe/Paris", "2022-01-10T15:58:00Z", id="IANA name"),
        pytest.param("10 January 2022 16:58 IST", None, id="IST is three zones"),
        pytest.param("10 January 2022 16:58 CST", None, id="CST is two zones"),
        pytest.param("10 January 2022 16:58", None, id="no zone, no instant"),
    ],
)
def test_zone_in_the_text(raw, at):
    assert instant(raw) == at


def test_ambiguous_abbreviation_is_settled_by_a_source_that_agrees():
    found = moment("10 January 2022 16:58 IST", zone="Asia/Kolkata")
    assert found is not None
    assert (found.at, found.zone_from) == (datetime(2022, 1, 10, 11, 28, tzinfo=UTC), "source")
    assert instant("10 January 2022 16:58 IST", zone="Europe/Moscow") is None


def test_zone_of_the_source_is_used_and_said():
    found = moment("10.01.2022, 16:58", zone="Europe/Moscow")
    assert found == Moment(
        at=datetime(2022, 1, 10, 13, 58, tzinfo=UTC),
        on=date(2022, 1, 10),
        local=datetime(2022, 1, 10, 16, 58),
        utc_offset_minutes=180,
        precision=Precision.MINUTE,
        origin="test",
        zone_from="source",
        raw="10.01.2022, 16:58",
    )


def test_zone_of_the_text_goes_before_the_zone_of_the_source():
    found = moment("2022-01-10T16:58:00+01:00", zone="Europe/Moscow")
    assert found is not None
    assert (found.utc_offset_minutes, found.zone_from) == (60, "page")


def test_no_zone_is_never_invented():
    found = moment("10.01.2022, 16:58")
    assert found is not None
    assert (found.at, found.utc_offset_minutes, found.zone_from) == (None, None, None)
    assert (found.on, found.local) == (date(2022, 1, 10), datetime(2022, 1, 10, 16, 58))


@pytest.mark.parametrize(
    ("raw", "at", "is_ambiguous"),
    [
        pytest.param(
            "31.10.2021 02:30", datetime(2021, 10, 31, 0, 30, tzinfo=UTC), True, id="hour that comes twice"
        ),
        pytest.param(
            "28.03.2021 02:30", datetime(2021, 3, 28, 0, 30, tzinfo=UTC), True, id="hour that is left out"
        ),
        pytest.param(
            "28.03.2021 03:30", datetime(2021, 3, 28, 1, 30, tzinfo=UTC), False, id="hour after the change"
        ),
    ],
)
def test_clock_change_takes_the_earlier_reading(raw, at, is_ambiguous):
    found = moment(raw, zone="Europe/Berlin")
    assert found is not None
    assert (found.at, found.is_ambiguous) == (at, is_ambiguous)


@pytest.mark.parametrize(
    ("raw", "order", "language", "day"),
    [
        pytest.param("02/01/2022", None, None, "2022-01-02", id="day first when nothing is known"),
        pytest.param("02/01/2022", None, "en", "2022-01-02", id="English alone does not say month first"),
        pytest.param("01/02/2022", None, "en-US", "2022-01-02", id="American locale"),
        pytest.param("01/02/2022", "mdy", "de", "2022-01-02", id="source says month first"),
        pytest.param("02/01/2022", "dmy", "en-US", "2022-01-02", id="source says day first"),
        pytest.param("02.01.2022", None, "en-US", "2022-01-02", id="dots are day first in any locale"),
        pytest.param("01/11/2022", "mdy", None, "2022-01-11", id="month first, digits allow both"),
        pytest.param("12/25/2021", None, None, "2021-12-25", id="no other order is possible"),
        pytest.param("03/12/2021", None, None, "2021-12-03", id="day first in the past"),
    ],
)
def test_order_of_day_and_month(raw, order, language, day):
    assert local(raw, order=order, language=language) == day


def test_day_and_month_are_swapped_when_the_day_is_in_the_future():
    found = reading("01/12/2022 10:00")  # 1 December would be eleven months ahead
    assert found.moment is not None
    assert found.moment.on == date(2022, 1, 12)
    assert found.note == "Day and month were swapped: 2022-12-01 is later than the fetch on 2022-01-12."


def test_both_orders_are_handed_on_when_the_digits_allow_both():
    found = reading("03/12/2021")
    assert found.moment is not None and found.other is not None
    assert (found.moment.on, found.other.on) == (date(2021, 12, 3), date(2021, 3, 12))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param("31.02.2022", "The calendar has no such day.", id="31 February"),
        pytest.param("00.00.0000", "The calendar has no such day.", id="zeros"),
        pytest.param("2023-05-05", "2023-05-05 is later than the fetch on 2022-01-12.", id="future"),
        pytest.param("1970-01-01T00:00:00Z", "The year 1970 is before 1995.", id="epoch zero as a date"),
        pytest.param("0001-01-01T00:00:00", "The year 1 is before 1995.", id=".NET's empty date"),
        pytest.param("", "The text is empty.", id="empty"),
        pytest.param("5 min read", "No date in the text.", id="reading time"),
        pytest.param("10 January", "No date in the text.", id="no year"),
        pytest.param("January 2022", "No date in the text.", id="no day"),
        pytest.param("10.01.2022 - 12.01.2022", "The text holds more than one date.", id="range"),
        pytest.param("Concert on 10.01.2022 in Berlin", "The text holds more than a date.", id="sentence"),
        pytest.param("v10.01.2022", "No date in the text.", id="version"),
        pytest.param("x" * 201, "The text is too long for a date.", id="too long"),
    ],
)
def test_refusal_says_why(raw, reason):
    assert reading(raw).refused == reason
    assert moment(raw) is None


def test_tomorrow_is_accepted_because_zones_differ():
    assert local("2022-01-13") == "2022-01-13"
    assert local("2022-01-14") is None


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("2022-01-10T00:00:00+03:00", id="ISO with offset"),
        pytest.param("2022-01-10 00:00:00", id="ISO without zone"),
        pytest.param("Mon, 10 Jan 2022 00:00:00 +0300", id="RFC 822"),
    ],
)
def test_machine_midnight_is_a_day(raw):
    found = moment(raw)
    assert found is not None
    assert (found.on, found.local, found.at, found.precision) == (
        date(2022, 1, 10),
        None,
        None,
        Precision.DAY,
    )


def test_midnight_can_be_taken_at_its_word():
    found = moment("2022-01-10T00:00:00+03:00")
    assert found is not None
    assert at_midnight(found).at == datetime(2022, 1, 9, 21, 0, tzinfo=UTC)
    assert at_midnight(found).precision is Precision.MINUTE


def test_hour_24_is_the_end_of_the_day():
    assert local("10.01.2022 24:00") == "2022-01-11T00:00:00"
    assert local("2022-01-10T24:00:00Z") == "2022-01-11"


@pytest.mark.parametrize(
    ("raw", "language", "day"),
    [
        pytest.param("10 listopada 2021", "pl", "2021-11-10", id="November in Polish"),
        pytest.param("10. listopada 2021.", "hr", "2021-10-10", id="October in Croatian"),
        pytest.param("10. listopada 2021.", None, None, id="unknown language has no effect"),
        pytest.param("mar. 11 ene 2022", "es", "2022-01-11", id="mar. is Tuesday here"),
        pytest.param("10 mar 2021", "es", "2021-03-10", id="mar is March here"),
    ],
)
def test_names_with_several_meanings(raw, language, day):
    assert local(raw, language=language) == day
