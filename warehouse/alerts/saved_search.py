"""Saved searches: which changes of which articles are reported to whom, and when.

`searches.toml` declares them (`tasks.alerts.searches_file`); the outbox and the web pages use them.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from warehouse.alerts.saved_feed import SavedFeed
from warehouse.alerts.schedule import AT_ONCE, Schedule
from warehouse.reading.filters import Selection

# An article that was published longer before it was first seen is no news: the first poll of a source shows
# all that its feed lists.
MAX_AGE_DAYS = 7


class Trigger(StrEnum):
    """What can happen to an article that matches a saved search."""

    NEW = "new"
    EDIT = "edit"  # title or text changed after it was first seen
    STEALTH_EDIT = "stealth_edit"  # changed without a new modification time on the page
    GONE = "gone"  # the page answers 404 or 410


class Each(StrEnum):
    """What is reported once: a syndicated story, or each article of it."""

    STORY = "story"
    ARTICLE = "article"


class Channel(StrEnum):
    """How a recipient is reached."""

    WEBHOOK = "webhook"  # JSON by HTTP POST, signed
    APPRISE = "apprise"  # mail or chat, by an Apprise URL


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is notified, and when. Addresses and secrets are names of environment variables."""

    channel: Channel
    address: str
    secret: str | None = None  # signs webhooks
    schedule: Schedule = AT_ONCE

    @property
    def key(self) -> str:
        """Return how the outbox and messages name the recipient; it holds no secret."""
        return f"{self.channel} {self.address}"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A question that is asked of whatever is new."""

    name: str
    query: str
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    on: tuple[Trigger, ...] = (Trigger.NEW,)
    each: Each = Each.STORY
    max_age_days: int = MAX_AGE_DAYS
    recipients: tuple[Recipient, ...] = ()

    @property
    def selection(self) -> Selection:
        """Return the articles that match, of any time."""
        return Selection(self.query, self.sources, self.languages)

    def reports(self, change: Trigger) -> bool:
        """Say whether a change is reported; a stealth edit is also an edit."""
        return change in self.on or (change is Trigger.STEALTH_EDIT and Trigger.EDIT in self.on)


@dataclass(frozen=True, slots=True)
class SavedSearches:
    """The content of `searches.toml`."""

    searches: tuple[SavedSearch, ...] = ()
    browse_url: str | None = None  # where readers of messages find the pages of `wirehouse browse`
    feeds: tuple[SavedFeed, ...] = ()
    feeds_folder: Path | None = None  # where feeds are written as files; None: they are not
    feeds_url: str | None = None  # where readers find that folder

    def items(self) -> tuple[SavedSearch | SavedFeed, ...]:
        """Return all that can be read as a feed."""
        return (*self.searches, *self.feeds)

    def by_name(self) -> dict[str, SavedSearch]:
        """Return the searches keyed by name."""
        return {search.name: search for search in self.searches}
