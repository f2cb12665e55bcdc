"""Saved searches on a real warehouse: what is noted, what a webhook and a mailbox get."""

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tasks.alerts.send import report_changes, report_saved
from tasks.deduplicate import link_articles
from tasks.upkeep.forget import forget
from tests.support.receivers import mail_server, web_hook
from tests.support.stories import story
from tests.support.warehouse_rows import HOUR, NOW, article, fetch, key, load, store
from warehouse.alerts.deliveries import failing_recipients, list_deliveries, read_deliveries
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch, SavedSearches, Trigger
from warehouse.alerts.schedule import parse_schedule
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.records.article import Moment, Precision
from warehouse.records.outcome import Batch
from warehouse.records.page import PageRequest
from warehouse.store.connection import Home, transaction
from warehouse.store.days import find_days

HOOK = Recipient(Channel.WEBHOOK, "env:HOOK", "env:SECRET")
MAIL = Recipient(Channel.APPRISE, "env:MAIL")


def searches(*recipients: Recipient, **fields: object) -> SavedSearches:
    values: dict[str, object] = {"name": "bridges", "query": "bridge", "recipients": recipients}
    search = SavedSearch(**{**values, **fields})  # type: ignore[arg-type]
    return SavedSearches((search,), "https://desk.example/")


def add(home: Home, *articles: object, **parts: object) -> None:
    with store(home) as con, transaction(con):
        loaded = load_batch(con, Batch("run", articles=tuple(articles), **parts))  # type: ignore[arg-type]
        link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
    publish_snapshot(home)


def seen(at: datetime) -> Moment:
    return Moment(at, at.date(), at.replace(tzinfo=None), 0, Precision.MINUTE, "meta", "page", "raw")


@pytest.fixture
def home(tmp_path):
    """Return a published home with an article about a bridge, which no search has seen."""
    home = Home(tmp_path)
    add(home, article(1, title="Old bridge", body="The bridge is old."))
    return home


@pytest.fixture
def hook():
    with web_hook() as receiver:
        yield receiver


@pytest.fixture
def say(home, hook):
    """Return a way to run the step with the hook's address in the environment."""
    return lambda watched, **more: report_changes(
        home, watched, {"HOOK": hook.url, "SECRET": "s3cret", "MAIL": "mailto://127.0.0.1:1"}, **more
    )


def titles(hook) -> list[str]:
    return [article["title"] for message in hook.messages for article in message["articles"]]


def test_the_first_run_is_silent_and_then_only_what_is_new_is_sent_once(home, hook, say):
    assert say(searches(HOOK)).n_noted == 0
    add(
        home,
        article(2, title="Bridge opens", body="A bridge opens."),
        article(3, title="Rain", body="It rains."),
    )
    assert say(searches(HOOK)).n_sent == 1
    say(searches(HOOK))
    assert titles(hook) == ["Bridge opens"]


@pytest.mark.parametrize(
    ("published", "max_age_days", "is_sent"),
    [
        pytest.param(seen(NOW - timedelta(days=7)), 7, True, id="a week"),
        pytest.param(seen(NOW - timedelta(days=7, hours=1)), 7, False, id="more"),
        pytest.param(seen(NOW - timedelta(days=20)), 30, True, id="allowed"),
        pytest.param(seen(NOW + timedelta(days=2)), 7, True, id="in the future"),
        pytest.param(
            replace(seen(NOW - timedelta(days=40)), at=None), 7, False, id="an old day without a time"
        ),
        pytest.param(None, 7, True, id="no date"),
    ],
)
def test_an_article_that_was_old_when_first_seen_is_no_news(
    home, hook, say, caplog, published, max_age_days, is_sent
):
    watched = searches(HOOK, max_age_days=max_age_days)
    say(watched)
    with caplog.at_level("INFO", logger="wirehouse"):
        add(home, article(2, title="Bridge opens", body="A bridge opens.", published=published))
        say(watched)
    assert titles(hook) == (["Bridge opens"] if is_sent else [])
    sentence = (
        "Search 'bridges': no alert about 1 older article, published more than 7 days before first seen"
    )
    assert (sentence in caplog.messages) is not is_sent


