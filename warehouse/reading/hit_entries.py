"""Articles of a list of results as entries of a feed. Pure."""

from collections.abc import Iterable

from warehouse.reading.find import Hit
from warehouse.text.syndication import OutgoingEntry
from warehouse.text.web_links import web_link


def entries_of_hits(hits: Iterable[Hit], browse_url: str | None) -> list[OutgoingEntry]:
    """Return the articles that have an address as entries; their ids are the same after a rebuild.

    The link leads to the page itself where that may be a link, else to the article's page in browse.
    """
    return [entry for hit in hits if (entry := _entry(hit, browse_url)) is not None]


def _entry(hit: Hit, browse_url: str | None) -> OutgoingEntry | None:
    url = web_link(hit.url) or (f"{browse_url}article/{hit.article_id}" if browse_url else "")
    if not url:
        return None
    return OutgoingEntry(
        id=f"urn:uuid:{hit.article_id}",
        title=hit.title,
        url=url,
        published_at=hit.published_at,
        updated_at=max(hit.sort_at, hit.first_seen_at),
        summary=hit.lead,
        source=hit.source_title,
        language=hit.language,
    )
