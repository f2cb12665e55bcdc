"""Rate limits and robots.txt as the server sees them: assertions on its request log."""

import multiprocessing
import threading
import time
from concurrent.futures import CancelledError
from itertools import cycle, pairwise
from pathlib import Path

import pytest

from tasks.errors import ErrorClass
from tasks.http_client.client import FetchPolicy, HttpClient, Limits, least_gap_s
from tasks.http_client.errors import Fault
from tasks.http_client.rate_limit import FilePace
from tasks.http_client.target import parse_target
from tests.support.behaviours import BehaviourServer, Pause, answer, fixed

PAGE = b"<html><p>News</p></html>"
LIMITS = Limits(connect_s=2, read_s=2, page_s=5)


@pytest.fixture
def server():
    with BehaviourServer() as running:
        for n in range(40):
            running.behaviours[f"/{n}"] = fixed(Pause(0.02), answer(PAGE))
        yield running


@pytest.fixture
def client(tmp_path):
    with HttpClient(hosts_dir=tmp_path / "hosts", contact=None, limits=LIMITS) as running:
        yield running


def policy_of(server, delay_s=0.0):
    return FetchPolicy("s", frozenset({server.authority}), delay_s)


def gaps(server):
    """Return the seconds from the end of each request to the start of the next; negative if they
    overlapped."""
    visits = sorted(server.visits, key=lambda visit: visit.begun)
    return [later.begun - earlier.ended for earlier, later in pairwise(visits)]


def fetch_until(stop, hosts_dir, authority, first, delay_s):
    policy = FetchPolicy("s", frozenset({authority}), delay_s)
    with HttpClient(hosts_dir=Path(hosts_dir), contact=None, limits=LIMITS) as client:
        for number in cycle(range(first, first + 10)):
            if stop.is_set():
                return
            assert client.fetch(f"http://{authority}/{number}", policy).is_ok


def changes_of_process(server):
    """How often the site was asked by another process than the time before."""
    numbers = [int(visit.path[1:]) for visit in list(server.visits) if visit.path != "/robots.txt"]
    return sum((a < 20) != (b < 20) for a, b in pairwise(numbers))


