"""Lines in which a site asks its readers for something, days without a year, addresses, pull-quotes."""

import pytest

from tasks.domain.bodies.clean import LineContext, clean_lines
from tasks.domain.bodies.line_kinds import (
    ends_sentence,
    is_address,
    is_boilerplate_line,
    is_call,
    is_date_line,
    is_day_of_month,
)

FIRST = "The bridge over the river was closed on Monday after a lorry had hit one of its pillars."
SECOND = "Engineers want to look at the damage this week, the town hall said in a statement."
NEWSLETTERS = (
    "Sign up for our newsletter and find the best of the region in your inbox every morning.",
    "Jetzt den Newsletter abonnieren und jeden Morgen wissen, was in der Region geschieht.",
    "Inscrivez-vous à notre newsletter pour recevoir chaque matin les nouvelles de la vallée.",
    "Suscríbete a nuestro boletín y recibe cada mañana las noticias del valle.",
    "Assine nossa newsletter e receba as notícias do litoral todas as manhãs.",
    "Zapisz się do newslettera, a codziennie rano otrzymasz wiadomości z doliny.",
    "Подпишитесь на нашу рассылку, чтобы каждое утро узнавать новости долины.",
    "Εγγραφείτε στο ενημερωτικό μας δελτίο για τα νέα της κοιλάδας κάθε πρωί.",
    "Bültenimize abone olun, vadinin haberleri her sabah size gelsin.",
    "برای دریافت خبرهای دره هر روز صبح در خبرنامه ثبت نام کنید.",
    "اشترك في نشرتنا لتصلك أخبار الوادي كل صباح.",
    "घाटी की खबरें हर सुबह पाने के लिए हमारे न्यूज़लेटर की सदस्यता लें।",
    "订阅我们的每日简报，每天早上了解山谷里的新闻。",
    "メールマガジンに登録すると、毎朝この谷のニュースが届きます。",
    "뉴스레터를 구독하면 매일 아침 골짜기 소식을 받아 볼 수 있습니다.",
)
FOLLOWS = (
    "Follow the Valley Courier on Google News and Facebook.",
    "Folgen Sie uns auf WhatsApp und Instagram.",
    "Síguenos en Facebook, Instagram y Telegram",
    "Suivez-nous sur WhatsApp",
    "Подписывайтесь на наш Telegram-канал",
    "Ακολουθήστε τα Νέα της Κοιλάδας στο Google News",
    "Vadi haberleri için bizi WhatsApp kanalımızdan takip edin",
    "به کانال تلگرام ما بپیوندید",
    "تابعونا على واتساب",
    "关注微信公众号，了解更多消息",
)


@pytest.mark.parametrize("line", NEWSLETTERS)
def test_a_line_that_offers_a_newsletter_goes_wherever_it_stands(line: str) -> None:
    assert is_boilerplate_line(line)
    assert clean_lines(f"{FIRST}\n{line}\n{SECOND}", LineContext()) == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize("line", FOLLOWS)
def test_a_line_that_names_other_channels_goes_at_the_end(line: str) -> None:
    assert is_call(line)
    assert clean_lines(f"{FIRST}\n{SECOND}\n{line}", LineContext()) == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        "The newsletter of the town hall named the price of the repair for the first time.",
        "Der Newsletter der Gemeinde nannte den Preis zum ersten Mal.",
        "The mayor wrote on Facebook that the bridge would be open by June.",
        "Мэр написал в Telegram, что мост откроют в июне.",
        "El alcalde escribió en Facebook que el puente abrirá en junio.",
    ],
)
def test_a_sentence_about_newsletters_and_channels_stays(line: str) -> None:
    assert not is_boilerplate_line(line)
    assert not is_call(line)


@pytest.mark.parametrize("line", ["Nov 20", "20 November", "Thu, 20 Nov", "20 de noviembre", "20 ноября"])
def test_a_day_without_its_year(line: str) -> None:
    assert is_day_of_month(line)
    assert clean_lines(f"{line}\n{FIRST}", LineContext()) == FIRST


@pytest.mark.parametrize("line", ["20 boats", "November", "Chapter 3", "May 2024", "Route 7 in May"])
def test_no_day(line: str) -> None:
    assert not is_day_of_month(line)


@pytest.mark.parametrize(
    "line", ["Updated at 14:35", "Heute, 14:35 Uhr", "Publicado a las 14:35", "14:35 GMT"]
)
def test_a_line_of_a_clock(line: str) -> None:
    assert is_date_line(line)


@pytest.mark.parametrize(
    "line",
    ["First boat from Karsby at 6.15", "Erster Zug ab Hafenstadt um 6:15", "Doors open at 19:30 in the hall"],
)
def test_a_line_of_a_timetable_is_no_date(line: str) -> None:
    assert not is_date_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "jane@example.org",
        "Jane Roe (jane.roe@example.org)",
        "김민수(kim@example.kr)",
        "E-Mail: a.b@example.de",
    ],
)
def test_a_line_that_is_an_address(line: str) -> None:
    assert is_address(line)
    assert clean_lines(f"{FIRST}\n{SECOND}\n{line}", LineContext()) == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize("line", ["Write to jane@example.org until Friday.", "The sign @ is on the wall"])
def test_no_address(line: str) -> None:
    assert not is_address(line)


@pytest.mark.parametrize(
    "line",
    [
        "पुल सोमवार को बंद कर दिया गया।",
        "پل پیر کے روز بند کر دیا گیا۔",
        "ድልድዩ ሰኞ ዕለት ተዘጋ።",
        "ស្ពាន​ត្រូវ​បាន​បិទ​នៅ​ថ្ងៃ​ចន្ទ។",
        "สะพานข้ามแม่น้ำถูกปิดเมื่อวันจันทร์หลังจากรถบรรทุกชนเสาตอม่อ",
    ],
)
def test_the_end_of_a_sentence(line: str) -> None:
    assert ends_sentence(line)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (
            "He was asked twice. “We had no other choice, the pillar was cracked,” he said.",
            "We had no other choice, the pillar was cracked.",
        ),
        (
            "记者问了两次。“我们没有别的办法，桥墩已经裂开了很长的一道口子。”他说。",
            "“我们没有别的办法，桥墩已经裂开了很长的一道口子。”",
        ),
    ],
)
def test_a_sentence_shown_once_more_goes(text: str, quote: str) -> None:
    others = f"{FIRST}\n{SECOND}\n{SECOND[:-1]} again."
    assert clean_lines(f"{others}\n{quote}\n{text}", LineContext()) == f"{others}\n{text}"


def test_a_text_that_repeats_itself_stays() -> None:
    text = "\n".join((FIRST, SECOND, f"{FIRST} Nobody likes it.", f"{SECOND} Nobody knows why."))
    assert clean_lines(text, LineContext()) == text
