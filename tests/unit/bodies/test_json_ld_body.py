"""The text that a page's JSON-LD carries."""

import pytest

from tasks.domain.bodies.json_ld_body import linked_text

ONE = "The council met late on Tuesday and decided that the ferry should run all winter, against many wishes."
TWO = "Three members of the board said that the price of a ticket would rise in the spring for the islanders."
THREE = (
    "A first boat is to leave the northern pier at six in the morning, the last one shortly before midnight."
)
FOUR = "The owners answered that the old engines of the boats would not last another season without the yard."


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        pytest.param(f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>", [ONE, TWO, THREE], id="markup"),
        pytest.param(2 * f"{ONE}\n{TWO}\n{THREE}\n", [ONE, TWO, THREE], id="paragraphs twice"),
        pytest.param(2 * f"{ONE} {TWO} {THREE} ", [f"{ONE} {TWO} {THREE}"], id="one line twice"),
        pytest.param(ONE + TWO + THREE + FOUR, [ONE, TWO, THREE, FOUR], id="glued paragraphs"),
        pytest.param(
            f"{ONE} {TWO} See coast.Com. {THREE}", [f"{ONE} {TWO} See coast.Com. {THREE}"], id="name"
        ),
        pytest.param(ONE, [], id="a teaser"),
    ],
)
def test_linked_text(raw, lines):
    assert linked_text([{"articleBody": raw}]) == "\n".join(lines)
