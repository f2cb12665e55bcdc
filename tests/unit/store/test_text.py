"""How text from the web is stored, and how results are output."""

from pathlib import Path

import pytest

from warehouse.inspection.explain import text_change
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


def test_text_change_names_whole_sentences():
    change = text_change("It rained. Ten came. All left.", "It rained. Twelve came. All left.\nMore follows.")
    assert change.removed == ["Ten came."]
    assert change.added == ["Twelve came.", "More follows."]
