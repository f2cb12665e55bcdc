"""What the API answers with; the schema (`web.api.schema`) is made from these types."""

from dataclasses import dataclass
from datetime import datetime

from warehouse.reading.article import ArticleText, Copy, FieldOrigin, RevisionRow
from warehouse.reading.attention import AttentionPoint
from warehouse.reading.changes import Change
from warehouse.reading.find import DayVolume, FacetValue
from warehouse.reading.sources import SourceSum
from warehouse.reading.story import Member, StoryPair, StorySum
from warehouse.reading.words import WordShare
from warehouse.search.parts import Inflection
from warehouse.text.diffs import DiffPart
from web.pages.edits import EditLine
from web.pages.search import ResultRow


@dataclass(frozen=True, slots=True)
class ArticleList:
    """Articles, and how to get the next ones."""

    articles: list[ResultRow]
    total: int  # articles that match
    n_stories: int  # stories that they belong to
    next: str | None  # value of `after` for the next page; null on the last one


@dataclass(frozen=True, slots=True)
class ArticleAnswer:
    """One article with its text."""

    article: ArticleText


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """The text of one article, a paragraph per line."""

    article_id: str
    title: str
    language: str | None
    direction: str  # ltr, rtl
    body: str


@dataclass(frozen=True, slots=True)
class OriginList:
    """What each place of the page said of each field."""

    origins: list[FieldOrigin]


@dataclass(frozen=True, slots=True)
class CopyList:
    """Articles that share text with this one."""

    copies: list[Copy]


@dataclass(frozen=True, slots=True)
class RevisionList:
    """Titles and texts that the article has had."""

    revisions: list[RevisionRow]


@dataclass(frozen=True, slots=True)
class DiffAnswer:
    """How two revisions of an article differ."""

    from_revision: int
    to_revision: int
    title: list[DiffPart]
    body: list[DiffPart]


@dataclass(frozen=True, slots=True)
class ArchivePlace:
    """Where the archived page lies; null when the article was imported."""

    archive_file: str | None
    archive_offset: int | None
    archive_length: int | None
    fetched_at: datetime
    body_sha256: str | None
    text_sha256: str


@dataclass(frozen=True, slots=True)
class StoryAnswer:
    """A story, its articles, and which of them were found to share text."""

    story: StorySum
    articles: list[Member]
    pairs: list[StoryPair]


@dataclass(frozen=True, slots=True)
class FacetAnswer:
    """What the matching articles divide into."""

    total: int
    n_stories: int
    n_edited: int
    n_copied: int
    sources: list[FacetValue]
    languages: list[FacetValue]
    days: list[DayVolume]
    inflections: list[Inflection]  # forms that the question's ~words were searched for in


@dataclass(frozen=True, slots=True)
class AttentionAnswer:
    """Matching articles over time, with their share of all articles."""

    interval: str
    points: list[AttentionPoint]


@dataclass(frozen=True, slots=True)
class WordList:
    """Words that stand out in the headlines of the latest matching stories, the strongest first."""

    words: list[WordShare]


@dataclass(frozen=True, slots=True)
class EditList:
    """Edits, the latest first."""

    edits: list[EditLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class SourceList:
    """All sources."""

    sources: list[SourceSum]


@dataclass(frozen=True, slots=True)
class DailyVolumes:
    """Articles and stories of a source by day."""

    days: list[DayVolume]


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Articles that are new or have changed, in the order of their loads."""

    articles: list[Change]
    next: str  # value of `after` to continue with; the same as given when nothing is new


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the server answers, and from which snapshot."""

    status: str
    published_at: datetime
    n_articles: int
