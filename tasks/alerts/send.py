"""Reports what saved searches found: notes it as due on the newest snapshot, then sends what is due.

After publish, the last step of an ingest run. A message is noted as due before it is sent and as sent after:
a killed process repeats at most the message that it was sending, with the same key.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tasks.alerts.apprise_message import send_text
from tasks.alerts.message import AlertText, payload, text_of
from tasks.alerts.outcome import NotSent
from tasks.alerts.searches_file import read_if_any
from tasks.alerts.webhook import post_message
from tasks.errors import SearchesError
from warehouse.alerts.contents import AlertContent, find_contents
from warehouse.alerts.deliveries import Delivery, list_deliveries, read_deliveries, write_deliveries
from warehouse.alerts.due import find_cursors
from warehouse.alerts.matches import SearchMatch, find_matches_since
from warehouse.alerts.outbox import (
    Alert,
    Message,
    drop_unlisted,
    note_matches,
    take_due,
)
from warehouse.alerts.outcomes import MessageOutcome, append_outcome, drop_outcomes, move_outcomes
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch, SavedSearches, Trigger
from warehouse.alerts.session import open_outbox
from warehouse.reading.find import ResultQuery, find_articles_page, find_stories_page
from warehouse.reading.snapshots import DeadlineExceeded, SnapshotBusy, SnapshotSource
from warehouse.store.backend import store_of
from warehouse.store.home import Home
from warehouse.wording import plural

log = logging.getLogger("wirehouse")

_TIMEOUT_S = 120  # for the questions of one pass over all searches


@dataclass(slots=True)
class Sent:
    """What one pass did."""

    n_noted: int = 0
    n_sent: int = 0  # messages
    failures: list[str] = field(default_factory=list)


def report_changes(
    home: Home,
    searches: SavedSearches,
    environment: Mapping[str, str] = os.environ,
    *,
    only: str | None = None,
) -> Sent:
    """Note what is new for the saved searches, and send what is due.

    With `only`, all that this search has noted is sent, due or not. Nothing happens when another process is
    sending. Raises WarehouseError.
    """
    sent = Sent()
    is_in_use = searches.searches or home.deliveries_file.exists()
    if not is_in_use or not store_of(home).is_readable():
        return sent
    try:
        with (
            FileLock(home.state_dir / "alerts.lock", timeout=0, mode=0o640),
            SnapshotSource(home, timeout_s=_TIMEOUT_S) as snapshots,
        ):
            sent.n_noted = note_new(home, searches.searches, snapshots)
            _send_due(home, searches, snapshots, environment, only, sent)
    except Timeout:
        log.info("Another process is sending alerts.")
    return sent


def report_saved(home: Home, file: Path) -> tuple[str, ...]:
    """Do the same for the searches of a file, for runs: what is wrong with the file is logged and returned.

    A mistake in saved searches must not keep articles from being collected.
    """
    try:
        report_changes(home, read_if_any(file))
    except SearchesError as error:
        problem = str(error)
    except (DeadlineExceeded, SnapshotBusy) as error:
        problem = f"Saved searches took longer than {_TIMEOUT_S} s and are looked at again: {error}"
    else:
        return ()
    log.error("%s", problem)
    return (problem,)


def note_new(home: Home, searches: Sequence[SavedSearch], snapshots: SnapshotSource) -> int:
    """Note what the newest snapshot has for the searches; return how many rows were noted.

    A search that has never run only notes how far the snapshot goes.
    """
    with open_outbox(home) as con:
        drop_unlisted(con, searches)
        cursors = find_cursors(con)
    with snapshots.session() as session:
        last_load = store_of(home).find_indexed_load(session.con)
        if last_load is None or all(cursors.get(search.name, "") >= last_load for search in searches):
            return 0
        matches: list[SearchMatch] = find_matches_since(session.con, searches, cursors, last_load)
    with open_outbox(home) as con:
        return note_matches(con, searches, matches, last_load, datetime.now(UTC))


def preview(home: Home, search: SavedSearch, browse_url: str | None, limit: int) -> AlertText | None:
    """Return the message about the latest matches of a search, as if they were new; None without any."""
    request = ResultQuery(search.selection, limit=limit)
    find = find_stories_page if search.each is Each.STORY else find_articles_page
    with SnapshotSource(home, timeout_s=_TIMEOUT_S) as snapshots, snapshots.session() as session:
        hits = find(session.con, request).hits
        alerts = [Alert(search.name, hit.article_id, 1, Trigger.NEW) for hit in hits]
        contents = find_contents(session.con, alerts, {search.name: search})
    return text_of(contents, {search.name: search}, browse_url) if contents else None


def _send_due(
    home: Home,
    searches: SavedSearches,
    snapshots: SnapshotSource,
    environment: Mapping[str, str],
    only: str | None,
    sent: Sent,
) -> None:
    with open_outbox(home) as con:
        move_outcomes(con, home)  # of a pass that was killed
        messages = take_due(con, datetime.now(UTC), search=only)
        deliveries = list_deliveries(con)
    drop_outcomes(home)
    _note_deliveries(home, deliveries)
    if not messages:
        return
    recipients = {r.key: r for search in searches.searches for r in search.recipients}
    reader = _ContentReader(snapshots, messages, searches.by_name())
    for message in messages:
        reason = _try_sending(message, reader.contents_of(message), recipients, searches, environment, sent)
        now = datetime.now(UTC).isoformat()
        append_outcome(home, MessageOutcome(message.message_id, now, reason, message.attempts))
    with open_outbox(home) as con:
        move_outcomes(con, home)
        deliveries = list_deliveries(con)
    drop_outcomes(home)
    _note_deliveries(home, deliveries)


def _try_sending(
    message: Message,
    contents: Sequence[AlertContent],
    recipients: Mapping[str, Recipient],
    searches: SavedSearches,
    environment: Mapping[str, str],
    sent: Sent,
) -> str | None:
    """Send a message unless all its articles are gone, and count it; return why it was not sent, if so."""
    try:
        if contents:
            deliver(message, contents, recipients[message.recipient], searches, environment)
            sent.n_sent += 1
            log.info("Sent %s to %s", plural(len(contents), "change"), message.recipient)
    except NotSent as error:
        reason = str(error)
    except Exception as error:  # whatever a plugin raises, other recipients get their messages
        log.exception("Sending to %s failed unexpectedly", message.recipient)
        reason = f"an unexpected error ({type(error).__name__}); the log has its traceback"
    else:
        return None
    _note_failure(message, reason, sent)
    return reason


class _ContentReader:
    """Reads what all messages say at once, and again when another snapshot was published meanwhile."""

    def __init__(
        self,
        snapshots: SnapshotSource,
        messages: Sequence[Message],
        searches: Mapping[str, SavedSearch],
    ) -> None:
        self._snapshots = snapshots
        self._searches = searches
        self._messages = messages
        self._key = ""
        self._contents: dict[Alert, AlertContent] = {}

    def contents_of(self, message: Message) -> list[AlertContent]:
        """Return the message's alerts whose article is still there."""
        if self._snapshots.snapshot_key() != self._key:
            alerts = [alert for one in self._messages for alert in one.alerts]
            with self._snapshots.session() as session:
                self._contents = {c.alert: c for c in find_contents(session.con, alerts, self._searches)}
                self._key = session.snapshot_key
        return [self._contents[alert] for alert in message.alerts if alert in self._contents]


