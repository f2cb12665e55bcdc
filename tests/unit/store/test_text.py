"""How text from the web is stored, and how results are output."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flows.terminal.output import csv_value, json_value, unique_names
from warehouse.inspection.explain import text_change
from warehouse.search.search import snippet_of
from warehouse.store.filesystem import network_type
from warehouse.store.text import clean_text


@pytest.mark.parametrize(
    ("text", "limit", "stored"),
    [
        pytest.param("plain", 100, "plain", id="plain text stays"),
        pytest.param("a\nb\tc", 100, "a\nb\tc", id="newline and tab stay"),
        pytest.param("a\x00b\x07c", 100, "abc", id="NUL and other control characters are removed"),
        pytest.param("a\ud800b", 100, "ab", id="a lone surrogate is removed"),
        pytest.param("a\u202eb\u2066c", 100, "abc", id="bidi override and isolate are removed"),
        pytest.param("א\u200fב", 100, "א\u200fב", id="a right-to-left mark stays"),
        pytest.param(
            "soft\u00adhyphen\u200b", 100, "soft\u00adhyphen\u200b", id="soft hyphen and zero width stay"
        ),
        pytest.param("x" * 50, 10, "x" * 10, id="too long is cut"),
        pytest.param(
            "'; drop table core.article; --", 100, "'; drop table core.article; --", id="SQL is text"
        ),
    ],
)
def test_clean_text(text, limit, stored):
    assert clean_text(text, limit) == stored


@pytest.mark.parametrize(
    ("path", "mounts", "kind"),
    [
        pytest.param("/srv/data", "/dev/vda / ext4 rw 0 0\n", None, id="local"),
        pytest.param("/srv/data", "/dev/vda / ext4 rw 0 0\nhost:/x /srv nfs4 rw 0 0\n", "nfs4", id="nfs"),
        pytest.param(
            "/srvother", "/dev/vda / ext4 rw 0 0\nhost:/x /srv nfs4 rw 0 0\n", None, id="a like name"
        ),
        pytest.param(
            "/srv/fast",
            "h:/x /srv nfs rw 0 0\n/dev/sdb /srv/fast xfs rw 0 0\n",
            None,
            id="a local disk inside",
        ),
        pytest.param("/my data/x", "//h/s /my\\040data cifs rw 0 0\n", "cifs", id="a space in the name"),
        pytest.param("/m/x", "user@h: /m fuse.sshfs rw 0 0\n", "fuse.sshfs", id="sshfs"),
    ],
)
def test_network_type(path, mounts, kind):
    assert network_type(Path(path), mounts) == kind


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at sign"),
        pytest.param("-2+3", "'-2+3", id="minus in text"),
        pytest.param("\t=1", "'\t=1", id="tab before"),
        pytest.param("＝1", "'＝1", id="full-width equals"),
        pytest.param(-3, -3, id="a number stays a number"),
        pytest.param("a=b", "a=b", id="equals inside"),
        pytest.param(None, "", id="null is empty"),
        pytest.param(True, "true", id="boolean"),
        pytest.param(["a"], '["a"]', id="list as JSON"),
    ],
)
def test_csv_value(value, cell):
    assert csv_value(value) == cell


@pytest.mark.parametrize(
    ("value", "as_json"),
    [
        pytest.param(datetime(2022, 1, 10, 13, 58, tzinfo=UTC), "2022-01-10T13:58:00+00:00", id="instant"),
        pytest.param(date(2022, 1, 10), "2022-01-10", id="day"),
        pytest.param(Decimal("2.50"), 2.5, id="decimal"),
        pytest.param(Decimal(7), 7, id="whole decimal"),
        pytest.param(float("nan"), None, id="NaN is null"),
        pytest.param(b"\x00\xff", "00ff", id="bytes"),
        pytest.param({"a": [date(2022, 1, 1)]}, {"a": ["2022-01-01"]}, id="nested"),
    ],
)
def test_json_value(value, as_json):
    assert json_value(value) == as_json


def test_a_repeated_column_name_gets_a_number():
    assert unique_names(["url", "url", "n", "url"]) == ["url", "url_1", "n", "url_2"]


def test_text_change_names_whole_sentences():
    change = text_change("It rained. Ten came. All left.", "It rained. Twelve came. All left.\nMore follows.")
    assert change.removed == ["Ten came."]
    assert change.added == ["Twelve came.", "More follows."]


def test_snippet_stands_around_the_word():
    body = "First words here. " * 20 + "The needle lies here. " + "Last words. " * 20
    snippet = snippet_of(body, ["needle"])
    assert "needle" in snippet
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert len(snippet) < 170
