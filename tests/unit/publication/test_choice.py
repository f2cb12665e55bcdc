"""The choice between the dates of one page."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.choice import choose_modified, choose_published, needs_last_resort
from warehouse.records.article import Moment, Precision

DAY = date(2022, 1, 10)
ORIGINS = {
    Trust.JSON_LD_ARTICLE: "json_ld",
    Trust.META: "meta",
    Trust.ITEMPROP: "itemprop",
    Trust.TIME_PUBLISHED: "time_element",
    Trust.VISIBLE_TEXT: "visible_text",
    Trust.FEED: "feed",
    Trust.URL: "url",
    Trust.HTMLDATE: "htmldate",
}


def day(trust: Trust, on: date = DAY, *, modified: bool = False) -> DatedCandidate:
    moment = Moment(None, on, None, None, Precision.DAY, ORIGINS[trust], None, on.isoformat())
    return DatedCandidate(moment, trust, "here", modified)


def minute(trust: Trust, text: str, offset: int | None = None, *, zone_from: str = "page") -> DatedCandidate:
    local = datetime.fromisoformat(text)
    at = None if offset is None else (local - timedelta(minutes=offset)).replace(tzinfo=UTC)
    where = None if offset is None else zone_from
    moment = Moment(at, local.date(), local, offset, Precision.MINUTE, ORIGINS[trust], where, text)
    return DatedCandidate(moment, trust, "here")


def chosen(*candidates: DatedCandidate, zone: str | None = None) -> Moment:
    found = choose_published(candidates, zone=zone).moment
    assert found is not None
    return found


def test_no_candidate_no_date():
    choice = choose_published([])
    assert (choice.moment, choice.disagree) == (None, False)
    assert choice.reason == "No date of publication found."


def test_most_trusted_origin_wins_and_is_named():
    choice = choose_published([day(Trust.META, date(2022, 1, 3)), day(Trust.JSON_LD_ARTICLE)])
    assert choice.moment is not None
    assert (choice.moment.on, choice.moment.origin) == (DAY, "json_ld")
    assert choice.reason == "Most trusted origin: json_ld."


def test_order_of_candidates_does_not_matter():
    candidates = [
        day(Trust.JSON_LD_ARTICLE, date(2022, 1, 9)),
        minute(Trust.META, "2022-01-09T21:58", 0),
        minute(Trust.VISIBLE_TEXT, "2022-01-10T00:58"),
        day(Trust.URL),
    ]
    results = {choose_published(order).moment for order in permutations(candidates)}
    assert len(results) == 1


def test_changes_are_no_publication():
    assert choose_published([day(Trust.JSON_LD_ARTICLE, modified=True)]).moment is None


@pytest.mark.parametrize(
    ("days", "disagree"),
    [
        pytest.param((DAY, DAY), False, id="same day"),
        pytest.param((DAY, date(2022, 1, 11)), False, id="a day apart may be a zone"),
        pytest.param((DAY, date(2022, 1, 12)), True, id="two days apart"),
    ],
)
def test_disagreement(days, disagree):
    choice = choose_published([day(Trust.JSON_LD_ARTICLE, days[0]), day(Trust.META, days[1])])
    assert choice.disagree is disagree


def test_guess_of_the_last_resort_is_no_disagreement():
    choice = choose_published([day(Trust.JSON_LD_ARTICLE), day(Trust.HTMLDATE, date(2021, 1, 1))])
    assert choice.disagree is False


# --- the day ---------------------------------------------------------------------------------


def test_address_and_a_second_origin_outvote_the_first():
    choice = choose_published(
        [day(Trust.JSON_LD_ARTICLE, date(2022, 3, 1)), day(Trust.VISIBLE_TEXT), day(Trust.URL)]
    )
    assert choice.moment is not None
    assert (choice.moment.on, choice.disagree) == (DAY, True)
    assert choice.reason == "visible_text, url agree against json_ld."


def test_last_resort_and_address_outvote_the_first():
    assert chosen(day(Trust.META, date(2022, 3, 1)), day(Trust.HTMLDATE), day(Trust.URL)).on == DAY


def test_address_alone_outvotes_nobody():
    assert chosen(day(Trust.JSON_LD_ARTICLE, date(2022, 3, 1)), day(Trust.URL)).on == date(2022, 3, 1)


def test_supported_first_is_not_outvoted():
    first = date(2022, 3, 1)
    found = chosen(
        day(Trust.JSON_LD_ARTICLE, first), day(Trust.META, first), day(Trust.VISIBLE_TEXT), day(Trust.URL)
    )
    assert found.on == first


def test_copyright_year_of_the_last_resort_is_void():
    assert choose_published([day(Trust.HTMLDATE, date(2022, 1, 1))]).moment is None


def test_new_years_day_with_support_stands():
    new_year = date(2022, 1, 1)
    assert chosen(day(Trust.HTMLDATE, new_year), day(Trust.URL, new_year)).on == new_year


def test_open_digits_take_the_order_that_another_origin_confirms():
    printed = day(Trust.VISIBLE_TEXT, date(2022, 4, 3))
    other = Moment(None, date(2022, 3, 4), None, None, Precision.DAY, "visible_text", None, "03/04/2022")
    printed = DatedCandidate(printed.moment, printed.trust, "here", other=other)
    assert chosen(printed, day(Trust.URL, date(2022, 3, 4))).on == date(2022, 3, 4)
    assert chosen(printed, day(Trust.URL, date(2022, 4, 3))).on == date(2022, 4, 3)
    assert chosen(printed).on == date(2022, 4, 3)


# --- time and zone ---------------------------------------------------------------------------


def test_day_takes_the_time_of_the_next_origin_that_agrees():
    found = chosen(day(Trust.JSON_LD_ARTICLE), minute(Trust.VISIBLE_TEXT, "2022-01-10T16:58", 180))
    assert found.at == datetime(2022, 1, 10, 13, 58, tzinfo=UTC)
    assert (found.origin, found.precision) == ("json_ld", Precision.MINUTE)


def test_day_takes_no_time_of_another_day():
    found = chosen(day(Trust.JSON_LD_ARTICLE), minute(Trust.VISIBLE_TEXT, "2022-01-12T16:58", 180))
    assert (found.local, found.precision) == (None, Precision.DAY)


def test_midnight_of_a_feed_is_a_day():
    local = datetime(2022, 1, 10)
    midnight = Moment(local.replace(tzinfo=UTC), DAY, local, 0, Precision.DAY, "feed", "feed", "x")
    found = chosen(DatedCandidate(midnight, Trust.FEED, "here"))
    assert (found.at, found.local) == (None, None)


def test_local_time_takes_the_zone_of_the_same_clock():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-10T16:58"), minute(Trust.META, "2022-01-10T16:58", 180)
    )
    assert (found.at, found.zone_from) == (datetime(2022, 1, 10, 13, 58, tzinfo=UTC), "page")


def test_printed_local_time_and_utc_time_give_the_offset():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-09T21:58:12", 0),
        minute(Trust.VISIBLE_TEXT, "2022-01-10T00:58"),
    )
    assert found.at == datetime(2022, 1, 9, 21, 58, 12, tzinfo=UTC)
    assert (found.on, found.utc_offset_minutes) == (DAY, 180)


def test_printed_time_that_no_zone_explains_changes_nothing():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-09T21:58", 0), minute(Trust.VISIBLE_TEXT, "2022-01-10T01:11")
    )
    assert (found.on, found.utc_offset_minutes) == (date(2022, 1, 9), 0)


def test_same_instant_in_local_form_gives_the_local_day():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-09T21:58", 0), minute(Trust.META, "2022-01-10T00:58", 180)
    )
    assert (found.on, found.utc_offset_minutes, found.origin) == (DAY, 180, "json_ld")


def test_z_lies_when_offset_form_and_printed_clock_say_the_same():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-10T16:58", 0),
        minute(Trust.TIME_PUBLISHED, "2022-01-10T16:58", 180),
        minute(Trust.VISIBLE_TEXT, "2022-01-10T16:58"),
    )
    assert found.at == datetime(2022, 1, 10, 13, 58, tzinfo=UTC)


def test_z_stands_without_a_printed_witness():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-10T16:58", 0),
        minute(Trust.TIME_PUBLISHED, "2022-01-10T16:58", 180),
    )
    assert found.at == datetime(2022, 1, 10, 16, 58, tzinfo=UTC)


def test_z_stands_against_the_zone_of_the_source_alone():
    found = chosen(
        minute(Trust.JSON_LD_ARTICLE, "2022-01-10T16:58", 0),
        minute(Trust.VISIBLE_TEXT, "2022-01-10T16:58", 180, zone_from="source"),
    )
    assert found.at == datetime(2022, 1, 10, 16, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("json_ld", "meta", "at", "offset"),
    [
        pytest.param(
            "2022-01-09T18:58", "2022-01-10T02:58", "2022-01-09T18:58", 480, id="local clock in meta"
        ),
        pytest.param(
            "2022-01-10T02:58", "2022-01-09T18:58", "2022-01-09T18:58", 480, id="local clock in JSON-LD"
        ),
        pytest.param(
            "2022-01-11T03:58", "2022-01-10T21:58", "2022-01-11T03:58", -360, id="west of Greenwich"
        ),
        pytest.param("2022-01-10T02:58", "2022-01-10T10:58", "2022-01-10T02:58", 0, id="both on that day"),
        pytest.param(
            "2022-01-09T18:58", "2022-01-10T02:44", "2022-01-09T18:58", 0, id="no whole hours apart"
        ),
    ],
)
def test_of_two_utc_times_the_one_on_the_day_of_the_address_is_local(json_ld, meta, at, offset):
    found = chosen(minute(Trust.JSON_LD_ARTICLE, json_ld, 0), minute(Trust.META, meta, 0), day(Trust.URL))
    assert found.at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert found.utc_offset_minutes == offset


def test_utc_time_is_shown_on_the_day_of_the_address_where_the_source_zone_agrees():
    candidates = (minute(Trust.JSON_LD_ARTICLE, "2022-01-09T21:58", 0), day(Trust.URL))
    found = chosen(*candidates, zone="Europe/Moscow")
    assert (found.at, found.on) == (datetime(2022, 1, 9, 21, 58, tzinfo=UTC), DAY)
    assert chosen(*candidates).on == date(2022, 1, 9)


# --- changes, last resort --------------------------------------------------------------------


def test_change_is_never_before_the_publication():
    published = day(Trust.META).moment
    early = day(Trust.JSON_LD_ARTICLE, date(2022, 1, 9), modified=True)
    late = day(Trust.VISIBLE_TEXT, date(2022, 1, 11), modified=True)
    assert choose_modified([early, late], published).moment == late.moment
    assert choose_modified([early], published).moment is None


@pytest.mark.parametrize(
    ("candidates", "needed"),
    [
        pytest.param([], True, id="nothing found"),
        pytest.param([day(Trust.URL)], True, id="only the address"),
        pytest.param([day(Trust.META)], False, id="a good origin"),
        pytest.param([day(Trust.META), day(Trust.URL, date(2022, 1, 11))], False, id="a day apart"),
        pytest.param([day(Trust.META), day(Trust.URL, date(2022, 2, 1))], True, id="the address contradicts"),
        pytest.param([day(Trust.META, modified=True)], True, id="only a change"),
    ],
)
def test_last_resort_is_asked_on_doubt(candidates, needed):
    assert needs_last_resort(candidates) is needed


def test_other_nodes_of_json_ld_do_not_support_its_article():
    """The page and its article come from one plug-in: meta and the printed date are two witnesses."""
    candidates = [
        day(Trust.JSON_LD_ARTICLE, date(2022, 1, 7)),
        replace(day(Trust.JSON_LD_ARTICLE, date(2022, 1, 7)), trust=Trust.JSON_LD_OTHER),
        day(Trust.META),
        day(Trust.VISIBLE_TEXT),
    ]
    assert chosen(*candidates).on == DAY


def test_metadata_with_the_minute_of_a_printed_change_are_not_the_publication():
    change = replace(minute(Trust.VISIBLE_TEXT, "2022-01-10T13:00", 0), is_modified=True)
    found = chosen(
        minute(Trust.META, "2022-01-10T13:00", 0),
        minute(Trust.META, "2022-01-10T12:44:32", 0),
        minute(Trust.VISIBLE_TEXT, "2022-01-10T12:44", 0),
        change,
    )
    assert found.at == datetime(2022, 1, 10, 12, 44, 32, tzinfo=UTC)


def test_change_in_the_minute_of_the_publication_leaves_it():
    change = replace(minute(Trust.VISIBLE_TEXT, "2022-01-10T12:44:50", 0), is_modified=True)
    found = chosen(
        minute(Trust.META, "2022-01-10T12:44:32", 0),
        minute(Trust.VISIBLE_TEXT, "2022-01-10T12:44", 0),
        change,
    )
    assert found.at == datetime(2022, 1, 10, 12, 44, 32, tzinfo=UTC)


def test_printed_change_is_the_date_where_a_page_names_no_other():
    choice = choose_published([day(Trust.VISIBLE_TEXT, modified=True)])
    assert choice.moment is not None
    assert (choice.moment.on, choice.reason) == (DAY, "The page prints the date of its last change only.")


@pytest.mark.parametrize(
    ("age", "others", "expected"),
    [
        pytest.param(3, [], DAY, id="begun three days before"),
        pytest.param(1, [], DAY - timedelta(days=1), id="the day before may be the same day elsewhere"),
        pytest.param(200, [], DAY - timedelta(days=200), id="revised months later"),
        pytest.param(3, [Trust.FEED], DAY - timedelta(days=3), id="the feed has the earlier day"),
        pytest.param(3, [Trust.VISIBLE_TEXT], DAY - timedelta(days=3), id="both days are printed"),
    ],
)
def test_metadata_of_a_draft_give_way_to_the_only_printed_day(age, others, expected):
    begun = DAY - timedelta(days=age)
    candidates = [
        day(Trust.JSON_LD_ARTICLE, begun),
        day(Trust.JSON_LD_ARTICLE, DAY, modified=True),
        day(Trust.VISIBLE_TEXT, DAY),
        *(day(trust, begun) for trust in others),
    ]
    assert chosen(*candidates).on == expected
