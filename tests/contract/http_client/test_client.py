"""The HTTP client against a server whose paths are behaviours, and a canary that must receive no request."""

import gzip
import random
import threading
import time
from itertools import islice

import pytest

from tasks.errors import ErrorClass
from tasks.http_client.client import Document, FetchPolicy, HttpClient, Limits, Validators
from tests.support.behaviour_cases import CASES, GOAL, INNER, LARGE, LIMITS, PAGE, SLOW, mutated
from tests.support.behaviours import BehaviourServer, answer, fixed, redirect

BUSY_S = 10.0  # by which a busy machine may overrun a limit


@pytest.fixture
def server():
    with BehaviourServer(dict(GOAL)) as running:
        yield running


@pytest.fixture
def client(tmp_path):
    with make_client(tmp_path) as running:
        yield running


def make_client(tmp_path, limits=LIMITS, **settings):
    waits = Waits()
    settings = {"sleep": waits.sleep, "clock": waits.clock} | settings
    return HttpClient(
        hosts_dir=tmp_path / "hosts", contact="https://example.org/bot", limits=limits, **settings
    )


class Waits:
    """A clock that sleeping advances; the delays themselves have their own tests."""

    def __init__(self):
        self.slept_s = 0.0

    def clock(self):
        return time.time() + self.slept_s

    def sleep(self, seconds):
        self.slept_s += seconds


def policy_of(*servers, delay_s=0.0, source="s"):
    return FetchPolicy(source, frozenset(server.authority for server in servers), delay_s)


def test_there_are_enough_cases():
    assert len(CASES) + len(INNER) >= 80
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name[:60])
def test_behaviour(case, server, client):
    server.behaviours["/case"] = case.behaviour
    begun = time.monotonic()
    result = client.fetch(f"{server.base}/case", policy_of(server))
    spent_s = time.monotonic() - begun

    assert result.error_class is case.expected, result.reason
    assert spent_s < LIMITS.page_s + BUSY_S
    assert result.duration_ms < (LIMITS.page_s + BUSY_S) * 1000
    assert len(result.body) <= LIMITS.decoded_bytes
    assert len(result.wire_body) <= LIMITS.wire_bytes
    if case.body is not None:
        assert result.body == case.body
        assert result.reason == ""
    else:
        assert result.reason.endswith((".", "…", "'", '"')), result.reason
        assert result.body == b""
    if case.n_requests is not None:
        assert sum(visit.path == "/case" for visit in server.visits) == case.n_requests


def test_any_answer_gives_a_result(server, client):
    """A thousand mutated responses: none hangs, none raises an unexpected error."""
    chance = random.Random(20261124)
    whole = [case.behaviour for case in CASES if case not in LARGE and case not in SLOW]
    seeds = [
        b"".join(part for part in islice(one(None), 30) if isinstance(part, bytes)) for one in whole[:150]
    ]
    for number in range(1000):
        data = mutated(chance.choice(seeds)[:20_000], chance)
        server.behaviours["/case"] = fixed(data)
        begun = time.monotonic()
        result = client.fetch(f"{server.base}/case", policy_of(server, source=f"s{number}"))
        assert time.monotonic() - begun < LIMITS.page_s + BUSY_S, data
        assert result.error_class is not ErrorClass.INTERNAL, data
        assert result.is_ok or result.reason, data


@pytest.mark.parametrize("host", INNER)
def test_no_redirect_leads_inside(host, server, tmp_path):
    with BehaviourServer() as canary, BehaviourServer(host="::1") as canary6:
        ports = frozenset({80, 443, canary.port, canary6.port})
        limits = Limits(connect_s=1, read_s=1, page_s=3, ports=ports)
        with make_client(tmp_path, limits) as client:
            for port in (canary.port, canary6.port):
                server.behaviours["/case"] = fixed(redirect(f"http://{host}:{port}/secret"))
                result = client.fetch(f"{server.base}/case", policy_of(server))
                assert result.error_class is ErrorClass.BLOCKED_ADDRESS, result.reason
                straight = client.fetch(f"http://{host}:{port}/secret", policy_of(server))
                assert straight.error_class is ErrorClass.BLOCKED_ADDRESS, straight.reason
        assert canary.n_connections == canary6.n_connections == 0


def test_an_odd_port_is_not_asked_unless_listed(server, client):
    result = client.fetch(f"{server.base}/goal", FetchPolicy("s"))
    assert result.error_class is ErrorClass.BLOCKED_ADDRESS
    assert server.authority in result.reason
    assert server.n_connections == 0


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(server, tmp_path):
    """DNS rebinding: the first answer is public, every later one is this machine."""
    asked = []

    def resolver(host, port):
        asked.append(host)
        return ["1.1.1.1"] if len(asked) == 1 else ["127.0.0.1"]

    limits = Limits(connect_s=0.2, read_s=0.2, page_s=0.5, ports=frozenset({server.port}))
    with make_client(tmp_path, limits, resolver=resolver) as client:
        result = client.fetch(f"http://rebinding.example:{server.port}/goal", FetchPolicy("s"))
    assert not result.is_ok
    assert server.n_connections == 0


