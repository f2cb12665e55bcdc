"""What `wirehouse report` costs: CPU, size of the file.

python -m bench.report [--home HOME] [--articles N]
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.browse import fill_home
from flows.reports.news_report import write_report
from warehouse.reading.filters import Selection
from warehouse.store.connection import Home


def main() -> None:
    """Print the costs of a report on everything, and on a source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--articles", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(arguments.home or Path(folder) / "home")
        if not home.snapshot_file.exists():
            fill_home(home, arguments.articles)
        file = Path(folder) / "report.html"
        for name, selection in {
            "everything": Selection(),
            "one source": Selection(sources=("source-1",)),
        }.items():
            cpu, start = time.process_time(), time.monotonic()
            write_report(home, selection, file)
            print(
                f"{name}: {time.process_time() - cpu:.2f} CPU s, {time.monotonic() - start:.2f} s, "
                f"{file.stat().st_size / 1e6:.2f} MB"
            )


if __name__ == "__main__":
    main()
