"""What the upkeep did, in sentences: for the command line and for Prefect's pages."""

from tasks.maintain import Maintained


def sentences(done: Maintained) -> list[str]:
    """Return one sentence for each step."""
    lines = done.learning
    said = [
        f"{lines.n_lines} recurring lines known: {lines.n_new} new, {lines.n_gone} gone, "
        f"{lines.n_texts} texts read otherwise now."
    ]
    if done.compaction:
        before, after = done.compaction.bytes_before, done.compaction.bytes_after
        said.append(f"The store was compacted from {before / 1e6:,.1f} to {after / 1e6:,.1f} MB.")
    else:
        said.append("Compacting the store was not worth it.")
    if done.exported_to:
        said.append(f"Exported to {done.exported_to}.")
    return said
