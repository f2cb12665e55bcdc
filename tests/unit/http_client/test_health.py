"""Which pages of a failing host or source are not requested for now."""

from datetime import UTC, datetime

import pytest

from tasks.errors import ErrorClass
from tasks.http_client.health import FetchHealth
from tasks.http_client.result import FetchResult

AT = datetime(2026, 11, 24, tzinfo=UTC)


def result(error_class=ErrorClass.OK, *, was_reached=True):
    return FetchResult("u", "u", error_class, "It failed.", AT, was_reached=was_reached)


def test_a_host_that_cannot_be_reached_twice_is_left_alone_for_a_minute():
    health = FetchHealth()
    down = result(ErrorClass.CONNECTION, was_reached=False)
    health.record("s", "h", down, 0.0)
    assert health.why_skip("s", "h", 0.0) is None
    health.record("s", "h", down, 10.0)
    skipped = health.why_skip("s", "h", 69.0)
    assert skipped is not None
    assert skipped.reason == "its host could not be reached just before: It failed."
    assert health.why_skip("s", "other", 69.0) is None
    assert health.why_skip("s", "h", 71.0) is None


@pytest.mark.parametrize(
    ("error_class", "is_skipped"),
    [
        pytest.param(ErrorClass.TIMEOUT, True, id="timeouts"),
        pytest.param(ErrorClass.SERVER_ERROR, True, id="server errors"),
        pytest.param(ErrorClass.NOT_FOUND, False, id="pages that are gone"),
    ],
)
def test_a_source_that_fails_on_most_of_its_pages_is_asked_less(error_class, is_skipped):
    health = FetchHealth()
    for n in range(8):
        assert health.why_skip("s", f"h{n}", 0.0) is None
        health.record("s", f"h{n}", result(error_class), 0.0)
    asked = [health.why_skip("s", f"x{n}", 0.0) is None for n in range(20)]
    assert sum(asked) == (2 if is_skipped else 20)
    assert health.why_skip("t", "x", 0.0) is None


def test_a_source_that_fails_on_a_few_pages_is_asked_for_all():
    health = FetchHealth()
    for n in range(40):
        health.record("s", "h", result(ErrorClass.TIMEOUT if n % 3 == 0 else ErrorClass.OK), 0.0)
        assert health.why_skip("s", "h", 0.0) is None


def test_a_source_recovers_after_three_good_pages():
    health = FetchHealth()
    for _ in range(10):
        health.record("s", "h", result(ErrorClass.TIMEOUT), 0.0)
    assert health.why_skip("s", "h", 0.0) is not None
    for _ in range(3):
        health.record("s", "h", result(), 0.0)
    assert health.why_skip("s", "h", 0.0) is None
