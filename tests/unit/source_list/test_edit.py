"""Edits of sources.toml: what changes, and that nothing else does."""

import pytest

from tasks.domain.source_list.edit import EditRefused, with_moved_feeds, without_source

A = '[[source]]\nname = "a"\ntitle = "A"\n[[source.feed]]\nurl = "http://a.example/f"  # main\n'
B = '[[source]]\nname = "b"\ntitle = "B"\n'
MOVE = {"http://a.example/f": "https://a.example/feed"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param(A + "\n" + B, A + "\n", id="the last"),
        pytest.param("# Top.\n\n" + B + "\n" + A, "# Top.\n\n" + A, id="the first, with a comment apart"),
        pytest.param("# Top.\n" + B + A, "# Top.\n" + A, id="a comment at the top is the file's"),
        pytest.param(A + "\n# Of b.\n" + B, A + "\n", id="its comment"),
        pytest.param(
            A + B + "# Its end.\n\n" + A.replace('"a"', '"c"'), A + A.replace('"a"', '"c"'), id="between"
        ),
        pytest.param(B + "[source.pace]\ndelay_s = 2\n\n[defaults]\n", "[defaults]\n", id="sub-tables"),
        pytest.param((B + "\n" + A).replace("\n", "\r\n"), A.replace("\n", "\r\n"), id="line ends"),
        pytest.param('x = """\n[[source]]\n"""\n' + B, None, id="a header inside a string"),
        pytest.param('source = [{name = "b", title = "B"}]\n', None, id="written in one line"),
    ],
)
def test_a_source_is_removed(text, left):
    if left is None:
        with pytest.raises(EditRefused):
            without_source(text, "b")
    else:
        assert without_source(text, "b") == left


MOVED = A.replace("http://a.example/f", "https://a.example/feed")


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        pytest.param(A, MOVED, id="its comment stays"),
        pytest.param("# http://a.example/f\n" + A, "# http://a.example/f\n" + MOVED, id="not in a comment"),
        pytest.param(A.replace('"http://a.example/f"', "'http://a.example/f'"), MOVED, id="single quotes"),
        pytest.param(A.replace("/f", "/f/"), A.replace("/f", "/f/"), id="another URL"),
        pytest.param(
            'source = [{name = "a", feed = [{url="http://a.example/f", kind = "rss"}]}]\n',
            'source = [{name = "a", feed = [{url="https://a.example/feed", kind = "rss"}]}]\n',
            id="inline table",
        ),
    ],
)
def test_a_feed_is_moved(text, moved):
    assert with_moved_feeds(text, MOVE) == moved


def test_a_url_written_with_escapes_is_refused():
    with pytest.raises(EditRefused):
        with_moved_feeds(A.replace("http://a.example/f", "http://a.example\\u002Ff"), MOVE)
