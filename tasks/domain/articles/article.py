"""HTML of one page -> Article. After fetch, before deduplicate.

One decode, one parse, one tree that all readers share. Every field's candidates are collected with
their origin and evidence, a rule chooses, and what disagrees with the winner is kept beside it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version

from tasks.domain.articles.about import About, read_about
from tasks.domain.articles.certainty import judge_certainty
from tasks.domain.articles.evidence import BodyEvidence, Evidence, collect_evidence
from tasks.domain.articles.fields import (
    Fields,
    author_origins,
    date_origins,
    disagreeing,
    read_fields,
    title_origins,
)
from tasks.domain.articles.links import read_links
from tasks.domain.articles.page_shape import PageShape, judge_shape, read_shape
from tasks.domain.articles.partial import find_partial_evidence
from tasks.domain.articles.refusal import judge_page
from tasks.domain.bodies.body import BodyHints, read_body
from tasks.domain.bodies.json_ld_body import linked_text
from tasks.domain.credits.credit import Credit, Dateline, collect_credits, read_dateline, source_line
from tasks.domain.duplicates.fingerprint import content_sha256
from tasks.domain.pages.metadata import PageReading, find_canonical, read_page_head
from tasks.domain.pages.paragraphs import paragraphs_length
from tasks.domain.pages.source_rules import strip_patterns
from tasks.domain.pages.tree import binary_kind, decode_page, parse_html
from tasks.domain.text.language import count_words, identify_language, reading_direction
from tasks.domain.text.normalise import squeeze
from tasks.domain.urls.canonical import identity_key
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records.article import Article, Candidate, FieldCertainty
from warehouse.records.feed import FeedEntry
from warehouse.records.page import ArchiveRef
from warehouse.records.source import Source

RULES_VERSION = "2"
EXTRACTOR = f"wirehouse-extract {RULES_VERSION} (trafilatura {version('trafilatura')})"
_TITLE_CHARACTERS = 100  # of a title that is the text's first words


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known of a page beside its bytes."""

    url: str
    final_url: str
    url_key: str
    content_type: str | None = None
    fetched_at: datetime | None = None
    entry: FeedEntry | None = None
    ref: ArchiveRef | None = None
    is_truncated: bool = False  # the bytes are only the beginning of the page


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page holds, and why it is refused if it is not an article."""

    article: Article
    refusal: ExtractionError | None
    evidence: Evidence


def parse_article(html: bytes, page: PageContext, source: Source) -> Article:
    """Return the article that a page holds.

    Raises ExtractionError when the page holds none; its class and sentence say why.
    """
    reading = read_article(html, page, source)
    if reading.refusal is not None:
        raise reading.refusal
    return reading.article


def read_article(html: bytes, page: PageContext, source: Source) -> Reading:
    """Return all that a page says, even of one that is refused as no article.

    Raises ExtractionError when the bytes hold no markup at all.
    """
    if kind := binary_kind(html):
        raise ExtractionError(page.url, ErrorClass.CONTENT_TYPE, f"The answer is {kind}, not a page of text.")
    text = decode_page(html, page.content_type)
    root = parse_html(text)
    if root is None or not any(map(squeeze, root.itertext())):
        raise ExtractionError(page.url, ErrorClass.EMPTY, "The page is empty: no markup and no words.")
    head = read_page_head(root, page.final_url or page.url)
    fields = read_fields(head, source, page.entry, page.fetched_at)
    canonical = find_canonical(head)
    declared = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    shape = read_shape(head)
    n_paragraph_characters = paragraphs_length(root)
    body = read_body(root, head.lines, _hints(head, fields, source), lambda: parse_html(text))
    language = identify_language(body.text, declared or source.language)
    article = _assemble(page, source, fields, body.text, language)
    article = _with_credit(article, head, fields, body.credits, source)
    about = read_about(head, fields.articles)
    evidence = collect_evidence(fields, _body_evidence(article, fields, about, n_paragraph_characters))
    article = _completed(article, page, head, canonical, about, judge_certainty(evidence))
    sign = "WARC-Truncated" if page.is_truncated else None
    sign = sign or find_partial_evidence(head, article.body, article.word_count)
    article = _with_partial(article, sign)
    return Reading(article, _refusal(article, head, shape, fields, source), evidence)


def _with_partial(article: Article, sign: str | None) -> Article:
    """Return the article marked as a beginning where a sign of a paywall or of a cut page was found."""
    if sign is None:
        return article
    origin = Candidate("is_partial", "true", "page", sign[:200], chosen=True)
    return replace(article, is_partial=True, origins=(*article.origins, origin))


def _completed(
    article: Article,
    page: PageContext,
    head: PageReading,
    canonical: str | None,
    about: About,
    certainty: FieldCertainty,
) -> Article:
    """Return the article with its addresses and links, what the page says about it, and how sure it is."""
    return replace(
        article,
        canonical_url=canonical,
        identity_key=identity_key(page.url_key, page.url, page.final_url or page.url, canonical),
        links=read_links(head.root, article.body, head.url),
        section=about.section,
        tags=about.tags,
        image_url=about.image_url,
        description=about.description,
        certainty=certainty,
    )


def _body_evidence(
    article: Article, fields: Fields, about: About, n_paragraph_characters: int
) -> BodyEvidence:
    return BodyEvidence(
        text=article.body,
        paragraphs_length=n_paragraph_characters,
        linked=linked_text(fields.articles),
        description=about.description or "",
        is_marked=bool(fields.articles),
    )


def _hints(head: PageReading, fields: Fields, source: Source) -> BodyHints:
    return BodyHints(
        titles=tuple(dict.fromkeys(text for named in fields.titles for text in (named.value, named.raw))),
        authors=fields.authors,
        strip=strip_patterns(source.article),
        selector=source.article.body,
        linked=linked_text(fields.articles),
        url=head.url,
        is_marked=bool(fields.articles) or next(head.root.iter("article"), None) is not None,
    )


def _assemble(page: PageContext, source: Source, fields: Fields, body: str, language: str | None) -> Article:
    return Article(
        source=source.name,
        url=page.url,
        url_key=page.url_key,
        title=fields.title.value if fields.title else _first_words(body),
        body=body,
        published=fields.published.moment,
        modified=fields.modified.moment,
        dates_disagree=fields.published.disagree,
        authors=fields.authors,
        author_kinds=fields.author_kinds,
        language=language,
        site_name=fields.site_name,
        word_count=count_words(body),
        direction=reading_direction(body),
        final_url=page.final_url,
        extractor=EXTRACTOR,
        content_sha256=content_sha256(body) if body else "",
        fetched_at=page.fetched_at,
        ref=page.ref,
        origins=(*title_origins(fields), *date_origins(fields), *author_origins(fields)),
    )


def _with_credit(
    article: Article, head: PageReading, fields: Fields, credit_lines: tuple[str, ...], source: Source
) -> Article:
    """Return the article with the credited source, its dateline's place, and all origins."""
    first = article.body.partition("\n")[0]
    lines = [*fields.near.nearest(6, 12), *credit_lines]
    named = [name for line in lines if (name := source_line(line))]
    dateline = read_dateline(first, [source.title, *named, fields.site_name or ""])
    credits = collect_credits(
        lines=lines,
        body=article.body,
        dateline=dateline,
        bylines=[byline.raw for byline in fields.bylines],
        linked=head.linked,
        articles=fields.articles,
    )
    origins = [*article.origins, *_credit_origins(credits, dateline), *_site_origins(fields)]
    return replace(
        article,
        source_credit=credits[0].value if credits else None,
        dateline_place=dateline.place if dateline else None,
        origins=disagreeing(origins),
    )


