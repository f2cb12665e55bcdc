"""What is checked of the deployments before anything starts."""

import pytest

from flows.serving.prefect_file import find_prefect_file, read_deployments
from tasks.errors import UsageError


@pytest.mark.parametrize("zone", ["Mars", "../../etc/passwd", "Europe"])
def test_an_unknown_time_zone_of_schedules_is_wrong_usage(monkeypatch, zone):
    monkeypatch.setenv("WIREHOUSE_TIMEZONE", zone)
    with pytest.raises(UsageError, match=f"WIREHOUSE_TIMEZONE: '{zone}' is not an IANA time zone"):
        read_deployments(find_prefect_file(None))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", ""])
def test_a_known_time_zone_and_an_empty_variable_are_accepted(monkeypatch, zone):
    monkeypatch.setenv("WIREHOUSE_TIMEZONE", zone)
    assert read_deployments(find_prefect_file(None))["deployments"]
