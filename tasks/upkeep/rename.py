"""Names and keys that change while the articles stay: a renamed source, a newer rule of the URL key."""

from datetime import UTC, datetime

from tasks.deduplicate import link_articles, unlink_articles
from tasks.domain.urls.key import URL_KEY_VERSION, url_key
from tasks.errors import ItemError, UsageError
from warehouse.rewrite.identities import change_keys, rename_source
from warehouse.runs import new_load_id
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.settings import find_setting, set_setting


def rename(home: Home, old: str, new: str) -> int:
    """Give a source another key, its articles with it; return how many they are.

    Raises UsageError when nothing is stored under the old key.
    """
    with open_store(home, owner=f"renaming {old}") as con, transaction(con):
        if not con.execute("select 1 from core.source where name = ?", [old]).fetchall():
            raise UsageError(f"Nothing is stored under the source '{old}'; look at wirehouse status.")
        return rename_source(con, old, new, f"rename {datetime.now(UTC):%Y-%m-%d %H:%M:%S}")


def rekey_when_the_rule_changed(home: Home) -> int:
    """Do `rekey` once for each new version of the rule; return how many articles have another id."""
    version = str(URL_KEY_VERSION)
    with open_store(home, owner="new URL keys") as con:
        is_current = find_setting(con, "url_key_version") == version
    if is_current:
        return 0
    n_changed = rekey(home)
    with open_store(home, owner="new URL keys") as con:
        set_setting(con, "url_key_version", version)
    return n_changed


def rekey(home: Home) -> int:
    """Give articles and entries today's URL keys; return how many articles have another id.

    The new key is taken from the old one, read as an address: the address that an article
    shows may be that of a redirect, with a key of its own. Ids follow through core.url_alias.
    One transaction: all or nothing.
    """
    with open_store(home, owner="new URL keys") as con, transaction(con):
        stored = con.execute(_STORED_KEYS).fetchall()
        new_keys = {old: new for (old,) in stored if (new := _key(old)) != old}
        keys = {"keys": [*new_keys, *new_keys.values()]}
        unlink_articles(con, [article_id for (article_id,) in con.execute(_IDS, keys).fetchall()])
        changed_ids = change_keys(con, new_keys, run_id=f"rekey {datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
        if changed_ids:
            link_articles(con, changed_ids, new_load_id(con, "rekeyed"))
    return len(changed_ids)


def _key(old: str) -> str:
    try:
        return url_key(f"https://{old}")
    except ItemError:
        return old


_STORED_KEYS = """
select url_key from core.article
union
select url_key from core.entry
"""

_IDS = """
select cast(article_id as text)
from core.article
where url_key in (select unnest($keys::text[]))
"""
