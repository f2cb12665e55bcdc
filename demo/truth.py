"""What a perfect pipeline would make of the demo web, site by site."""

from dataclasses import dataclass
from datetime import date, datetime

from demo.content import Kind, Story


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """The truth of one link of the demo web in one phase."""

    source: str
    path: str  # of the page on its site; the same in every run, unlike the port
    url: str  # as the feed or listing gives it
    kind: Kind
    title: str
    body: str | None  # paragraphs joined by newlines; None unless kind is ARTICLE
    published_at: datetime | None  # aware, UTC; None when the page prints only a day
    published_on: date
    published_local: datetime | None  # naive, as printed
    authors: tuple[str, ...]
    language: str
    source_credit: str | None
    copy_of: str | None  # url of the article whose text this one took
    phase: int  # since which phase the page reads like this
    in_feed: bool  # the polled feed lists it; else only the archive does


def truth_record(story: Story, url: str, copy_of: str | None, in_feed: bool) -> TruthRecord:
    """The truth of a story as its site shows it."""
    is_article = story.kind == Kind.ARTICLE
    is_timed = not story.site.day_only
    return TruthRecord(
        source=story.site.name,
        path=story.path,
        url=url,
        kind=story.kind,
        title=story.title,
        body=story.body if is_article else None,
        published_at=story.at if is_timed else None,
        published_on=story.local.date(),
        published_local=story.local if is_timed else None,
        authors=story.authors,
        language=story.site.language,
        source_credit=story.credit,
        copy_of=copy_of,
        phase=story.phase,
        in_feed=in_feed,
    )
