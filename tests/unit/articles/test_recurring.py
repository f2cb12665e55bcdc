"""Lines that recur in a source's articles are learned in any order, and removed."""

import random
from datetime import date

from tasks.domain.articles.recurring import ArticleLines, apply_recurring, learn_recurring, line_key

LABEL = "Follow our reporters in the app"


def articles(n: int, *, line: str = LABEL, days: int = 3) -> list[ArticleLines]:
    return [
        ArticleLines(
            f"a{i}",
            date(2022, 1, 1 + i % days),
            f"Paragraph {i} tells what happened in town {i} that day.\n{line}",
        )
        for i in range(n)
    ]


def test_three_articles_on_two_days_teach_a_line():
    assert learn_recurring(articles(3, days=2)) == {line_key(LABEL)}


def test_two_articles_teach_nothing():
    assert not learn_recurring(articles(2))


def test_one_day_teaches_nothing():
    assert not learn_recurring(articles(5, days=1))


def test_copies_of_one_text_count_once():
    body = f"The same long paragraph of one and the same story, sent to many.\n{LABEL}"
    assert not learn_recurring([ArticleLines(f"a{i}", date(2022, 1, 1 + i), body) for i in range(5)])


def test_the_order_of_articles_does_not_matter():
    given = articles(8)
    shuffled = random.Random(3).sample(given, len(given))
    assert learn_recurring(given) == learn_recurring(shuffled)


def test_a_long_text_is_no_boilerplate():
    assert not learn_recurring(articles(5, line="word " * 200))


def test_apply_says_what_went():
    body = f"First.\n{LABEL.upper()}!\nLast."
    assert apply_recurring(body, learn_recurring(articles(3))) == ("First.\nLast.", (f"{LABEL.upper()}!",))


def test_a_body_that_would_lose_all_keeps_it():
    assert apply_recurring(LABEL, {line_key(LABEL)}) == (LABEL, ())


def test_without_learnt_lines_nothing_changes():
    assert apply_recurring("First.\nLast.", frozenset()) == ("First.\nLast.", ())
