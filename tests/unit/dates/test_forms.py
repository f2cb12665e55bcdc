"""Forms of dates: zones in ISO forms and small letters, unknown zones, short years, local spellings."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.feed import feed_moment
from tasks.domain.dates.parse import find_moments, parse_moment

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def instant(raw: str, zone: str | None = "Asia/Tokyo") -> str | None:
    """The instant of a feed's date; the source's zone must not count where the text names one."""
    moment = feed_moment(raw, DateContext(NOW, zone=zone))
    return moment.at.strftime("%Y-%m-%dT%H:%M:%SZ") if moment and moment.at else None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("2021-02-03 08:30:00 EST", "2021-02-03T13:30:00Z", id="ISO with an American zone"),
        pytest.param(
            "2021-08-03T08:30:00.250 CEST", "2021-08-03T06:30:00Z", id="ISO, fraction, European zone"
        ),
        pytest.param(
            "2021/02/03 08:30 WIB", "2021-02-03T01:30:00Z", id="year first, slashes, Indonesian zone"
        ),
        pytest.param("2021-02-03 08:30:15 PM EST", "2021-02-04T01:30:15Z", id="year first, PM and zone"),
        pytest.param(
            "2021-02-03 08:30 [America/New_York]", "2021-02-03T13:30:00Z", id="IANA zone in brackets"
        ),
        pytest.param("Wed, 03 Feb 2021 08:30:00 est", "2021-02-03T13:30:00Z", id="zone in small letters"),
        pytest.param("Wed, 03 Feb 2021 08:30:00 Pdt", "2021-02-03T15:30:00Z", id="zone with one capital"),
        pytest.param("2021-02-03 08:30:00 VLAT", "2021-02-02T22:30:00Z", id="Russian zone"),
        pytest.param("Wt, 02 lut 2021 08:30:00 +0100", "2021-02-02T07:30:00Z", id="Polish short weekday"),
        pytest.param("Wed, 03 Feb 2021 08:30:00 z", "2021-02-03T08:30:00Z", id="z"),
        pytest.param("2021-02-03T083015+01:00", "2021-02-03T07:30:15Z", id="clock without colons, offset"),
        pytest.param("2021-02-03T0830Z", "2021-02-03T08:30:00Z", id="hours and minutes without colons"),
        pytest.param("21-02-03T08:30:00+00:00", "2021-02-03T08:30:00Z", id="ISO year of two digits"),
        pytest.param("99-12-31T23:00:00Z", "1999-12-31T23:00:00Z", id="ISO year of the last century"),
        pytest.param(
            "Wed, 03 02 2021 08:30:00 +0100", "2021-02-03T07:30:00Z", id="RFC 822 with a numeric month"
        ),
        pytest.param(
            "Τετ, 03 Ιούν 2020 08:30:00 +0300", "2020-06-03T05:30:00Z", id="Greek month with accent"
        ),
        pytest.param("Κυρ, 08 Νοέ 2020 08:30:00 GMT", "2020-11-08T08:30:00Z", id="Greek month, other accent"),
        pytest.param("2021-02-03T24:00:00Z", "2021-02-04T00:00:00Z", id="24:00 is the next day's midnight"),
    ],
)
def test_zone_of_the_text(raw, expected):
    assert instant(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("Wed, 03 Feb 2021 08:30:00 Q", id="letter without meaning"),
        pytest.param("Wed, 03 Feb 2021 08:30:00 N", id="military letter of RFC 822"),
        pytest.param("Wed, 03 Feb 2021 08:30:00 XYZT", id="unknown abbreviation"),
        pytest.param("2021-02-03 08:30:00 (XYZT)", id="unknown abbreviation in brackets"),
        pytest.param("Wed, 03 Feb 2021 08:30:00 00:00", id="offset without a sign"),
    ],
)
def test_unknown_zone_keeps_the_local_time(raw):
    moment = feed_moment(raw, DateContext(NOW, zone="Asia/Tokyo"))
    assert moment is not None
    assert (moment.at, moment.local) == (None, datetime(2021, 2, 3, 8, 30))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("2021-02-03T08:61:55Z", id="minute 61"),
        pytest.param("2021-02-03T08:99:00+01:00", id="minute 99"),
        pytest.param("2021-02-03T25:00:00Z", id="hour 25"),
        pytest.param("2021-02-03 99:00:00", id="hour 99"),
        pytest.param("2021-02-03T24:00:01Z", id="a second after 24:00"),
        pytest.param("Wed, 03 Feb 2021 08:61:00 GMT", id="RFC 822, minute 61"),
        pytest.param("2021-W05-3", id="ISO week: W3CDTF has none"),
    ],
)
def test_impossible_feed_date(raw):
    assert feed_moment(raw, DateContext(NOW)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2023 жылғы 9 қараша", "2023-11-09", id="Kazakh, year first"),
        pytest.param("2023 ж. 9 қараша, 14:05", "2023-11-09 14:05:00", id="Kazakh, abbreviated year"),
        pytest.param("2023-yil 9-noyabr, 14:05", "2023-11-09 14:05:00", id="Uzbek"),
        pytest.param("2023 թ. նոյեմբերի 9, 14:05", "2023-11-09 14:05:00", id="Armenian"),
        pytest.param("9 בנובמבר׳ 2023, 14:05", "2023-11-09 14:05:00", id="Hebrew with geresh"),
        pytest.param("9. čer 2023 14:05", "2023-06-09 14:05:00", id="Czech short June"),
        pytest.param("9 เม.ย. 2566 14:05 น.", "2023-04-09 14:05:00", id="Thai short April"),
        pytest.param("9 d'agost de 2023 a les 14:05h", "2023-08-09 14:05:00", id="Catalan with elision"),
        pytest.param("09/11/2023 a les 14:05h", "2023-11-09 14:05:00", id="Catalan clock"),
        pytest.param("9 సెప్టెంబర్ 2023", "2023-09-09", id="Telugu: a sign that is not a letter"),
        pytest.param("2023(e)ko azaroaren 9(a), osteguna (14:05)", "2023-11-09 14:05:00", id="Basque"),
        pytest.param("2023ko azaroaren 9a", "2023-11-09", id="Basque without brackets"),
        pytest.param("17 d’ag. 2023", "2023-08-17", id="Catalan elision before two letters"),
        pytest.param("9 ژانویهٔ 2023، ساعت 14:05", "2023-01-09 14:05:00", id="Persian month with hamza"),
        pytest.param("9 फ़र॰ 2023, 14:05", "2023-02-09 14:05:00", id="Hindi abbreviation sign"),
        pytest.param("9 Meán Fómhair 2023 14:05", "2023-09-09 14:05:00", id="Irish month of two words"),
        pytest.param("9 KASIM 2023 14:05", "2023-11-09 14:05:00", id="Turkish in capitals"),
        pytest.param("2023-ж., 9-ноябрь 14:05", "2023-11-09 14:05:00", id="Kyrgyz"),
        pytest.param("9-ноябрь, 2023-жыл, 14:05", "2023-11-09 14:05:00", id="Kyrgyz, day first"),
        pytest.param("9 ноябри соли 2023, 14:05", "2023-11-09 14:05:00", id="Tajik, with the ending of 'of'"),
        pytest.param("9 гыйнвар 2023, 14:05", "2023-01-09 14:05:00", id="Tatar"),
        pytest.param("9. november 2023 kell 14:05", "2023-11-09 14:05:00", id="Estonian clock"),
        pytest.param("9 stycznia 2023, godz. 14:05", "2023-01-09 14:05:00", id="Polish clock"),
        pytest.param("2023 оны 11-р сарын 9 14:05", "2023-11-09 14:05:00", id="Mongolian"),
        pytest.param("ನವೆಂಬರ್ 9, 2023 14:05", "2023-11-09 14:05:00", id="Kannada"),
        pytest.param("9 ਨਵੰਬਰ 2023, 14:05", "2023-11-09 14:05:00", id="Punjabi"),
        pytest.param("2023 නොවැම්බර් 9, 14:05", "2023-11-09 14:05:00", id="Sinhala"),
        pytest.param("៩ វិច្ឆិកា ២០២៣ 14:05", "2023-11-09 14:05:00", id="Khmer digits"),
        pytest.param("၂၀၂၃ နိုဝင်ဘာ ၉ 14:05", "2023-11-09 14:05:00", id="Burmese digits"),
        pytest.param("9 ພະຈິກ 2023 14:05", "2023-11-09 14:05:00", id="Lao"),
        pytest.param("9 ኖቬምበር 2023 14:05", "2023-11-09 14:05:00", id="Amharic"),
        pytest.param("09 11 2023 14:05", "2023-11-09 14:05:00", id="spaces only"),
        pytest.param("09 | 11 | 2023", "2023-11-09", id="bars"),
        pytest.param(
            "10 November 2023, 4:05 pm est", "2023-11-10 16:05:00", id="zone in small letters in a line"
        ),
    ],
)
def test_local_forms(text, expected):
    (date,) = find_moments(text, DateContext(NOW), origin="test")
    assert str(date.moment.local or date.moment.on) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("5 10 2023 tickets sold", id="numbers with spaces, no clock"),
        pytest.param("16:58 est arrivé", id="a French word"),
    ],
)
def test_no_date(text):
    assert parse_moment(text, DateContext(NOW), origin="test") is None
