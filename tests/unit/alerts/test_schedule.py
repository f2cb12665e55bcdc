"""When a message is due."""

from datetime import UTC, datetime

import pytest

from warehouse.alerts.schedule import next_due, parse_schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "noted", "due"),
    [
        pytest.param("at once", "11-03T10:00:00", "11-03T10:00:00", id="at once"),
        pytest.param("hourly", "11-03T10:00:00", "11-03T11:00:00", id="the next full hour"),
        pytest.param("daily 07:00", "11-03T06:59:00", "11-03T07:00:00", id="today"),
        pytest.param("daily 07:00", "11-03T07:00:00", "11-04T07:00:00", id="tomorrow"),
        pytest.param("daily 07:00 Europe/Berlin", "11-03T06:30:00", "11-04T06:00:00", id="winter time"),
        pytest.param("daily 07:00 Europe/Berlin", "07-03T04:30:00", "07-03T05:00:00", id="summer time"),
        pytest.param("daily 02:30 Europe/Berlin", "03-29T00:00:00", "03-29T01:30:00", id="a skipped time"),
        pytest.param("daily 02:30 Europe/Berlin", "10-25T00:45:00", "10-26T01:30:00", id="a repeated time"),
        pytest.param("weekly mon 07:00", "11-02T07:00:01", "11-09T07:00:00", id="a week later"),
        pytest.param("weekly Friday 23:00 Asia/Tokyo", "11-06T15:00:00", "11-13T14:00:00", id="local day"),
    ],
)  # fmt: skip
def test_next_due(schedule, noted, due):
    assert next_due(parse_schedule(schedule), at(noted)) == at(due)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sometimes", "is not a schedule"),
        ("daily", "is not a schedule"),
        ("daily 25:00", "no valid time of day"),
        ("daily 7:60", "no valid time of day"),
        ("weekly someday 07:00", "no day of the week"),
        ("daily 07:00 Europe/Atlantis", "no IANA time zone"),
        ("daily 07:00 ../../etc/passwd", "no IANA time zone"),
    ],
)
def test_what_is_not_a_schedule(text, said):
    with pytest.raises(ValueError, match=said):
        parse_schedule(text)


def test_written_out_it_reads_the_same():
    for text in ("at once", "hourly", "daily 07:00 Europe/Berlin", "weekly sun 00:05 UTC"):
        assert str(parse_schedule(text)) == text
