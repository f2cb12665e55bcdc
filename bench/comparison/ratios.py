"""The table at the end of `make bench`: our figures beside those that references reached in the same run.

`make bench` names a file in WIREHOUSE_RATIOS; each benchmark adds a line for each comparison (`note`).

    python -m bench.comparison.ratios FILE     prints the table
"""

import json
import os
import sys
from pathlib import Path


def note(what: str, unit: str, ours: float, reference: str, theirs: float) -> None:
    """Add a comparison with a named reference to the file of WIREHOUSE_RATIOS, if there is one."""
    file = os.environ.get("WIREHOUSE_RATIOS")
    if file:
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([what, unit, ours, reference, theirs]) + "\n")


def table(lines: list[str]) -> str:
    """Return the comparisons as a table; of figures per second the higher one is better."""
    rows = [("figure", "unit", "wirehouse", "reference", "its figure", "ratio", "better is")]
    for what, unit, ours, reference, theirs in map(json.loads, lines):
        better = "more" if unit.endswith(("/s", "/CPU s")) else "less"
        rows.append((what, unit, f"{ours:,.2f}", reference, f"{theirs:,.2f}", f"{ours / theirs:.2f}", better))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def main() -> None:
    """Print the table of a file."""
    if len(sys.argv) == 2:
        print(table(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))


if __name__ == "__main__":
    main()
