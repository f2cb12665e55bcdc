"""robots.txt: the meaning of each response, and what is cached for how long."""

from datetime import UTC, datetime

import pytest

from tasks.errors import ErrorClass as E
from tasks.http_client.result import FetchResult, Hop
from tasks.http_client.robots import Robots
from tasks.http_client.target import parse_target

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY_S = 24 * 3600
PAGE = parse_target("https://news.example/private/a?b=1")


class Site:
    """Serves one robots.txt, and counts its requests."""

    def __init__(self):
        self.result = rules("")
        self.n_asked = 0

    def ask(self, url):
        assert url == "https://news.example:443/robots.txt"
        self.n_asked += 1
        return self.result


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def robots(tmp_path, clock):
    return Robots(tmp_path, clock=clock)


def result(error_class, **fields):
    reason = "" if error_class is E.OK else "It failed."
    return FetchResult("u", "u", error_class, reason, NOW, **fields)


def rules(text):
    return result(E.OK, status=200, body=text.encode())


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        pytest.param("", True, id="nothing said"),
        pytest.param("User-agent: *\nDisallow: /private/", False, id="for all"),
        pytest.param("User-agent: wirehouse\nDisallow: /", False, id="for us"),
        pytest.param("User-agent: WireHouse/1.0\nDisallow: /", False, id="for us, with a version"),
        pytest.param("User-agent: wirehouse bot\nDisallow: /", False, id="for us, with a further word"),
        pytest.param(
            "User-agent: wirehouse (+https://x.example)\nDisallow: /", False, id="for us, with a URL"
        ),
        pytest.param("User-agent: wire\nDisallow: /", True, id="for a prefix of our name"),
        pytest.param(
            "User-agent: wirehouse-images\nDisallow: /", True, id="for a name that begins with ours"
        ),
        pytest.param("User-agent: warehouse\nDisallow: /", True, id="for a similar name"),
        pytest.param(
            "User-agent: wirehouse\nCrawl-delay: 2\nUser-agent: other\nDisallow: /",
            False,
            id="a Crawl-delay does not end the list of agents",
        ),
        pytest.param(
            "User-agent: wirehouse\nAllow: /x\nUser-agent: other\nDisallow: /",
            True,
            id="a rule ends the list of agents",
        ),
        pytest.param(
            "User-agent: wirehouse\nDisallow: /private/\n\nUser-agent: *\nDisallow: /\n\n"
            "User-agent: WIREHOUSE\nAllow: /private/a",
            True,
            id="all groups of ours count together",
        ),
        pytest.param("Disallow: /\nUser-agent: *\nAllow: /", True, id="a rule before any agent"),
        pytest.param("user agent wirehouse\ndissallow /", False, id="misspelt, without colons"),
        pytest.param("User-agent: * # all\r\nDisallow: / # nothing\r\n", False, id="comments"),
        pytest.param("User-agent: other\nDisallow: /", True, id="for someone else"),
        pytest.param(
            "User-agent: *\nDisallow: /\n\nUser-agent: wirehouse\nDisallow:", True, id="ours wins over *"
        ),
        pytest.param("User-agent: *\nDisallow: /private/\nAllow: /private/a", True, id="longest match wins"),
        pytest.param("User-agent: *\nDisallow: /*?b=", False, id="wildcard"),
        pytest.param("User-agent: *\nDisallow: /private/a$", True, id="end anchor"),
        pytest.param("\ufeffUser-agent: *\nDisallow: /", False, id="byte order mark"),
        pytest.param("<html><body>Not found</body></html>", True, id="a page instead of rules"),
    ],
)
def test_rules(text, is_allowed, robots, site):
    site.result = rules(text)
    verdict = robots.verdict(PAGE, site.ask)
    assert verdict.is_allowed is is_allowed
    if not is_allowed:
        assert verdict.error_class is E.ROBOTS
        assert "news.example" in verdict.reason
        assert verdict.retry_after_s is None


@pytest.mark.parametrize(
    ("answer", "is_allowed"),
    [
        pytest.param(result(E.NOT_FOUND, status=404), True, id="404"),
        pytest.param(result(E.FORBIDDEN, status=403), True, id="403"),
        pytest.param(result(E.UNAUTHORISED, status=401), True, id="401"),
        pytest.param(result(E.GONE, status=410), True, id="410"),
        pytest.param(result(E.EMPTY, status=204), True, id="204"),
        pytest.param(result(E.REDIRECTS, status=302), True, id="redirects without end"),
        pytest.param(result(E.SERVER_ERROR, status=500), False, id="500"),
        pytest.param(result(E.SERVER_ERROR, status=503), False, id="503"),
        pytest.param(result(E.RATE_LIMITED, status=429), False, id="429"),
        pytest.param(result(E.TIMEOUT), False, id="time-out"),
        pytest.param(result(E.TRUNCATED, status=200), False, id="cut"),
        pytest.param(result(E.BAD_RESPONSE), False, id="broken HTTP"),
        pytest.param(
            result(E.BLOCKED_ADDRESS, hops=(Hop("u", 302, "http://10.0.0.1/"),)), False, id="redirect inside"
        ),
    ],
)
def test_answers_that_are_no_rules(answer, is_allowed, robots, site):
    site.result = answer
    verdict = robots.verdict(PAGE, site.ask)
    assert verdict.is_allowed is is_allowed
    if not is_allowed:
        has_answered = answer.error_class in {E.SERVER_ERROR, E.RATE_LIMITED}
        assert verdict.error_class is (E.ROBOTS if has_answered else answer.error_class)
        assert verdict.retry_after_s == 600


