"""What the upkeep did, in sentences: for the command line and for Prefect's pages."""

from tasks.upkeep.maintain import Maintained
from tasks.upkeep.prune import Pruned


def sentences(done: Maintained) -> list[str]:
    """Return one sentence for each step."""
    lines = done.learning
    said = [
        f"{lines.n_lines} recurring lines known: {lines.n_new} new, {lines.n_gone} gone, "
        f"{lines.n_texts} texts read otherwise now."
    ]
    if done.pruned:
        said += prune_sentences(done.pruned)
    if done.compaction:
        before, after = done.compaction.bytes_before, done.compaction.bytes_after
        said.append(f"The store was compacted from {before / 1e6:,.1f} to {after / 1e6:,.1f} MB.")
    else:
        said.append("Compacting the store was not worth it.")
    if done.exported_to:
        said.append(f"Exported to {done.exported_to}.")
    return said


def prune_sentences(done: Pruned) -> list[str]:
    """Return one sentence for each kind of thing that a prune took out, or would take out."""
    verb = "were removed" if done.is_applied else "would be removed"
    rows = done.rows
    said = [
        f"Before {done.before[:10]}: {rows['fetch']} requests without a page, {rows['reject']} resolved "
        f"rejects and {rows['superseded']} values that re-extractions replaced {verb}."
    ]
    if done.files:
        size = sum(done.files.values()) / 1e6
        said.append(
            f"{len(done.files)} copies and exports of {size:,.1f} MB {verb}: {', '.join(done.files)}."
        )
    return said
