"""The result of the upkeep in sentences, for the command line and for Prefect's artifacts."""

from tasks.upkeep.maintain import Maintained
from tasks.upkeep.prune import Pruned
from warehouse.wording import plural


def sentences(done: Maintained) -> list[str]:
    """Return one sentence for each step."""
    learning = done.learning
    lines = [
        f"Recurring lines: {learning.n_lines:,} ({learning.n_new:,} new, {learning.n_gone:,} removed); "
        f"{plural(learning.n_texts, 'text')} changed."
    ]
    if done.pruned:
        lines += prune_sentences(done.pruned)
    if done.compaction:
        before, after = done.compaction.bytes_before, done.compaction.bytes_after
        lines.append(f"The store was compacted from {before / 1e6:,.1f} to {after / 1e6:,.1f} MB.")
    else:
        lines.append("The store needed no compaction.")
    if done.exported_to:
        lines.append(f"Exported to {done.exported_to}.")
    return lines


def prune_sentences(done: Pruned) -> list[str]:
    """Return one sentence for each kind of thing that a prune removed, or would remove."""
    verb = "were removed" if done.is_applied else "would be removed"
    rows = done.rows
    lines = [
        f"Older than {done.before[:10]}: {plural(rows['fetch'], 'request')} without a page, "
        f"{plural(rows['reject'], 'resolved reject')} and {plural(rows['superseded'], 'replaced value')} "
        f"{verb}."
    ]
    if done.files:
        size = sum(done.files.values()) / 1e6
        lines.append(f"Old copies and exports, {size:,.1f} MB, {verb}: {', '.join(done.files)}.")
    return lines
