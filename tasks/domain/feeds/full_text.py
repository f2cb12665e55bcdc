"""Whether a feed's item carries its whole article, and the article's HTML.

Part of `normalise`. Only elements for content are asked (`content:encoded`, Atom `content`, JSON Feed
`content_html`): a summary is never taken for the article, and neither is a beginning that leads to the site.
"""

import html
import re

from tasks.domain.text.language import count_words
from tasks.domain.text.vocabulary import alternatives

MAX_CONTENT = 500_000  # characters; longer items are compilations
MIN_WORDS = 60  # with at least two paragraphs; teasers have 20 to 60 words
MIN_WORDS_IN_ONE = 150  # of a text in a single paragraph
MIN_GAIN = 1.5  # times the words of the item's summary
_LONGEST_POINTER = 120  # characters of a line that leads to the rest

_PACKAGE = "tasks.domain.feeds"
_DROPPED = re.compile(r"(?is)<(script|style|figure|form|iframe)\b[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_BREAK = re.compile(
    r"(?i)</?(?:article|blockquote|br|div|h[1-6]|hr|li|ol|p|pre|section|table|td|tr|ul)\b[^>]*>"
)
_TAG = re.compile(r"<[^<>]*>")
_CUT = re.compile(r"(?:…|\.\.\.|[\[(]\s*(?:…|\.\.\.|&hellip;)\s*[\])])[\s\"'”»]*$")
_CONTINUED = re.compile(rf"[\s\W]*(?:{alternatives(_PACKAGE, 'continued')})(?!\w|\s*:)(?P<rest>.*)", re.I)
_SENTENCE_END = re.compile(r"[.!?。！？][\s\"'”»)]*$")
_FOOTER = re.compile(rf"[\s\W]*(?:{alternatives(_PACKAGE, 'feed_footer')})", re.I)


def whole_article(content: str | None, summary: str | None) -> str | None:
    """Return the content as HTML when it is the whole article, without what feed software adds; else None."""
    if not content or len(content) > MAX_CONTENT:
        return None
    article = _without_footer(content)
    lines = text_lines(article)
    if not lines or _leads_to_the_rest(lines[-1]):
        return None
    n_words = sum(map(count_words, lines))
    if n_words < (MIN_WORDS if len(lines) > 1 else MIN_WORDS_IN_ONE):
        return None
    n_summary_words = sum(map(count_words, text_lines(_without_footer(summary or ""))))
    return article if n_words >= MIN_GAIN * n_summary_words else None


def text_lines(content: str) -> list[str]:
    """Return the lines of a piece of HTML that hold a word."""
    text = _TAG.sub("", _BREAK.sub("\n", _DROPPED.sub(" ", content)))
    lines = (" ".join(line.split()) for line in html.unescape(text).splitlines())
    return [line for line in lines if any(map(str.isalnum, line))]


def plain_as_html(text: str) -> str:
    """Return plain text as HTML, a paragraph for each line."""
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())


def _without_footer(content: str) -> str:
    start = content.lower().rfind("<p")
    if start <= 0:
        return content
    last = " ".join(text_lines(content[start:]))
    return content[:start] if _FOOTER.fullmatch(last) else content


def _leads_to_the_rest(line: str) -> bool:
    """Say whether a text's last line is truncated, or points to the site ("Continue reading …")."""
    if _CUT.search(line):
        return True
    pointer = _CONTINUED.match(line) if len(line) <= _LONGEST_POINTER else None
    if pointer is None:
        return False
    # "Read more" alone, or with the headline; a sentence that starts with these words has an end.
    return not any(map(str.isalnum, pointer["rest"])) or _SENTENCE_END.search(line) is None
