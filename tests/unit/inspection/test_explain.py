"""The reason for a chosen value, as a sentence."""

from warehouse.inspection.explain import with_reasons


def row(field, origin, chosen):
    return {"field": field, "value": "x", "origin": origin, "evidence": "", "chosen": chosen}


def test_a_value_that_nothing_contradicts():
    (only,) = with_reasons([row("title", "h1", True)])
    assert only["why"] == "No other value on the page or in the feed."


def test_a_value_that_others_contradict_names_them_and_the_rule():
    first, second = with_reasons([row("published", "json_ld", True), row("published", "url", False)])
    assert first["why"].startswith(
        "Higher priority than url. Order: the source's own rule, then machine-readable dates"
    )
    assert second["why"] == "Lower priority than json_ld."


def test_values_from_one_place_are_not_compared_by_its_priority():
    rows = with_reasons([row("published", "visible_text", True), row("published", "visible_text", False)])
    assert [r["why"] for r in rows] == [
        "Chosen from several values in the same place.",
        "Another value from the same place was chosen.",
    ]


def test_only_other_places_have_a_lower_priority():
    rows = [row("site_name", "h1", True), row("site_name", "h1", False), row("site_name", "url", False)]
    assert with_reasons(rows)[0]["why"] == "Higher priority than url."


def test_fields_are_told_apart():
    rows = with_reasons([row("title", "h1", True), row("published", "url", False)])
    assert [r["why"] for r in rows] == [
        "No other value on the page or in the feed.",
        "Not usable.",
    ]