def test_a_host_that_is_down_is_down_and_not_forbidden(robots, site, clock, tmp_path):
    site.result = result(E.CONNECTION, was_reached=False)
    verdict = robots.verdict(PAGE, site.ask)
    assert (verdict.is_allowed, verdict.error_class, verdict.was_reached) == (False, E.CONNECTION, False)
    robots.verdict(PAGE, site.ask)
    assert site.n_asked == 1
    clock.now += 61
    robots.verdict(PAGE, site.ask)
    assert site.n_asked == 2
    assert list(tmp_path.glob("*.json")) == []


def test_an_address_that_one_source_may_not_use_is_not_closed_to_others(robots, site):
    site.result = result(E.BLOCKED_ADDRESS)
    assert robots.verdict(PAGE, site.ask).error_class is E.BLOCKED_ADDRESS
    site.result = rules("")
    assert robots.verdict(PAGE, site.ask).is_allowed


def test_rules_are_kept_for_a_day_for_all_processes(robots, site, clock, tmp_path):
    site.result = rules("User-agent: *\nDisallow: /private/")
    for one in (robots, robots, Robots(tmp_path, clock=clock)):
        assert not one.verdict(PAGE, site.ask).is_allowed
    assert site.n_asked == 1
    clock.now += DAY_S + 1
    site.result = rules("")
    assert robots.verdict(PAGE, site.ask).is_allowed
    assert site.n_asked == 2


def test_a_no_for_lack_of_an_answer_is_asked_again_after_ten_minutes(robots, site, clock):
    site.result = result(E.SERVER_ERROR, status=500)
    assert not robots.verdict(PAGE, site.ask).is_allowed
    clock.now += 590
    assert not robots.verdict(PAGE, site.ask).is_allowed
    assert site.n_asked == 1
    clock.now += 20
    site.result = rules("")
    assert robots.verdict(PAGE, site.ask).is_allowed


def test_the_last_good_copy_counts_for_a_week(robots, site, clock):
    site.result = rules("User-agent: *\nDisallow: /elsewhere/\nCrawl-delay: 3")
    robots.verdict(PAGE, site.ask)
    site.result = result(E.SERVER_ERROR, status=500)
    for _ in range(6):
        clock.now += DAY_S + 1
        verdict = robots.verdict(PAGE, site.ask)
        assert (verdict.is_allowed, verdict.crawl_delay_s) == (True, 3.0)
    assert site.n_asked == 7
    clock.now += 601
    robots.verdict(PAGE, site.ask)
    assert site.n_asked == 8
    clock.now += DAY_S
    assert not robots.verdict(PAGE, site.ask).is_allowed


@pytest.mark.parametrize(
    ("text", "delay_s"),
    [("5", 5.0), ("0.5", 0.5), ("3600", 30.0), ("-4", 0.0), ("x", 0.0), ("1e999", 0.0), ("nan", 0.0)],
)
def test_crawl_delay(text, delay_s, robots, site):
    site.result = rules(f"User-agent: *\nCrawl-delay: {text}")
    assert robots.verdict(PAGE, site.ask).crawl_delay_s == delay_s
    assert robots.known_delay_s(PAGE) == delay_s


def test_a_crawl_delay_between_agents_is_for_all_of_them(robots, site):
    site.result = rules("User-agent: a\nCrawl-delay: 7\nUser-agent: wirehouse\nDisallow: /x")
    assert robots.verdict(PAGE, site.ask).crawl_delay_s == 7


def test_only_the_first_500_kib_count_and_no_half_line(robots, site):
    filler = "#" * 99 + "\n"
    text = "User-agent: *\n" + filler * 5119 + "#" * (512_000 - 14 - 511_900 - 20) + "\n"
    text += "Disallow: /private/" + "elsewhere"
    site.result = rules(text)
    assert len(text) > 512_000
    assert robots.verdict(PAGE, site.ask).is_allowed


@pytest.mark.parametrize("content", ["", "{", "[]", '{"answer": "maybe"}', '{"answer": "rules", "extra": 1}'])
def test_a_damaged_copy_is_as_good_as_none(content, robots, site, tmp_path):
    (tmp_path / "https_news.example_443.json").write_text(content)
    assert robots.verdict(PAGE, site.ask).is_allowed
    assert site.n_asked == 1
