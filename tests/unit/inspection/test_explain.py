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
        "Higher priority than url: the source's own rule, then machine-readable dates"
    )
    assert second["why"] == "Lower priority than json_ld."


def test_fields_are_told_apart():
    rows = with_reasons([row("title", "h1", True), row("published", "url", False)])
    assert [r["why"] for r in rows] == [
        "No other value on the page or in the feed.",
        "Not usable.",
    ]