def test_one_inner_address_among_public_ones_refuses_the_name(server, tmp_path):
    limits = Limits(ports=frozenset({server.port}))
    with make_client(tmp_path, limits, resolver=lambda host, port: ["1.1.1.1", "127.0.0.1"]) as client:
        result = client.fetch(f"http://mixed.example:{server.port}/goal", FetchPolicy("s"))
    assert result.error_class is ErrorClass.BLOCKED_ADDRESS
    assert server.n_connections == 0


def test_the_name_is_sent_though_its_address_is_connected_to(server, tmp_path):
    authority = f"news.example:{server.port}"
    with make_client(tmp_path, resolver=lambda host, port: ["127.0.0.1"]) as client:
        result = client.fetch(
            f"http://NEWS.example.:{server.port}/goal", FetchPolicy("s", frozenset({authority}), 0.0)
        )
    assert result.is_ok, result.reason
    assert server.requests[-1].headers["host"] == authority


def test_a_name_that_hangs_ends_at_the_connect_limit(tmp_path):
    ended = threading.Event()

    def resolver(host, port):
        ended.wait(60)
        return ["1.1.1.1"]

    limits = Limits(connect_s=0.2, page_s=1)
    with make_client(tmp_path, limits, resolver=resolver) as client:
        begun = time.monotonic()
        result = client.fetch("http://slow.example/", FetchPolicy("s"))
        spent_s = time.monotonic() - begun
        ended.set()
    assert result.error_class is ErrorClass.TIMEOUT
    assert spent_s < 30


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("", ErrorClass.BAD_URL, id="empty"),
        pytest.param("/path", ErrorClass.BAD_URL, id="not absolute"),
        pytest.param("//example.org/", ErrorClass.BAD_URL, id="no scheme"),
        pytest.param("ftp://example.org/", ErrorClass.BLOCKED_SCHEME, id="ftp"),
        pytest.param("file:///etc/passwd", ErrorClass.BLOCKED_SCHEME, id="file"),
        pytest.param("http://no-such-name.invalid/", ErrorClass.CONNECTION, id="no such name"),
    ],
)
def test_addresses_that_are_not_asked(url, expected, client):
    result = client.fetch(url, FetchPolicy("s"))
    assert result.error_class is expected
    assert result.reason


def test_a_refused_connection(client):
    with BehaviourServer() as gone:
        pass
    result = client.fetch(f"{gone.base}/", policy_of(gone))
    assert result.error_class is ErrorClass.CONNECTION
    assert not result.was_reached


def test_validators_travel_byte_for_byte(server, client):
    etag, modified = 'W/"\xe9\x80 odd"', "some day, or other"
    server.behaviours["/feed"] = fixed(
        f"HTTP/1.1 200 OK\r\nETag: {etag}\r\nLast-Modified:  {modified} \r\n\r\n<rss/>".encode("latin-1")
    )
    first = client.fetch(f"{server.base}/feed", policy_of(server), document=Document.FEED)
    assert first.validators == Validators(etag, modified)

    server.behaviours["/feed"] = fixed(answer(b"", status="304 Not Modified"))
    second = client.fetch(
        f"{server.base}/feed", policy_of(server), document=Document.FEED, validators=first.validators
    )
    assert second.error_class is ErrorClass.NOT_MODIFIED
    raw = server.requests[-1].raw
    assert b"If-None-Match: " + etag.encode("latin-1") + b"\r\n" in raw
    assert b"If-Modified-Since: " + modified.encode("latin-1") + b"\r\n" in raw


def test_validators_that_http_cannot_carry_are_left_out(server, client):
    bad = Validators("one\r\nX-Injected: yes", "день")
    result = client.fetch(f"{server.base}/goal", policy_of(server), validators=bad)
    assert result.is_ok
    assert b"Injected" not in server.requests[-1].raw
    assert "if-modified-since" not in server.requests[-1].headers


def test_a_url_cannot_inject_fields(server, client):
    client.fetch(f"{server.base}/a b\r\nX-Injected: yes", policy_of(server))
    assert "x-injected" not in server.requests[-1].headers
    assert server.requests[-1].path == "/a%20bX-Injected:%20yes"


def test_who_asks_and_what_it_can_read(server, client):
    client.fetch(f"{server.base}/goal", policy_of(server))
    headers = server.requests[-1].headers
    assert headers["user-agent"].startswith("wirehouse/")
    assert headers["user-agent"].endswith(" (+https://example.org/bot)")
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"


