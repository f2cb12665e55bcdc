"""Labels side by side in one line, labels glued to the last sentence, footers behind the text."""

import pytest

from tasks.domain.bodies.clean import LineContext, clean_lines
from tasks.domain.bodies.line_kinds import is_boilerplate_line
from tasks.domain.text.labels import is_labels, split_glued_label

TEXT = (
    "The old bridge over the Velda was closed to lorries on Monday.\nThe design is to be ready by the "
    "end of 2023."
)


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("The design is to be ready by the end of 2023.Комментарии", "Комментарии"),
        ("The design is to be ready by the end of 2023. Комментариев нет", "Комментариев нет"),
        (
            'He said: "We are ready for it,"- and left the hall."Print version | E-mail',
            "Print version | E-mail",
        ),
        ("The raw material is imported.0 комментариев", "0 комментариев"),
        ("The fleet has grown to 2.5 million", ""),
        ("Verletzt wurde bei dem Unfall niemand.Comments (12)", "Comments (12)"),
        (
            "They melted snow.Оставить комментарий Share on Facebook Share on Twitter",
            "Оставить комментарий Share on Facebook Share on Twitter",
        ),
        ("北浦市は新しい図書館を開館すると発表した。コメント", "コメント"),
        ("They had one order for the crew that night: wait. Stop. Save.", ""),
        ("The company has been listed in the U.S. Share prices fell on Monday", ""),
        ("He asked only one thing of them.Then he left", ""),
    ],
)
def test_a_label_glued_to_a_sentence_is_split_off(line: str, label: str) -> None:
    assert split_glued_label(line) == (line.removesuffix(label).rstrip(), label)


@pytest.mark.parametrize(
    "line",
    ["0 комментариев Share on Facebook Share on Twitter", "Print | E-mail", "Views: 6606", "Like 0",
     "← Previous news | Next news →", "Posted in World | Edit", "Komentarze (2)", "Discuss on the forum (4)",
     "Komentarai (3)", "Komentāri (3)", "Kommentaarid (3)", "Komentarji (3)", "Comentaris (3)",
     "ความคิดเห็น (3)", "კომენტარები (3)", "Yorumlar (0)", "评论(0)", "Şərhlər: 3", "12 пікір",
     "Izoh qoldirish", "Коментари (5)", "Comente", "Σχόλια (2)",
     "Podeli", "Сподели", "Partilhar"],
)  # fmt: skip
def test_labels_side_by_side(line: str) -> None:
    assert is_labels(line)


@pytest.mark.parametrize("line", ["Top story", "Share prices fell", "Print media", "Video games are good"])
def test_a_subheading_is_no_label(line: str) -> None:
    assert not is_labels(line)


@pytest.mark.parametrize(
    "boilerplate",
    [
        "Editorial office: 12 Lenin St., tel. 22-01-2022. © 2022 Orbis News",
        "Orbis Agency. License No. 77-1234 of 05.06.2007\nWhen using materials, a hyperlink to "
        "the site is obligatory.",
        "If you noticed an error, select it and press Ctrl+Enter",
        "Bookmark and Share\nDruckversion\nRating: 4.5 (votes: 12)",
        "Комментариев нет\nVestnik 2022",
    ],
)
def test_what_follows_the_text_is_cut(boilerplate: str) -> None:
    assert clean_lines(f"{TEXT}\n{boilerplate}", LineContext()) == TEXT


def test_sentences_about_licences_and_texts_stay() -> None:
    text = (
        "When copying the text of the law, the clerk made an error.\n"
        "The licence No. 12 was revoked by the regulator in May.\n" + TEXT
    )
    assert clean_lines(text, LineContext()) == text


def test_an_unknown_label_does_not_keep_the_lines_above_it() -> None:
    text = "\n".join(f"Sentence {n} of the report ends here." for n in range(8))
    assert clean_lines(f"{text}\n10.01.2022 16:58\nZzyzx plus", LineContext()) == text


def test_a_short_last_line_stays() -> None:
    text = "\n".join(f"Sentence {n} of the report ends here." for n in range(8))
    assert clean_lines(f"{text}\nZzyzx plus", LineContext()) == f"{text}\nZzyzx plus"


@pytest.mark.parametrize(
    "notice",
    [
        "Dein Browser ist leider veraltet.",
        "Your browser is out of date. Please upgrade.",
        "Votre navigateur est obsolète.",
        "Please enable JavaScript to view this page.",
        "Bitte aktivieren Sie JavaScript.",
    ],
)
def test_notices_about_the_browser_are_not_text(notice: str) -> None:
    assert clean_lines(f"{TEXT}\n{notice}", LineContext()) == TEXT


def test_a_sentence_about_browsers_stays() -> None:
    text = f"{TEXT}\nThe browser that the town uses is out of date, the council was told on Monday."
    assert clean_lines(text, LineContext()) == text


@pytest.mark.parametrize(
    "line",
    [
        "Пакінуць каментар", "Коментарів: 0", "Комментарий калтыруу", "Сэтгэгдэл бичих",
        "Hozzászólok", "Lisa kommentaar", "Rašyti komentarą", "Шарҳ гузоштан", "댓글 쓰기", "टिप्पणी करें",
        "ارسال نظر", "Şərh bildir", "Lewer kommentaar", "დატოვე კომენტარი",
        "Чытайце таксама", "Читати також", "Loe ka", "Lasi arī", "Taip pat skaitykite", "Le tamén",
        "Инчунин хонед", "Дагы окуңуз", "Мөн уншаарай", "Şeýle hem okaň", "Irakurri ere", "Sorodne novice",
        "Tisknout", "Nyomtatás", "Басып чыгаруу", "Хуваалцах", "Paýlaş", "چاپ", "แชร์", "인쇄", "Skriv ut",
        "Juttu jatkuu mainoksen jälkeen.", "Artiklen fortsætter efter annoncen",
        "Artikel gaat verder onder de advertentie", "La suite après cette publicité",
        "Der Artikel wird nach der Anzeige fortgesetzt", "Continúa después de la publicidad",
        "Продолжение статьи после рекламы", "Článek pokračuje pod reklamou",
        "Dalsza część artykułu pod reklamą", "A cikk a hirdetés után folytatódik",
        "Štítky: přístav, trajekt", "Címkék: kikötő", "Märksõnad: sadam", "برچسب‌ها: بندر", "标签：港口",
        "Etiketler: liman", "Avainsanat: satama", "Ключові слова: порт",
        "Wyświetleń: 1 204", "Okunma: 120", "Қаралды: 12", "Vizualizări: 120", "کد خبر: 12345",
        "Per continuare a leggere questo articolo abbonati. Solo 1 euro per il primo mese.",
        "Pour lire la suite, abonnez-vous dès 1 € par mois", "Om verder te lezen, neem een abonnement",
        "Lesezeit: 3 Minuten", "Tempo di lettura: 4 min", "Har du tips til saken? Kontakt avisen.",
        "Версия для печати | Просмотров: 312 | Комментариев: 0",
    ],
)  # fmt: skip
def test_furniture_of_many_languages(line: str) -> None:
    assert is_boilerplate_line(line)
    assert clean_lines(f"{TEXT}\n{line}", LineContext()) == TEXT
