"""Names and keys that change while the articles stay: a renamed source, a newer version of the URL key."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.deduplicate import link_articles, unlink_articles
from tasks.domain.urls.key import URL_KEY_VERSION, url_key
from tasks.errors import ItemError, UsageError
from tasks.source_schema import MAX_NAME, NAME_PATTERN
from warehouse.rewrite.identities import change_keys, find_ids_of_keys, find_stored_keys, rename_source
from warehouse.runs import new_load_id
from warehouse.sources import count_articles, find_source_names
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.days import find_days
from warehouse.store.settings import find_setting, set_setting

_LINKED_AT_ONCE = 1_000  # articles, whose texts are in memory meanwhile


@dataclass(frozen=True, slots=True)
class RenamePlan:
    """What renaming a source would change."""

    old: str
    new: str
    n_articles: int  # of the old key
    n_merged_into: int | None  # articles of a source that already has the new key; None: there is none


def plan_rename(home: Home, old: str, new: str) -> RenamePlan:
    """Return what `rename` would change; nothing is written. Raises UsageError as `rename` does."""
    with read_store(home, owner=f"renaming {old}") as con:
        names = find_source_names(con)
        _assert_renamable(old, new, names)
        n_merged_into = count_articles(con, new) if new in names else None
        return RenamePlan(old, new, count_articles(con, old), n_merged_into)


def rename(home: Home, old: str, new: str) -> int:
    """Give a source another key, its articles with it; return how many articles the new key has.

    Raises UsageError when nothing is stored under the old key, or the new one is the same or cannot be a key.
    """
    with open_store(home, owner=f"renaming {old}") as con, transaction(con):
        _assert_renamable(old, new, find_source_names(con))
        return rename_source(con, old, new, f"rename {datetime.now(UTC):%Y-%m-%d %H:%M:%S}")


def _assert_renamable(old: str, new: str, names: set[str]) -> None:
    if old not in names:
        raise UsageError(f"No source '{old}' is stored; wirehouse status lists the sources.")
    if new == old:
        raise UsageError(f"The source is called '{old}' already. Give another name.")
    if new not in names and (len(new) > MAX_NAME or not re.fullmatch(NAME_PATTERN, new)):
        raise UsageError(
            f"'{new}' cannot be the name of a source (expected lower-case letters, digits and hyphens, "
            f"at most {MAX_NAME})."
        )


def rekey_if_outdated(home: Home) -> int:
    """Run `rekey` once per version of the URL key; return how many articles have another id."""
    version = str(URL_KEY_VERSION)
    with read_store(home, owner="new URL keys") as con:
        is_current = find_setting(con, "url_key_version") == version
    if is_current:
        return 0
    n_changed = rekey(home)
    with open_store(home, owner="new URL keys") as con:
        set_setting(con, "url_key_version", version)
    return n_changed


def rekey(home: Home) -> int:
    """Give articles and entries today's URL keys; return how many articles have another id.

    The new key is computed from the old one, read as a URL: the stored URL of an article may be that of a
    redirect, with another key. core.url_alias resolves the old ids. One transaction: all or nothing.
    """
    with open_store(home, owner="new URL keys") as con, transaction(con):
        new_keys = {old: new for old in find_stored_keys(con) if (new := _todays_key(old)) != old}
        unlink_articles(con, find_ids_of_keys(con, [*new_keys, *new_keys.values()]))
        changed_ids = change_keys(con, new_keys, run_id=f"rekey {datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
        load_id = new_load_id(con, "rekeyed") if changed_ids else ""
        for first in range(0, len(changed_ids), _LINKED_AT_ONCE):
            some_days = find_days(con, changed_ids[first : first + _LINKED_AT_ONCE])
            link_articles(con, some_days, load_id)
    return len(changed_ids)


def _todays_key(old: str) -> str:
    try:
        return url_key(f"https://{old}")
    except ItemError:
        return old