def _note_deliveries(home: Home, deliveries: tuple[Delivery, ...]) -> None:
    """Write what was sent and what is pending for those who may not open the store."""
    if deliveries != read_deliveries(home) or not home.deliveries_file.exists():
        write_deliveries(home, deliveries)


def deliver(
    message: Message,
    contents: Sequence[AlertContent],
    recipient: Recipient,
    searches: SavedSearches,
    environment: Mapping[str, str],
) -> None:
    """Send one message. Raises NotSent."""
    address = _value(recipient.address, environment)
    by_name = searches.by_name()
    if recipient.channel is Channel.WEBHOOK:
        search = by_name[message.alerts[0].search]
        body = payload(message.message_id, contents, search, searches.browse_url, datetime.now(UTC))
        secret = _value(recipient.secret, environment) if recipient.secret else None
        post_message(address, body, message.message_id, secret)
    else:
        send_text(address, text_of(contents, by_name, searches.browse_url), message.message_id)


def _value(name: str, environment: Mapping[str, str]) -> str:
    """Return the value of the variable that `env:NAME` names. Raises NotSent."""
    variable = name.removeprefix("env:")
    if not environment.get(variable):
        raise NotSent(f"the environment variable {variable} is not set")
    return environment[variable]


def _note_failure(message: Message, reason: str, sent: Sent) -> None:
    sentence = f"{plural(len(message.alerts), 'change')} could not be sent to {message.recipient}: {reason}"
    sent.failures.append(sentence)
    log.warning("%s", sentence)
