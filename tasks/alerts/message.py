"""What a message says: text for mail and chat, JSON for webhooks. Pure.

Text only, no markup: a title cannot become a link or a tag in anybody's mail program. Words of the question
stand between asterisks; an edit is written as wdiff writes it: [-removed-]{+added+}.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from warehouse.alerts.contents import AlertContent
from warehouse.alerts.outbox import Alert
from warehouse.alerts.saved_search import SavedSearch, Trigger
from warehouse.text.diffs import DiffKind, DiffPart, word_diff
from warehouse.text.marks import mark
from warehouse.wording import plural

MAX_SHOWN = 50  # articles of a search in one message of text; JSON has all
_CONTEXT = 60  # characters shown on each side of a change
_NAMESPACE = uuid.UUID("6a1f3c52-6d0a-4f57-9a53-9f5f0c3b7d11")
_WHAT = {
    Trigger.NEW: "new",
    Trigger.EDIT: "edited",
    Trigger.STEALTH_EDIT: "edited without an update time",
    Trigger.GONE: "gone from its site",
}


@dataclass(frozen=True, slots=True)
class AlertText:
    """A message for people."""

    subject: str
    body: str


def text_of(
    contents: Sequence[AlertContent], searches: dict[str, SavedSearch], browse_url: str | None
) -> AlertText:
    """Return a message about alerts, grouped by search; each group names its search and question."""
    groups = [(name, list(group)) for name, group in groupby(contents, key=lambda c: c.alert.search)]
    counts = ", ".join(f"{name}: {len(group)}" for name, group in groups)
    parts = [_search_text(searches[name], group, browse_url) for name, group in groups]
    return AlertText(_one_line(f"wirehouse: {counts}"), "\n\n".join(parts) + "\n")


def payload(
    message_id: str,
    contents: Sequence[AlertContent],
    search: SavedSearch,
    browse_url: str | None,
    now: datetime,
) -> bytes:
    """Return the JSON of a webhook: the search, and its articles with diffs and links. UTF-8."""
    document = {
        "id": message_id,
        "sent_at": _instant(now),
        "search": {
            "name": search.name,
            "query": search.query,
            "url": f"{browse_url}searches/{search.name}" if browse_url else None,
        },
        "articles": [_article_json(content, browse_url) for content in contents],
    }
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _article_json(content: AlertContent, browse_url: str | None) -> dict[str, Any]:
    alert, article, edit = content.alert, content.article, content.edit
    name = f"{alert.search} {alert.article_id} {alert.revision_no} {alert.change}"
    return {
        "id": str(uuid.uuid5(_NAMESPACE, name)),
        "change": alert.change.value,
        "article_id": alert.article_id,
        "revision": alert.revision_no,
        "story_id": article.story_id,
        "copies": article.n_copies,
        "url": article.url,
        "link": _link(content, browse_url),
        "title": article.title,
        "source": article.source,
        "source_title": article.source_title,
        "language": article.language,
        "published_at": _instant(article.published_at) if article.published_at else None,
        "published_on": article.published_on.isoformat() if article.published_on else None,
        "lead": [{"text": part.text, "marked": part.is_marked} for part in mark(article.lead, content.words)],
        "diff": edit
        and {
            "title": _diff_json(word_diff(edit.title_before, edit.title)),
            "body": _diff_json(word_diff(edit.body_before, edit.body)),
        },
    }


def _diff_json(parts: Iterable[DiffPart]) -> list[dict[str, str]]:
    return [{"kind": part.kind.value, "text": part.text} for part in parts]


def _search_text(search: SavedSearch, contents: Sequence[AlertContent], browse_url: str | None) -> str:
    where = f"\n{browse_url}searches/{search.name}" if browse_url else ""
    head = f"Saved search '{search.name}' ({search.query}): {plural(len(contents), 'change')}{where}"
    shown = [_article_text(content, browse_url) for content in contents[:MAX_SHOWN]]
    more = [f"... and {len(contents) - MAX_SHOWN} more"] if len(contents) > MAX_SHOWN else []
    return "\n\n".join([head, *shown, *more])


def _article_text(content: AlertContent, browse_url: str | None) -> str:
    article = content.article
    lines = [
        _one_line(_marked_text(article.title, content.words)),
        ", ".join([_what(content.alert), _one_line(article.source_title), _when(content), *_copies(content)]),
    ]
    if content.edit:
        lines += list(_edit_lines(content))
    elif article.lead:
        lines.append(_one_line(_marked_text(article.lead, content.words)))
    links = [article.url, _link(content, browse_url)]
    return "\n".join([*lines, *dict.fromkeys(link for link in links if link)])


def _what(alert: Alert) -> str:
    is_known = alert.change is Trigger.NEW and alert.revision_no > 1
    return "matches since an edit" if is_known else _WHAT[alert.change]


def _edit_lines(content: AlertContent) -> Iterator[str]:
    edit = content.edit
    assert edit is not None
    if edit.title_before != edit.title:
        yield "Title: " + _one_line(_wdiff(word_diff(edit.title_before, edit.title)))
    if edit.body_before != edit.body:
        yield "Text: " + _one_line(_wdiff(word_diff(edit.body_before, edit.body)))


def _wdiff(parts: Sequence[DiffPart]) -> str:
    shown = []
    for i, part in enumerate(parts):
        if part.kind is DiffKind.REMOVED:
            shown.append(f"[-{part.text}-]")
        elif part.kind is DiffKind.ADDED:
            shown.append(f"{{+{part.text}+}}")
        else:
            shown.append(_shortened(part.text, is_first=i == 0, is_last=i == len(parts) - 1))
    return "".join(shown)


def _shortened(text: str, *, is_first: bool, is_last: bool) -> str:
    """Return unchanged text; a long one is cut to what is next to a change."""
    head, tail = ("" if is_first else text[:_CONTEXT]), ("" if is_last else text[-_CONTEXT:])
    if len(text) <= len(head) + len(tail):
        return text
    return f"{head}[...]{tail}"


def _when(content: AlertContent) -> str:
    article = content.article
    if article.published_at:
        return f"{article.published_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return article.published_on.isoformat() if article.published_on else "no date"


def _copies(content: AlertContent) -> list[str]:
    n = content.article.n_copies
    return [f"{plural(n, 'copy')} in {plural(content.article.n_other_sources, 'other source')}"] if n else []


def _link(content: AlertContent, browse_url: str | None) -> str | None:
    return f"{browse_url}article/{content.alert.article_id}" if browse_url else None


def _marked_text(text: str, words: str) -> str:
    return "".join(f"*{part.text}*" if part.is_marked else part.text for part in mark(text, words))


def _one_line(text: str) -> str:
    """Return text on one line: a title must not look like a heading or a link of ours."""
    return " ".join(text.split())


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