def _credit_origins(credits: list[Credit], dateline: Dateline | None) -> list[Candidate]:
    origins = [
        Candidate("source_credit", credit.value, credit.origin, credit.evidence, credit is credits[0])
        for credit in credits
    ]
    if dateline and dateline.place:
        origins.append(Candidate("dateline_place", dateline.place, "dateline", dateline.raw[:200], True))
    return origins


def _site_origins(fields: Fields) -> list[Candidate]:
    if not fields.site_name:
        return []
    return [Candidate("site_name", fields.site_name, "page", fields.site_name[:200], True)]


def _first_words(body: str) -> str:
    """Return the beginning of the text: the title of an article without a headline."""
    line = body.partition("\n")[0]
    return line if len(line) <= _TITLE_CHARACTERS else f"{line[:_TITLE_CHARACTERS].rpartition(' ')[0]} …"


def _refusal(
    article: Article, head: PageReading, shape: PageShape, fields: Fields, source: Source
) -> ExtractionError | None:
    title = fields.title.value if fields.title else None
    verdict = judge_page(
        head,
        title=title,
        body=article.body,
        n_words=article.word_count,
        language=article.language,
        source_language=source.language,
        has_date=article.published is not None,
        requested_url=article.url,
    ) or judge_shape(shape, head, title or "", article.body, article.word_count)
    return ExtractionError(article.url, verdict.error_class, verdict.reason) if verdict else None
