"""Write the pages of the documentation that are generated from the code: `python -m manual`."""

import sys
from pathlib import Path

from manual.generated import GENERATED

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Write each generated page whose text has changed, and name it."""
    for name, make in GENERATED.items():
        page, text = DOCS / name, make()
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
