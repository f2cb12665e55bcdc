"""Write the pages of the documentation that are generated from the code: `python -m manual`."""

import sys
import tempfile
from pathlib import Path

from demo.site import DemoSite
from manual.demo_store import make_demo_store
from manual.generated import PAGES, PAGES_OF_STORE
from warehouse.store.connection import connect

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Write each generated page whose text has changed, and name it."""
    texts = {name: make() for name, make in PAGES.items()}
    with tempfile.TemporaryDirectory() as folder, DemoSite() as site:
        make_demo_store(Path(folder), site)
        with connect(folder) as con:
            texts |= {name: make(con) for name, make in PAGES_OF_STORE.items()}
    for name, text in texts.items():
        page = DOCS / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
