"""Write the report of the warehouse as one HTML file: for `report`, the nightly upkeep and the demo."""

from pathlib import Path

from warehouse.reading.filters import Selection
from warehouse.reading.report_sums import find_report
from warehouse.reading.snapshots import SnapshotSource
from warehouse.store.home import Home
from web.report import describe, report_file

TIMEOUT_S = 300


def write_report(home: Home, selection: Selection, file: Path) -> Path:
    """Write the report on the newest snapshot and return the file, which is replaced as a whole.

    Raises OSError when it cannot be written, WarehouseError when the snapshot cannot be read.
    """
    with SnapshotSource(home, timeout_s=TIMEOUT_S) as snapshots, snapshots.session() as session:
        sums = find_report(session.con, selection)
        body = report_file(sums, selection, session.published_at, f"News report: {describe(selection)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.tmp")
    partial.write_bytes(body)
    partial.replace(file)
    return file


def write_home_report(home: Home) -> Path:
    """Write the report of everything beside the snapshot."""
    return write_report(home, Selection(), home_report(home))


def home_report(home: Home) -> Path:
    """Return the file of the report beside the snapshot."""
    return home.root / "report.html"
