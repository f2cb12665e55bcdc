"""Rate limits per host: one request at a time, with a delay, on a clock that the test advances."""

import json
import threading

import pytest

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.rate_limit import FilePace


class Clock:
    """A clock that sleeping advances."""

    def __init__(self):
        self.now = 1_000_000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(tmp_path, clock):
    return FilePace(tmp_path / "hosts", clock=clock, sleep=clock.sleep)


def test_the_first_turn_is_at_once(pace, clock):
    with pace.turn("example.org", 5.0):
        pass
    assert clock.slept == []


def test_the_gap_counts_from_the_end_of_the_last_request(pace, clock):
    with pace.turn("example.org", 5.0):
        clock.now += 30
    ended = clock.now
    with pace.turn("example.org", 5.0):
        assert ended + 5.0 <= clock.now <= ended + 5.6


def test_no_gap_no_wait(pace, clock):
    for _ in range(3):
        with pace.turn("example.org", 0.0):
            pass
    assert clock.slept == []


def test_hosts_do_not_wait_for_each_other(pace, clock):
    with pace.turn("a.example", 5.0), pace.turn("b.example", 5.0):
        pass
    assert clock.slept == []


def test_a_clock_that_was_put_back_costs_one_gap(pace, clock):
    with pace.turn("example.org", 5.0):
        pass
    clock.now -= 10_000
    with pace.turn("example.org", 5.0):
        pass
    assert sum(clock.slept) < 6


def test_a_turn_that_fails_gives_the_host_back(pace, clock):
    with pytest.raises(ZeroDivisionError), pace.turn("example.org", 5.0):
        raise ZeroDivisionError
    with pace.turn("example.org", 5.0):
        pass
    assert 5.0 <= sum(clock.slept) < 5.6


def test_a_host_that_others_keep_busy_is_given_up(pace):
    second = pace.turn("example.org", 0.0, wait_s=10.0)
    with pace.turn("example.org", 0.0), pytest.raises(Fault) as caught, second:
        pytest.fail("two turns at once")
    assert caught.value.error_class is ErrorClass.TIMEOUT


def test_a_held_host_is_refused_to_that_source_alone(pace, clock):
    pace.hold("example.org", "daily", clock.now + 3600)
    with pytest.raises(Fault) as caught, pace.turn("example.org", 1.0, source="daily"):
        pytest.fail("the host asked to be left alone")
    assert caught.value.error_class is ErrorClass.RATE_LIMITED
    assert caught.value.retry_after_s == 3601
    with pace.turn("example.org", 1.0, source="weekly"):
        pass
    clock.now += 3601
    with pace.turn("example.org", 1.0, source="daily"):
        pass


def test_a_short_hold_is_waited_for(pace, clock):
    pace.hold("example.org", "daily", clock.now + 7)
    with pace.turn("example.org", 1.0, source="daily"):
        assert 7 <= sum(clock.slept) < 8


def test_a_turn_keeps_what_was_asked_for_in_it(pace, clock):
    with pace.turn("example.org", 1.0, source="daily"):
        pass
    pace.hold("example.org", "daily", clock.now + 3600)
    with pace.turn("example.org", 1.0, source="weekly"):
        pass
    with pytest.raises(Fault), pace.turn("example.org", 1.0, source="daily"):
        pass


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"last_at": "x"}', b"\xff\xff", b'{"held_until": 3}']
)
def test_a_damaged_file_is_as_good_as_none(content, pace, tmp_path):
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts" / "example.org.host").write_bytes(content)
    with pace.turn("example.org", 5.0, source="daily"):
        pass


@pytest.mark.parametrize("host", ["[::1]:8080", "../../etc/passwd", "a" * 253, "x/y"])
def test_any_host_has_a_file_in_its_folder(host, pace, tmp_path):
    with pace.turn(host, 0.0):
        pass
    assert len(list((tmp_path / "hosts").iterdir())) == 1


def test_threads_take_turns(tmp_path):
    pace = FilePace(tmp_path)
    inside, most = [], []

    def work():
        for _ in range(5):
            with pace.turn("example.org", 0.0):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 20
    assert max(most) == 1


def test_a_file_that_was_longer_is_cut(pace, clock, tmp_path):
    pace.hold("example.org", "a source with a long name", clock.now + 5)
    clock.now += 60
    pace.hold("example.org", "s", clock.now + 8)  # forgets the first
    (file,) = (tmp_path / "hosts").iterdir()
    fields = json.loads(file.read_bytes())
    assert list(fields["held_until"]) == ["s"]


def test_an_end_that_is_recorded_keeps_the_holds(pace, clock):
    pace.hold("example.org", "other", clock.now + 600)
    with pace.turn("example.org", 5.0, source="s"):
        clock.now += 2
    with pytest.raises(Fault), pace.turn("example.org", 5.0, source="other"):
        pass
