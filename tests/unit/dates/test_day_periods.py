"""12-hour clocks beside a word of the day, in the languages of the news: "9:15 da noite"."""

from datetime import UTC, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import find_moments

CONTEXT = DateContext(datetime(2025, 1, 1, tzinfo=UTC))


def clock(text: str) -> str | None:
    (date,) = find_moments(text, CONTEXT, origin="test")
    return date.moment.local.strftime("%H:%M") if date.moment.local else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("7 tháng 2, 2024 4:05 chiều", "16:05", id="Vietnamese afternoon"),
        pytest.param("07/02/2024 10:30 tối", "22:30", id="an hour after the evening ends is still evening"),
        pytest.param("07/02/2024 6:20 sáng", "06:20", id="Vietnamese morning"),
        pytest.param("7 februari 2024, 4:05 em", "16:05", id="Swedish em without full stops"),
        pytest.param("7 februari 2024, 8:05 fm", "08:05", id="Swedish fm"),
        pytest.param("7 de fevereiro de 2024, 10:30 da noite", "22:30", id="Portuguese night"),
        pytest.param("7 de fevereiro de 2024, 8:30 da manhã", "08:30", id="Portuguese morning"),
        pytest.param(
            "7 de febrero de 2024, 8:15 de la tarde", "20:15", id="Spanish: just after the afternoon"
        ),
        pytest.param(
            "7 de febrero de 2024, 1:15 de la mañana", "01:15", id="Spanish: small hours are morning"
        ),
        pytest.param("7 февраля 2024, 8:30 вечера", "20:30", id="Russian evening"),
        pytest.param("7 февраля 2024, 2:30 ночи", "02:30", id="Russian night, after midnight"),
        pytest.param("7 Februari 2024, 10.05 malam", "22:05", id="Indonesian night, clock with a full stop"),
        pytest.param("7 फ़रवरी 2024, 8:20 रात", "20:20", id="Hindi night"),
        pytest.param("7 फ़रवरी 2024, 11:40 दोपहर", "11:40", id="Hindi: shortly before noon"),
        pytest.param("7 בפברואר 2024 8:20 בערב", "20:20", id="Hebrew evening"),
        pytest.param("7 Φεβρουαρίου 2024, 8:20 το βράδυ", "20:20", id="Greek evening"),
        pytest.param("February 7, 2024 at 8:20 in the evening", "20:20", id="English evening"),
        pytest.param("February 7, 2024, 11:10 at night", "23:10", id="English night"),
        pytest.param("7 février 2024, 8 h 20 du soir", "20:20", id="French evening"),
        pytest.param("7 Şubat 2024 ÖS 4:05", "16:05", id="Turkish, before the clock"),
        pytest.param("৭ ফেব্রুয়ারি ২০২৪, রাত ৮:২০", "20:20", id="Bengali, before the clock"),
        pytest.param("7 फ़रवरी 2024, शाम 5:45", "17:45", id="Hindi, before the clock"),
        pytest.param("7 de febrero de 2024, de la tarde 4:05", "16:05", id="small words before the word"),
        pytest.param("7. februar 2024, om aftenen 8:20", "20:20", id="Danish, before the clock"),
        pytest.param("7. februar 2024., 4:05 po podne", "16:05", id="Serbian in Latin letters"),
        pytest.param("7 лютого 2024 р., пп 4:05", "16:05", id="Ukrainian abbreviation before the clock"),
        pytest.param("7 February 2024, pm 4:05", "16:05", id="pm in small letters before the clock"),
        pytest.param("7 فوریهٔ 2024، شب 8:20", "20:20", id="Persian: a word of two letters"),
        pytest.param("7 ਫ਼ਰਵਰੀ 2024, 4:05 ਬਾ.ਦੁ.", "16:05", id="Punjabi"),
        pytest.param("ಫೆಬ್ರವರಿ 7, 2024, 8:20 ಸಂಜೆ", "20:20", id="Kannada"),
        pytest.param("7 ກຸມພາ 2024, 4:05 ຫຼັງທ່ຽງ", "16:05", id="Lao"),
        pytest.param("2024年2月7日 夜8時20分", "20:20", id="Japanese, before the clock"),
        pytest.param("2024年2月7日 深夜0時20分", "00:20", id="Japanese hour 0"),
        pytest.param("2024年2月7日 晚上8:20", "20:20", id="Chinese, before the clock"),
        pytest.param("2024. február 7. este 8:20", "20:20", id="Hungarian, before the clock"),
        pytest.param("2024.02.07 PM 4:05", "16:05", id="PM in capitals before the clock"),
        pytest.param("8:20 da noite, 7 de fevereiro de 2024", "20:20", id="clock and word before the date"),
        pytest.param("রাত ৮:২০, ৭ ফেব্রুয়ারি ২০২৪", "20:20", id="word and clock before the date"),
        pytest.param("7 de fevereiro de 2024, 20:30 da noite", "20:30", id="24 hours stay as they are"),
        pytest.param(
            "7 de fevereiro de 2024, 8:30 em Lisboa", "08:30", id="a short word before a name is not PM"
        ),
        pytest.param("07/02/2024 12:30 tối", None, id="12 in the evening: no clock rather than a wrong one"),
    ],
)
def test_word_of_the_day(text, expected):
    assert clock(text) == expected
