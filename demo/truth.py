"""The expected results of the demo sites, as a perfect pipeline would return them.

`truth.jsonl` beside this file is the truth of both phases, with `http://SOURCE.example` instead of
the running sites' URLs; run `python -m demo.truth` to rewrite it after a text was edited.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from demo.content import HERE, Kind, Site, Story, Web, read_web
from demo.feeds import entry_url

TRUTH_FILE = HERE / "truth.jsonl"


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """The truth of one link of the demo sites in one phase."""

    source: str
    path: str  # of the page on its site; the same in every run, unlike the port
    url: str  # as the feed or listing gives it
    kind: Kind
    title: str  # white space as single spaces; some pages print an ideographic one
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


def site_truth(web: Web, site: Site, phase: int, base_of: Callable[[Site], str]) -> list[TruthRecord]:
    """Return the truth of a site in a phase, newest first; `base_of` returns the URL of a site."""
    shelf = web.at_phase(site, phase)
    listed = [s for s in shelf if s.kind == Kind.ARTICLE or site.feed != "listing"][: site.page_size]

    def url(story: Story) -> str:
        return entry_url(story, base_of(story.site))

    originals = {(s.site.name, s.slug): url(s) for s in web.stories}
    return [_record(s, url(s), originals[s.copy_of] if s.copy_of else None, s in listed) for s in shelf]


def truth_lines(web: Web) -> str:
    """Return the truth of both phases as JSON lines; of the second only what differs from the first."""
    records = [
        record
        for phase in (0, 1)
        for site in web.sites
        for record in site_truth(web, site, phase, lambda s: f"http://{s.name}.example")
        if record.phase == phase
    ]
    return "".join(f"{truth_line(record)}\n" for record in records)


def truth_line(record: TruthRecord) -> str:
    """Return one record as a line of JSON, dates in ISO 8601."""
    return json.dumps(asdict(record), ensure_ascii=False, default=_iso)


def _iso(value: date) -> str:
    return value.isoformat()


def _record(story: Story, url: str, copy_of: str | None, in_feed: bool) -> TruthRecord:
    """Return the truth of a story as shown by its site."""
    is_article = story.kind == Kind.ARTICLE
    is_timed = not story.site.day_only
    return TruthRecord(
        source=story.site.name,
        path=story.path,
        url=url,
        kind=story.kind,
        title=" ".join(story.title.split()),
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


if __name__ == "__main__":
    TRUTH_FILE.write_text(truth_lines(read_web()), "utf-8")
