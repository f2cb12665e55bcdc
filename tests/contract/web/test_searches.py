"""Saved searches in browse: what is shown of the file and of the outbox, and that it is never out of date."""

from dataclasses import replace

import pytest
import requests

from tasks.alerts.watched import read_watched
from tests.support.warehouse_rows import NOW
from tests.support.web_home import HOOK, WATCHED
from tests.support.web_server import web_server
from warehouse.alerts.deliveries import Delivery, write_deliveries

SEARCHES = """
[[search]]
name = "bridges"
query = "bridge"
[[search.send]]
webhook = "env:DESK_HOOK"
"""


def get(address: str, **options: object) -> requests.Response:
    return requests.get(address, timeout=60, **options)  # type: ignore[arg-type]


def test_the_list_has_recipients_by_kind_what_was_sent_and_what_fails(base):
    bridges, hostile = get(f"{base}/searches.json").json()["searches"]
    assert bridges["recipients"] == ["webhook, at once", "mail or chat, daily 07:00 Europe/Berlin"]
    assert bridges["last_sent_at"] == NOW.isoformat()
    assert bridges["n_pending"] == 3
    assert bridges["failure"] == "the webhook answered 500"
    assert hostile["on"] == ["new", "gone"]
    page = get(f"{base}/searches").text
    assert "failing" in page
    for secret in ("DESK_HOOK", "DESK_SECRET", "DESK_MAIL"):
        assert secret not in page + get(f"{base}/searches/bridges").text + get(f"{base}/searches.json").text


def test_a_search_shows_its_matches_marked_and_its_deliveries(base):
    page = get(f"{base}/searches/bridges").text
    assert "Harbour <mark>bridge</mark> reopens" in page
    found = get(f"{base}/searches/bridges.json").json()
    assert [line["reason"] for line in found["deliveries"]] == [None, "the webhook answered 500", None]
    assert [article["title"] for article in found["articles"]] == ["Harbour bridge reopens"]


def test_pages_of_a_search_follow_one_another(base):
    seen, after = [], ""
    while after is not None:
        page = get(f"{base}/searches/hostile.json?limit=7{after and f'&after={after}'}").json()
        seen += [article["article_id"] for article in page["articles"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == page["total"] > 7


@pytest.fixture
def served(web_home, tmp_path):
    """Return a server that reads a searches.toml, and the file."""
    file = tmp_path / "searches.toml"
    file.write_text(SEARCHES)
    with web_server(web_home, read_watched=lambda: read_watched(web_home, file)) as address:
        yield address, file
    web_home.deliveries_file.unlink(missing_ok=True)


def test_a_changed_file_and_a_sent_message_change_the_page_and_its_etag(served, web_home):
    address, file = served
    first = get(f"{address}/searches")
    assert get(f"{address}/searches", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    write_deliveries(web_home, [Delivery("bridges", HOOK.key, 1, NOW, NOW, 0, None, None)])
    second = get(f"{address}/searches", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert "never" not in second.text
    file.write_text(SEARCHES.replace("bridges", "crossings"))
    third = get(f"{address}/searches", headers={"If-None-Match": second.headers["etag"]})
    assert third.status_code == 200
    assert "crossings" in third.text
    other = get(f"{address}/edits")
    file.write_text(SEARCHES)
    assert get(f"{address}/edits", headers={"If-None-Match": other.headers["etag"]}).status_code == 304


def test_a_file_with_a_mistake_is_shown_with_its_reason(served):
    address, file = served
    file.write_text(SEARCHES + 'colour = "blue"\n')
    page = get(f"{address}/searches").text
    assert "The file cannot be used" in page
    assert "colour" in page
    assert "unknown key" in get(f"{address}/searches/bridges").text


def test_without_a_file_the_page_says_so(web_home, tmp_path):
    with web_server(web_home, read_watched=lambda: read_watched(web_home, tmp_path / "none.toml")) as address:
        assert "There are no saved searches." in get(f"{address}/searches").text


def test_the_key_follows_every_part():
    assert WATCHED.key != replace(WATCHED, problem="x").key
    assert WATCHED.key != replace(WATCHED, deliveries=()).key
