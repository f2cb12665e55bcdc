"""The notebooks run from top to bottom on the demo's data, and print what they show."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def outputs(notebook):
    """Return what each cell of code prints or returns."""
    return [
        [output.get("text") or output["data"]["text/plain"] for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_shows(path, demo_home, monkeypatch, tmp_path):
    monkeypatch.setenv("WIREHOUSE_HOME", str(demo_home))
    notebook = nbformat.read(path, as_version=4)
    shown = outputs(notebook)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert outputs(notebook) == shown
    assert all(shown[1:])
