"""When to retry immediately, and when in a later run."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.errors import ErrorClass as E
from tasks.http_client.result import FetchResult
from tasks.http_client.retry import next_try_at, wait_before_retry_s

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def failed(error_class, **fields):
    return FetchResult("https://a.example/", "https://a.example/", error_class, "It failed.", NOW, **fields)


@pytest.mark.parametrize(
    ("error_class", "n_tries"),
    [
        (E.CONNECTION, 3),
        (E.TRUNCATED, 3),
        (E.SERVER_ERROR, 3),
        (E.TIMEOUT, 2),
        (E.TOO_LARGE, 1),
        (E.REDIRECTS, 1),
        (E.NOT_FOUND, 1),
        (E.ROBOTS, 1),
        (E.BAD_RESPONSE, 1),
        (E.BLOCKED_ADDRESS, 1),
        (E.OK, 1),
        (E.NOT_MODIFIED, 1),
    ],
)
def test_tries_at_once(error_class, n_tries):
    n = 1
    while wait_before_retry_s(failed(error_class), n, 0.5) is not None:
        n += 1
    assert n == n_tries


def test_waits_grow_and_are_spread():
    fault = failed(E.CONNECTION)
    assert [wait_before_retry_s(fault, 1, jitter) for jitter in (0, 1)] == [0.75, 1.25]
    assert [wait_before_retry_s(fault, 2, jitter) for jitter in (0, 1)] == [3.0, 5.0]


def test_a_short_retry_after_is_waited_for_and_a_long_one_is_not():
    assert wait_before_retry_s(failed(E.RATE_LIMITED, retry_after_s=10), 1, 0.0) == 10
    assert wait_before_retry_s(failed(E.RATE_LIMITED, retry_after_s=11), 1, 0.0) is None
    assert wait_before_retry_s(failed(E.SERVER_ERROR, retry_after_s=3600), 1, 0.0) is None


def test_what_is_final_is_not_asked_again():
    assert wait_before_retry_s(failed(E.CONNECTION, is_final=True), 1, 0.0) is None


def test_another_day_waits_grow_and_end():
    fault = failed(E.SERVER_ERROR)
    waits = [next_try_at(fault, n, NOW) for n in range(8)]
    assert waits[0] == NOW + timedelta(minutes=10)
    assert waits[6] == NOW + timedelta(days=4)
    assert waits[7] is None
    assert sorted(waits[:7]) == waits[:7]


@pytest.mark.parametrize(
    ("error_class", "n_tries"),
    [
        (E.TIMEOUT, 7),
        (E.NOT_FOUND, 2),
        (E.FORBIDDEN, 2),
        (E.GONE, 0),
        (E.ROBOTS, 0),
        (E.TOO_LARGE, 0),
        (E.BAD_URL, 0),
    ],
)
def test_how_often_another_day(error_class, n_tries):
    n = 0
    while next_try_at(failed(error_class), n, NOW):
        n += 1
    assert n == n_tries


def test_another_day_is_no_sooner_than_the_server_asked():
    assert next_try_at(failed(E.RATE_LIMITED, retry_after_s=86_400), 0, NOW) == NOW + timedelta(days=1)
    assert next_try_at(failed(E.ROBOTS, retry_after_s=600), 0, NOW) == NOW + timedelta(minutes=10)
