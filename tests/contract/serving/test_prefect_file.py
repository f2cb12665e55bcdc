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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("deployments: [ingest]", "deployment 1 has no name and no entrypoint.", id="a word"),
        pytest.param("deployments:\n- name: a", "deployment 1 has no entrypoint.", id="no entrypoint"),
        pytest.param("deployments:\n-", "deployment 1 has no name and no entrypoint.", id="nothing"),
        pytest.param("deployments: ingest", "has no deployments.", id="not a list"),
        pytest.param("deployments: [", "is not valid YAML: ", id="cut"),
        pytest.param(None, "cannot be read: No such file or directory.", id="no file"),
    ],
)
def test_a_file_that_is_none_of_deployments_is_named_with_the_reason(tmp_path, text, reason):
    file = tmp_path / "prefect.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_deployments(file)
    assert str(caught.value).startswith(f"'{file}'")
    assert reason in str(caught.value)
