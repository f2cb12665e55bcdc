"""systemd accepts the unit (`make test-deploy`)."""

import os
import re
import subprocess
import sys
from pathlib import Path

UNIT = Path(__file__).parents[2] / "docs" / "deploy" / "wirehouse.service"


def verify(unit: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "verify", str(unit)],
        capture_output=True, text=True, check=False, env=os.environ | {"SYSTEMD_LOG_LEVEL": "warning"},
    )  # fmt: skip


def test_systemd_accepts_the_unit(tmp_path):
    text = UNIT.read_text()
    command = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)[1]
    unit = tmp_path / UNIT.name
    # The path of the command is that of an installation: here another program stands in its place.
    unit.write_text(text.replace(command, sys.executable))
    done = verify(unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_mistake_would_be_found(tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("Restart=on-failure", "Restart=sometimes"))
    assert "sometimes" in verify(unit).stderr