@pytest.mark.parametrize("delay_s", [0.0, 0.1])
def test_two_processes_never_overlap_and_keep_the_gap(delay_s, server, tmp_path):
    """They go on until they have raced."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    runs = [
        context.Process(target=fetch_until, args=(stop, str(tmp_path), server.authority, first, delay_s))
        for first in (0, 20)
    ]
    for run in runs:
        run.start()
    ends_at = time.monotonic() + 300
    while changes_of_process(server) < 5 and time.monotonic() < ends_at:
        time.sleep(0.05)
    stop.set()
    for run in runs:
        run.join(60)
        assert run.exitcode == 0
    assert min(gaps(server)) >= delay_s - 0.001
    assert changes_of_process(server) >= 5, "the two did not race"


def hold_for_ever(hosts_dir, held):
    with FilePace(Path(hosts_dir)).turn("news.example", 0.0):
        held.set()
        time.sleep(600)


def test_a_run_that_is_killed_gives_its_host_back(tmp_path):
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    run = context.Process(target=hold_for_ever, args=(str(tmp_path), held))
    run.start()
    assert held.wait(120)
    pace = FilePace(tmp_path)
    with pytest.raises(Fault), pace.turn("news.example", 0.0, wait_s=0.1):
        pytest.fail("two turns at once")
    run.kill()
    run.join()
    with pace.turn("news.example", 0.0, wait_s=60.0):
        pass


@pytest.mark.parametrize(
    ("delay_s", "allow", "gap_s"),
    [
        pytest.param(2.5, (), 2.5, id="delay of the source"),
        pytest.param(0.0, (), 1.0, id="no delay only for allowed hosts"),
        pytest.param(0.0, ("news.example:443",), 0.0, id="allowed host"),
        pytest.param(0.0, ("other.example:443",), 1.0, id="another host of the source"),
    ],
)
def test_the_gap_that_a_source_may_ask_for(delay_s, allow, gap_s):
    target = parse_target("https://news.example/")
    assert least_gap_s(target, FetchPolicy("s", frozenset(allow), delay_s)) == gap_s


def test_threads_of_one_client_take_turns(server, client):
    futures = [
        client.queue(
            f"{server.base}/{n}",
            policy_of(server),
            lambda n=n: client.fetch(f"{server.base}/{n}", policy_of(server)),
        )
        for n in range(20)
    ]
    assert all(future.result(120).is_ok for future in futures)
    assert min(gaps(server)) >= 0
    assert [visit.path for visit in server.visits[1:]] == [f"/{n}" for n in range(20)]


def test_the_crawl_delay_is_kept_when_it_is_longer(server, client):
    server.behaviours["/robots.txt"] = fixed(
        answer(b"User-agent: *\nCrawl-delay: 0.3", content_type="text/plain")
    )
    for n in range(3):
        assert client.fetch(f"{server.base}/{n}", policy_of(server, 0.05)).is_ok
    assert min(gaps(server)) >= 0.3


def test_redirects_and_retries_keep_the_gap_too(server, client):
    server.behaviours["/old"] = fixed(answer(b"", "Location: /1", status="301 Moved"))
    assert client.fetch(f"{server.base}/old", policy_of(server, 0.2)).is_ok
    assert len(server.visits) == 3
    assert min(gaps(server)) >= 0.2


def test_a_host_that_hangs_costs_other_hosts_nothing(server, client):
    answers = threading.Event()

    def hang(request):
        answers.wait(1.5)  # for less than the client waits
        yield answer(PAGE)

    with BehaviourServer() as slow:
        slow.behaviours |= {f"/{n}": hang for n in range(20)}
        hanging = [queue(client, slow, n) for n in range(20)]
        others = [queue(client, server, n) for n in range(20)]
        assert all(future.result(120).is_ok for future in others)
        assert not all(future.done() for future in hanging)
        answers.set()
        assert all(future.result(120).is_ok for future in hanging)


def queue(client, server, n):
    url, policy = f"{server.base}/{n}", policy_of(server)
    return client.queue(url, policy, lambda: client.fetch(url, policy))


def test_a_run_that_is_stopped_waits_for_no_gap(server, tmp_path):
    client = HttpClient(hosts_dir=tmp_path, contact=None, limits=LIMITS)
    policy = policy_of(server, 60.0)
    ended = []

    def work():
        try:
            client.fetch(f"{server.base}/0", policy)
        except CancelledError:
            ended.append(time.monotonic())

    with client:
        thread = threading.Thread(target=work)
        thread.start()
        waiting = queue(client, server, 1)
        while not server.visits:  # its robots.txt has been asked for, the page waits for the gap
            time.sleep(0.01)
        begun = time.monotonic()
    thread.join(60)
    assert ended[0] - begun < 30
    assert waiting.done()


def test_what_robots_txt_forbids_is_not_asked_for(server, client):
    server.behaviours["/robots.txt"] = fixed(
        answer(b"User-agent: *\nDisallow: /1", content_type="text/plain")
    )
    assert client.fetch(f"{server.base}/0", policy_of(server)).is_ok
    refused = client.fetch(f"{server.base}/1", policy_of(server))
    assert refused.error_class is ErrorClass.ROBOTS
    assert "/1" in refused.reason
    assert [visit.path for visit in server.visits] == ["/robots.txt", "/0"]


def test_a_redirect_into_what_another_host_forbids_is_not_followed(server, client):
    with BehaviourServer() as other:
        other.behaviours["/robots.txt"] = fixed(answer(b"User-agent: wirehouse\nDisallow: /"))
        server.behaviours["/away"] = fixed(answer(b"", f"Location: {other.base}/page", status="302 Found"))
        both = FetchPolicy("s", frozenset({server.authority, other.authority}), 0.0)
        assert client.fetch(f"{server.base}/away", both).error_class is ErrorClass.ROBOTS
        assert [visit.path for visit in other.visits] == ["/robots.txt"]


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down"])
def test_a_server_that_cannot_say_has_said_no(status, server, tmp_path):
    server.behaviours["/robots.txt"] = fixed(answer(b"", "Retry-After: 900", status=status))
    with HttpClient(hosts_dir=tmp_path, contact=None, limits=LIMITS) as client:
        result = client.fetch(f"{server.base}/0", policy_of(server))
    assert result.error_class is ErrorClass.ROBOTS
    assert result.retry_after_s is not None
    assert {visit.path for visit in server.visits} == {"/robots.txt"}
    with HttpClient(hosts_dir=tmp_path, contact=None, limits=LIMITS) as client:
        n_before = len(server.visits)
        assert client.fetch(f"{server.base}/1", policy_of(server)).error_class is ErrorClass.ROBOTS
        assert len(server.visits) == n_before


def test_a_robots_txt_without_end_is_read_as_far_as_it_counts(server, client):
    def endless(request):
        yield b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /1\n"
        while True:
            yield b"# and so on\n" * 5000

    server.behaviours["/robots.txt"] = endless
    assert client.fetch(f"{server.base}/0", policy_of(server)).is_ok
    assert client.fetch(f"{server.base}/1", policy_of(server)).error_class is ErrorClass.ROBOTS


def test_robots_txt_is_asked_for_once_by_many_threads(server, client):
    with BehaviourServer() as other:
        other.behaviours |= {f"/{n}": fixed(answer(PAGE)) for n in range(8)}
        policy = policy_of(other)
        threads = [
            threading.Thread(target=client.fetch, args=(f"{other.base}/{n}", policy)) for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [visit.path for visit in other.visits].count("/robots.txt") == 1


def test_files_that_cannot_be_written_are_no_failure_of_the_site(server, tmp_path):
    """A run that cannot keep its rate limits stops; the site's feeds and pages are tried again later."""
    with HttpClient(hosts_dir=tmp_path / "hosts", contact=None, limits=LIMITS) as client:
        (tmp_path / "hosts").mkdir()
        (tmp_path / "hosts" / "robots").write_text("a file in the place of the folder")
        with pytest.raises(OSError, match="robots"):
            client.fetch(f"{server.base}/1", policy_of(server))
    assert [visit.path for visit in server.visits] == ["/robots.txt"]