def test_cookies_do_not_outlive_a_fetch(server, client):
    server.behaviours["/sets"] = fixed(answer(PAGE, "Set-Cookie: who=you; Path=/"))
    client.fetch(f"{server.base}/sets", policy_of(server))
    client.fetch(f"{server.base}/goal", policy_of(server))
    assert "cookie" not in server.requests[-1].headers


def test_the_environment_names_no_proxy(server, client, monkeypatch):
    with BehaviourServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base)
        assert client.fetch(f"{server.base}/goal", policy_of(server)).is_ok
    assert proxy.n_connections == 0


def test_a_tls_connection_is_asked_of_the_proxy(tmp_path):
    with (
        BehaviourServer() as proxy,
        make_client(tmp_path, proxy=proxy.base, resolver=_resolve_news) as client,
    ):
        assert not client.fetch("https://news.example/page", FetchPolicy("s")).is_ok
    assert {request.path for request in proxy.requests} == {"news.example:443"}


def test_a_proxy_that_is_configured_is_used_but_never_for_inner_addresses(tmp_path):
    with BehaviourServer() as proxy:
        proxy.behaviours["http://news.example/page"] = fixed(answer(PAGE))
        with make_client(tmp_path, proxy=proxy.base, resolver=_resolve_news) as client:
            outside = client.fetch("http://news.example/page", FetchPolicy("s"))
            assert outside.is_ok, outside.reason
            inside = client.fetch("http://127.0.0.1/page", FetchPolicy("s"))
    assert inside.error_class is ErrorClass.BLOCKED_ADDRESS
    assert {request.path for request in proxy.requests} == {
        "http://news.example/page",
        "http://news.example/robots.txt",
    }


def _resolve_news(host, port):
    return ["127.0.0.1"] if host == "127.0.0.1" else ["1.1.1.1"]


def test_a_packed_sitemap_file_is_unpacked_within_bounds(server, client):
    server.behaviours["/sitemap.xml.gz"] = fixed(
        answer(gzip.compress(b"<urlset/>"), content_type="application/gzip")
    )
    url = f"{server.base}/sitemap.xml.gz"
    assert client.fetch(url, policy_of(server), document=Document.SITEMAP).body == b"<urlset/>"
    server.behaviours["/sitemap.xml.gz"] = fixed(answer(gzip.compress(b"\0" * 9_000_000)))
    bomb = client.fetch(url, policy_of(server), document=Document.SITEMAP)
    assert bomb.error_class is ErrorClass.TOO_LARGE


@pytest.mark.parametrize(
    ("field", "wait_s", "n_requests"),
    [
        pytest.param("Retry-After: 3", 3, 3, id="a short delay is waited for"),
        pytest.param("Retry-After: 120", 120, 1, id="a longer delay is left to the next run"),
        pytest.param("Retry-After: " + "9" * 4500, 86_400, 1, id="4,500 digits are a day"),
        pytest.param("Retry-After: Fri, 31 Dec 2999 23:59:59 GMT", 86_400, 1, id="a far date is a day"),
        pytest.param("Retry-After: soon", 600, 1, id="an invalid value is ten minutes"),
        pytest.param("X-Nothing: x", 600, 1, id="no value is ten minutes"),
    ],
)
def test_rate_limits(field, wait_s, n_requests, server, client):
    server.behaviours["/case"] = fixed(answer(b"", field, status="429 Too Many Requests"))
    result = client.fetch(f"{server.base}/case", policy_of(server))
    assert result.error_class is ErrorClass.RATE_LIMITED
    if n_requests == 1:
        assert result.retry_after_s == wait_s
    assert sum(visit.path == "/case" for visit in server.visits) <= n_requests


def test_after_429_the_host_is_left_alone_by_that_source(server, client):
    server.behaviours["/case"] = fixed(answer(b"", "Retry-After: 60", status="429 Too Many Requests"))
    client.fetch(f"{server.base}/case", policy_of(server))
    n_before = server.n_connections
    held = client.fetch(f"{server.base}/goal", policy_of(server))
    assert held.error_class is ErrorClass.RATE_LIMITED
    assert 0 < held.retry_after_s <= 61
    assert server.n_connections == n_before
    assert client.fetch(f"{server.base}/goal", policy_of(server, source="other")).is_ok


def test_503_speaks_for_its_url_alone(server, client):
    server.behaviours["/case"] = fixed(answer(b"", "Retry-After: 60", status="503 Service Unavailable"))
    result = client.fetch(f"{server.base}/case", policy_of(server))
    assert (result.error_class, result.retry_after_s) == (ErrorClass.SERVER_ERROR, 60)
    assert client.fetch(f"{server.base}/goal", policy_of(server)).is_ok