def test_an_edit_of_an_old_article_is_reported(home, hook, say):
    watched = searches(HOOK, on=(Trigger.NEW, Trigger.EDIT))
    say(watched)
    old = seen(NOW - timedelta(days=40))
    add(home, article(2, title="Bridge opens", body="A bridge opens.", published=old))
    say(watched)
    add(home, article(2, title="Bridge closes", body="A bridge closes.", published=old, at=NOW + HOUR))
    say(watched)
    assert titles(hook) == ["Bridge closes"]


def test_a_webhook_is_signed_and_names_search_words_and_link(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens in Vikeld."))
    say(searches(HOOK))
    (headers,), (body,), (message,) = hook.headers, hook.bodies, hook.messages
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["Wirehouse-Signature"] == f"sha256={expected}"
    assert headers["Idempotency-Key"] == message["id"]
    assert message["search"] == {
        "name": "bridges", "query": "bridge", "url": "https://desk.example/searches/bridges"
    }  # fmt: skip
    (sent,) = message["articles"]
    assert (sent["change"], sent["url"], sent["revision"]) == ("new", "https://news.example/2", 1)
    assert sent["link"] == f"https://desk.example/article/{sent['article_id']}"
    assert [part["text"] for part in sent["lead"] if part["marked"]] == ["bridge"]


def test_an_edit_is_sent_with_its_diff_and_a_stealth_edit_is_named(home, hook, say):
    watched = searches(HOOK, on=(Trigger.EDIT,))
    say(watched)
    later = NOW + timedelta(hours=1)
    add(home, article(1, title="Old bridge", body="The bridge is very old.", at=later))
    say(watched)
    ((sent,),) = [message["articles"] for message in hook.messages]
    assert (sent["change"], sent["revision"]) == ("stealth_edit", 2)
    assert [part for part in sent["diff"]["body"] if part["kind"] != "same"] == [
        {"kind": "added", "text": "very "}
    ]


def test_an_edit_with_an_update_time_is_no_stealth_edit(home, hook, say):
    watched = searches(HOOK, on=(Trigger.STEALTH_EDIT,))
    say(watched)
    later = NOW + timedelta(hours=1)
    add(home, article(1, title="Old bridge", body="The bridge is very old.", at=later, modified=seen(later)))
    say(watched)
    assert hook.bodies == []


def test_a_page_that_is_gone_is_reported(home, hook, say):
    watched = searches(HOOK, on=(Trigger.GONE,))
    say(watched)
    later = NOW + timedelta(hours=1)
    request = PageRequest("alpha", "https://news.example/1", key(1), None, "recheck")
    add(home, gone=(request,), fetches=(fetch(1, at=later, outcome="gone", status=410),))
    say(watched)
    assert [sent["change"] for message in hook.messages for sent in message["articles"]] == ["gone"]


def test_inflections_of_a_word_are_reported_and_marked(home, hook, say):
    watched = searches(HOOK, query="~bridge")
    say(watched)
    add(home, article(2, title="Two bridges", body="Bridges open. " + story(3), language="en"))
    say(watched)
    ((sent,),) = [message["articles"] for message in hook.messages]
    assert sent["title"] == "Two bridges"
    assert [part["text"] for part in sent["lead"] if part["marked"]] == ["Bridges"]


def test_an_article_that_comes_to_match_by_an_edit_is_new_to_the_search(home, hook, say):
    watched = searches(HOOK, query="dam OR (flood -calm)")
    say(watched)
    dry, text = article(2, title="Rain", body="Rain. " + story(3)), "Rain. The dam breaks. " + story(3)
    add(home, dry)
    say(watched)
    assert hook.messages == []
    for n, body in enumerate((text, f"{text}\nMore on the dam.", story(3), text)):
        add(home, article(2, title="Rain", body=body, at=NOW + timedelta(hours=n + 1)))
        say(watched)
    ((sent,),) = [message["articles"] for message in hook.messages]
    assert (sent["title"], sent["change"], sent["revision"]) == ("Rain", "new", 2)


def test_an_edit_of_an_article_that_matched_before_the_search_began_is_not_new(home, hook, say):
    say(searches(HOOK))
    add(home, article(1, title="Old bridge", body="The bridge is very old.", at=NOW + timedelta(hours=1)))
    say(searches(HOOK))
    assert hook.messages == []


def test_a_syndicated_story_is_reported_once_also_when_a_copy_comes_later(home, hook, say):
    text = "The bridge in Vikeld. " + story(7)
    say(searches(HOOK))
    add(home, article(2, title="Bridge A", body=text), article(3, title="Bridge B", body=text, source="beta"))
    say(searches(HOOK))
    add(home, article(4, title="Bridge C", body=text, source="gamma"))
    say(searches(HOOK))
    assert len(titles(hook)) == 1


def test_each_article_of_a_story_is_reported_on_request(home, hook, say):
    text = "The bridge in Vikeld. " + story(7)
    watched = searches(HOOK, each=Each.ARTICLE)
    say(watched)
    add(home, article(2, title="Bridge A", body=text), article(3, title="Bridge B", body=text, source="beta"))
    say(watched)
    assert sorted(titles(hook)) == ["Bridge A", "Bridge B"]


def test_a_failed_message_is_tried_again_with_the_same_key(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    hook.status = 500
    assert "answered 500" in say(searches(HOOK)).failures[0]
    assert say(searches(HOOK)).n_sent == 0  # not before its next try
    with store(home) as con, transaction(con):
        con.execute("update core.alert set next_try_at = now() - interval '1 second'")
    hook.status = 200
    assert say(searches(HOOK)).n_sent == 1
    assert len({headers["Idempotency-Key"] for headers in hook.headers}) == 1


def test_a_plugin_that_breaks_stops_no_other_recipient(home, hook, say, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tasks.alerts.send.send_text", broken)
    say(searches(MAIL, HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    (failure,) = say(searches(MAIL, HOOK)).failures
    assert "apprise env:MAIL: an unexpected error (ZeroDivisionError)" in failure
    assert titles(hook) == ["Bridge opens"]


def test_a_digest_waits_for_its_time_and_is_sent_also_when_nothing_was_published(home, hook, say):
    watched = searches(Recipient(Channel.WEBHOOK, "env:HOOK", None, parse_schedule("daily 07:00")))
    say(watched)
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    add(home, article(3, title="Bridge closes", body="A bridge closes."))
    assert say(watched).n_sent == 0
    with store(home) as con, transaction(con):
        con.execute("update core.alert set due_at = now() - interval '1 second'")
    assert say(watched).n_sent == 1
    assert sorted(titles(hook)) == ["Bridge closes", "Bridge opens"]


def test_a_variable_that_is_not_set_is_named_and_nothing_is_lost(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    failed = report_changes(home, searches(HOOK), {})
    assert "the environment variable HOOK is not set" in failed.failures[0]
    say(searches(HOOK), only="bridges")
    assert titles(hook) == ["Bridge opens"]


def test_a_recipient_that_left_the_file_gets_nothing_more(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    hook.status = 500
    say(searches(HOOK))
    add(home, article(3, title="Bridge closes", body="A bridge closes."))
    say(searches())
    with store(home) as con:
        assert list_deliveries(con) == ()


def test_a_recipient_that_left_the_file_gets_nothing_more_also_when_nothing_was_loaded(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    hook.status = 500
    say(searches(HOOK))
    with store(home) as con, transaction(con):
        con.execute("update core.alert set next_try_at = now() - interval '1 second'")
    hook.status = 200
    assert say(searches()).n_sent == 0
    assert read_deliveries(home) == ()


def test_what_was_sent_and_what_failed_can_be_read_without_the_store(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    hook.status = 500
    say(searches(HOOK))
    (failing,) = failing_recipients(read_deliveries(home))
    assert (failing.recipient, failing.n_alerts, failing.attempts) == ("webhook env:HOOK", 1, 1)
    assert failing.reason == "the webhook answered 500"
    hook.status = 200
    say(searches(HOOK), only="bridges")
    (delivery,) = read_deliveries(home)
    assert (delivery.search, delivery.n_alerts) == ("bridges", 1)
    assert delivery.sent_at >= delivery.due_at
    assert failing_recipients([delivery]) == []


def test_a_mail_has_the_words_marked_one_subject_and_the_same_id_when_it_is_repeated(home):
    with mail_server() as mailbox:
        environment = {"MAIL": mailbox.address}
        report_changes(home, searches(MAIL), environment)
        add(home, article(2, title="Bridge\nopens", body="A bridge opens in Vikeld."))
        report_changes(home, searches(MAIL), environment)
        with store(home) as con, transaction(con):
            con.execute("update core.alert set sent_at = null")  # as a kill before the mark leaves it
        report_changes(home, searches(MAIL), environment)
    first, second = mailbox.mails
    assert first["Subject"] == "wirehouse: bridges: 1"
    assert len(first.get_all("Message-ID")) == 1
    assert first["Message-ID"] == second["Message-ID"]
    text = first.get_content()
    assert "Saved search 'bridges' (bridge): 1 change" in text
    assert "*Bridge* opens" in text
    assert "A *bridge* opens in Vikeld." in text
    assert "https://desk.example/article/" in text


def test_searches_of_one_reader_come_in_one_mail(home):
    both = SavedSearches(tuple(
        SavedSearch(name, name, recipients=(MAIL,)) for name in ("bridge", "ferry")
    ))  # fmt: skip
    with mail_server() as mailbox:
        report_changes(home, both, {"MAIL": mailbox.address})
        add(
            home,
            article(2, title="Bridge opens", body="A bridge."),
            article(3, title="Ferry", body="A ferry."),
        )
        report_changes(home, both, {"MAIL": mailbox.address})
    assert [mail["Subject"] for mail in mailbox.mails] == ["wirehouse: bridge: 1, ferry: 1"]


ENDLESS = "select count(*) from range(1000000000) as a, range(1000000) as b where a.range + b.range = -1"


def test_a_pass_that_takes_too_long_is_a_warning_of_the_run_and_is_repeated(
    home, hook, tmp_path, monkeypatch
):
    file = tmp_path / "searches.toml"
    file.write_text('[[search]]\nname = "bridges"\nquery = "bridge"\n[[search.send]]\nwebhook = "env:HOOK"\n')
    monkeypatch.setenv("HOOK", hook.url)
    assert report_saved(home, file) == ()
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    with monkeypatch.context() as slow:
        slow.setattr("tasks.alerts.send._TIMEOUT_S", 0.2)
        slow.setattr("tasks.alerts.send.find_matches_since", lambda con, *_: con.execute(ENDLESS))
        (problem,) = report_saved(home, file)
    assert "looked at again" in problem
    assert report_saved(home, file) == ()
    assert titles(hook) == ["Bridge opens"]


def test_articles_of_a_backfill_are_not_news(home, hook, say):
    say(searches(HOOK))
    with store(home) as con, transaction(con):
        con.execute(
            "insert into core.run (run_id, flow, started_at, status)"
            " values ('past', 'backfill', now(), 'running')"
        )
        load_batch(con, Batch("past", articles=(article(2, title="Bridge of 1990", body="A bridge."),)))
    publish_snapshot(home)
    say(searches(HOOK))
    assert hook.bodies == []


def test_sending_owes_readers_no_new_snapshot_but_a_load_in_between_does(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    assert say(searches(HOOK)).n_sent == 1
    assert not publish_snapshot(home)
    load(home, article(3))
    say(searches(HOOK))
    assert publish_snapshot(home)


def test_a_removed_article_is_in_no_message_and_no_row(home, hook, say):
    say(searches(HOOK))
    add(home, article(2, title="Bridge opens", body="A bridge opens."))
    say(searches(HOOK))
    forget(home, "https://news.example/2")
    with store(home) as con:
        assert con.execute("select count(*) from core.alert").fetchall() == [(0,)]
