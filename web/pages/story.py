"""`/story/{id}`: who carried a text, when, and who probably wrote it."""

from warehouse.reading.story import Member, find_members, find_pairs, find_story, find_story_id
from warehouse.text.syndication import OutgoingEntry, OutgoingFeed
from warehouse.text.web_links import web_link
from web.errors import NotFound
from web.parameters import parse_id
from web.view import RequestContext, View

MAX_MATRIX = 12  # articles whose similarities are shown as a matrix
ORIGIN_REASONS = {
    "credit": "most of its articles that credit somebody name this source",
    "declared": "a page of the story declares an address of this source as its original",
    "earliest": "it carried the text first",
}


def story(context: RequestContext) -> View:
    """Return the page of one story."""
    wanted_id = parse_id(context.path["id"], "a story")
    story_id = find_story_id(context.con, wanted_id)
    if story_id is None:
        raise NotFound(f"There is no story {wanted_id}.")
    summary = find_story(context.con, story_id)
    members = find_members(context.con, story_id)
    pairs = find_pairs(context.con, story_id)
    similarity = {frozenset((p.article_a, p.article_b)): p for p in pairs}
    values = {
        "story": summary,
        "members": members,
        "reason": ORIGIN_REASONS.get(summary.likely_origin_from, summary.likely_origin_from),
        "pairs": pairs,
        "matrix": members if 2 < len(members) <= MAX_MATRIX else (),
        "pair_of": lambda a, b: similarity.get(frozenset((a.article_id, b.article_id))),
    }
    data = {"story": summary, "articles": members, "pairs": pairs}
    return View(
        "story.html.j2", values, data, members, Member, _feed(context, summary.title, story_id, members)
    )


def _feed(context: RequestContext, title: str, story_id: str, members: tuple[Member, ...]) -> OutgoingFeed:
    address = f"{context.base_url}story/{story_id}"
    return OutgoingFeed(
        id=f"urn:uuid:{story_id}",
        title=f"wirehouse story: {title}",
        feed_url=f"{address}.atom",
        page_url=address,
        updated_at=max(member.first_seen_at for member in members),
        entries=[
            OutgoingEntry(
                id=f"urn:uuid:{m.article_id}",
                title=m.title,
                url=web_link(m.url) or f"{context.base_url}article/{m.article_id}",
                published_at=m.sort_at,
                updated_at=max(m.sort_at, m.first_seen_at),
                summary="",
                source=m.source_title,
                language=m.language,
            )
            for m in members
        ],
    )
