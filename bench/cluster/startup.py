"""What a cluster costs a machine that has none: imports and start-up times without cluster.toml (bar 11).

Each command of each checkout has a folder of its own without a warehouse, so that it does nothing but start.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.cluster.lake_bars import BarOutcome
from tests.support.cluster.imported_modules import COMMANDS, imported_modules

ROOT = Path(__file__).parents[2]
N_RUNS = 9
MAX_RATIO = 1.1


def startup_bar(against: Path | None) -> list[BarOutcome]:
    """Start commands without cluster.toml; compare with those of another checkout, started in turn."""
    os.environ.pop("WIREHOUSE_CLUSTER", None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        return [
            outcome
            for name, arguments in COMMANDS.items()
            for outcome in _measure(name, arguments, Path(folder), against)
        ]


def _measure(name: str, arguments: list[str], folder: Path, against: Path | None) -> list[BarOutcome]:
    costs: dict[Path, list[float]] = {root: [] for root in (ROOT, against) if root}
    folders = {root: folder / f"{name}-{number}" for number, root in enumerate(costs)}
    for place in folders.values():
        place.mkdir()
        (place / "sources.toml").write_text("")
    for run in range(N_RUNS + 1):
        for root, of_root in costs.items():
            cost = _cpu_of_start(arguments, folders[root], root)
            if run:  # the first one writes __pycache__
                of_root.append(cost)
    ours, imported = costs[ROOT], imported_modules(arguments, folders[ROOT])
    sentence = f"{name}: imports of a cluster {imported}; {_listed(ours)} CPU s to start"
    if against is None:
        return [BarOutcome(imported == "[]", sentence)]
    ratio = statistics.median(ours) / statistics.median(costs[against])
    return [
        BarOutcome(
            imported == "[]" and ratio <= MAX_RATIO,
            f"{sentence}, {_listed(costs[against])} in '{against.name}': "
            f"{ratio:.2f} times as much (at most {MAX_RATIO})",
        )
    ]


def _cpu_of_start(arguments: list[str], folder: Path, root: Path) -> float:
    """Return the CPU seconds of a command by the code of a checkout."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _listed(costs: list[float]) -> str:
    return f"{statistics.median(costs):.2f} ({min(costs):.2f} to {max(costs):.2f})"
