"""Text from the web in Markdown artifacts stays text."""

import pytest

from flows.reports.markdown import escaped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Harbour board meets", "Harbour board meets"),
        ("[free](https://evil.example)", r"\[free\]\(https\:\/\/evil\.example\)"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert\(1\)\>"),
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("a | b", r"a \| b"),
        ("one\n\n# two", r"one \# two"),
        ("AT&amp;T", r"AT\&amp;T"),
        ("\x1b[31mred", r" \[31mred"),
    ],
    ids=[
        "plain",
        "link",
        "HTML",
        "emphasis",
        "table cell",
        "heading on a new line",
        "entity",
        "escape sequence",
    ],
)
def test_escaped(text, expected):
    assert escaped(text) == expected
