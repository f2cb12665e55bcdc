"""How sure a field is: what counts as evidence, and the words for it."""

import pytest

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.articles.certainty import CertaintyModel, judge_certainty, read_models
from tasks.domain.articles.evidence import BodyEvidence, body_features, title_features
from tasks.domain.titles.named import Named
from warehouse.records.article import AuthorKind, Certainty
from warehouse.records.source import Source

TEXT = (
    "The council of Harnwick voted on Tuesday evening to rebuild the old fish market, which has "
    "stood empty.\n"
    "Engineers told the meeting that the columns can be kept, but the arches must be taken down "
    "stone by stone."
)


def named(origin: str, value: str) -> Named:
    return Named(value, origin, value)


def features(chosen: Named, *others: Named) -> dict[str, float]:
    return {name: value for name, value in title_features(chosen, [chosen, *others]).items() if value}


@pytest.mark.parametrize(
    ("others", "wanted"),
    [
        pytest.param([], {"unsupported": 1}, id="alone"),
        pytest.param([named("twitter_title", "Rain in May")], {"unsupported": 1}, id="twin tags"),
        pytest.param([named("title_tag", "Rain in May")], {}, id="the page does not show it"),
        pytest.param([named("h1", "Rain in May!")], {"shown_and_shared": 1}, id="the page shows it"),
        pytest.param([named("h1", "Rain in May and June")], {"unsupported": 1}, id="longer elsewhere"),
        pytest.param([named("h1", "Rain in May"), named("title_tag", "A wet spring")],
            {"shown_and_shared": 1}, id="another headline for search engines"),
        pytest.param([named("json_ld", "A wet spring")], {"unsupported": 1}, id="another headline"),
        pytest.param([named("h1", "Rain in May"), named("json_ld", "A wet spring")],
            {"shown_and_shared": 1, "disputed": 1}, id="shown, and another headline"),
        pytest.param([named("title_tag", "Rain in May"), named("json_ld", "A wet spring")],
            {"unsupported": 1}, id="repeated, and another headline"),
    ],
)  # fmt: skip
def test_evidence_of_a_headline(others, wanted):
    assert features(named("og_title", "Rain in May"), *others) == wanted


def test_a_headline_of_the_feed_that_the_page_shows():
    feed, h1 = named("feed", "Rain in May"), named("h1", "Rain in May")
    assert features(h1, feed) == features(feed, h1) == {"shown_and_shared": 1}


def test_no_headline_is_missing():
    assert title_features(None, []) == {"missing": 1.0}


@pytest.mark.parametrize(
    ("n_characters", "name"),
    [
        pytest.param(len(TEXT), "as_paragraphs", id="all of the paragraphs"),
        pytest.param(len(TEXT) * 2, "half_of_paragraphs", id="half of the paragraphs"),
        pytest.param(len(TEXT) // 2, "twice_paragraphs", id="much that stands in no paragraph"),
    ],
)
def test_a_text_beside_its_paragraphs(n_characters, name):
    body = BodyEvidence(TEXT, n_characters, linked="", description="", is_marked=True)
    assert body_features(body)[name] == 1.0


def test_a_japanese_text_of_long_sentences_is_prose():
    text = "山あいの町で廃校になった小学校の体育館を使った映画館が土曜日に開館した。"
    body = BodyEvidence(text, len(text), linked="", description="", is_marked=True)
    found = body_features(body)
    assert (found["prose"], found["short_lines"], found["ends_in_sentence"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("features", "word"),
    [
        pytest.param({"same": 2.0}, Certainty.SURE, id="above the first bound"),
        pytest.param({"same": 1.0}, Certainty.LIKELY, id="between the bounds"),
        pytest.param({}, Certainty.DOUBTFUL, id="below both"),
        pytest.param({"same": 2.0, "missing": 1.0}, Certainty.DOUBTFUL, id="nothing was found"),
        pytest.param(
            {"same": 2.0, "unheard": 9.0}, Certainty.SURE, id="a feature without a weight counts nothing"
        ),
    ],
)
def test_the_words(features, word):
    model = CertaintyModel({"intercept": -2.0, "same": 2.0}, sure_from=0.8, likely_from=0.4)
    assert model.judge(features) is word


def test_each_field_has_a_model():
    models = read_models()
    assert set(models) == {"title", "published", "body", "authors"}
    assert all(0 <= model.likely_from <= model.sure_from <= 1 for model in models.values())


def read(head: str, body: str = ""):
    html = f"<html lang='en'><head>{head}</head><body>{body}"
    html += "".join(f"<p>{line}</p>" for line in TEXT.split("\n") * 3) + "</body></html>"
    page = PageContext("https://daily.example/news/1", "https://daily.example/news/1", "k")
    return read_article(html.encode(), page, Source("s", ""))


LD = """<script type="application/ld+json">{"@type":"NewsArticle","headline":"Fish market to be rebuilt",
"datePublished":"2023-03-14T18:30:00+01:00","author":{"@type":"Person","name":"Ann Lee"},
"articleSection":["Local","Town"],"keywords":"Fish, market; Harnwick,fish",
"description":"The hall comes back."}</script>"""


def test_a_page_on_which_all_places_agree_is_surer_than_one_with_a_title_tag():
    agreeing = read(
        f"{LD}<title>Fish market to be rebuilt</title><meta property='og:title' content='Fish "
        f"market to be rebuilt'>"
        "<meta property='article:published_time' content='2023-03-14T18:30:00+01:00'>",
        "<h1>Fish market to be rebuilt</h1><p>14 March 2023, 18:30</p>",
    )
    bare = read("<title>Fish market</title>")
    assert agreeing.article.certainty == judge_certainty(agreeing.evidence)
    assert agreeing.article.certainty.title is Certainty.SURE
    assert agreeing.article.certainty.published is Certainty.SURE
    assert bare.article.certainty.title is not Certainty.SURE
    assert bare.article.certainty.published is Certainty.DOUBTFUL
    assert bare.article.certainty.authors is Certainty.DOUBTFUL


def test_what_json_ld_says_about_an_article():
    article = read(f"{LD}<meta property='og:image' content='/i/hall.jpg'>").article
    assert article.section == "Local"
    assert article.tags == ("Fish", "market", "Harnwick")
    assert article.image_url == "https://daily.example/i/hall.jpg"
    assert article.description == "The hall comes back."
    assert article.author_kinds == (AuthorKind.PERSON,)


def test_what_meta_elements_say_about_an_article():
    article = read(
        "<meta property='article:section' content='Sport'><meta property='article:tag' content='Rowing'>"
        "<meta property='article:tag' content='Cup'><meta name='description' content='A race.'>"
        "<meta name='author' content='The Daily Staff'><meta name='twitter:image' content='ftp://x/y.jpg'>"
    ).article
    assert (article.section, article.tags, article.description) == ("Sport", ("Rowing", "Cup"), "A race.")
    assert article.image_url is None
    assert (article.authors, article.author_kinds) == (("The Daily Staff",), (AuthorKind.ORGANISATION,))


def test_a_page_that_says_nothing_about_its_article():
    article = read("").article
    assert (article.section, article.tags, article.image_url, article.description) == (None, (), None, None)
