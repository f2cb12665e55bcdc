"""The commands that a page of the documentation shows, and a shell that runs them one after the other."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

_BLOCK = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PRESS_ENTER = "# Press Enter in the second terminal"
_MARK = "@@ended:"
_LIMIT_S = 120  # of one command


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page; `follows` is true when nothing stands between it and the block before."""

    language: str
    title: str  # the file that it is; empty without one
    text: str
    follows: bool


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text, end, found = page.read_text(encoding="utf-8"), 0, []
    for match in _BLOCK.finditer(text):
        title = re.search(r'title="([^"]+)"', match[3])
        follows = bool(found) and not text[end : match.start()].strip()
        found.append(Block(match[2], title[1] if title else "", dedent(match[4]), follows))
        end = match.end()
    return found


def commands(block: Block) -> Iterator[str]:
    """Yield the commands of a `sh` block without their comments; a command may take several lines."""
    for line in re.sub(r"\\\n\s*", "", block.text).splitlines():
        if line.startswith(PRESS_ENTER):
            yield PRESS_ENTER
        if command := re.sub(r"(^|\s)#\s.*", "", line).strip():
            yield command


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command printed, and its exit code."""

    code: int
    output: str
    errors: str


class DocumentShell:
    """A bash in a folder: variables and the current folder stay from one command to the next."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._logs: dict[str, Path] = {}
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=folder, env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip

    def run(self, command: str) -> Ended:
        """Run a command to its end."""
        out, err = self.folder / ".out", self.folder / ".err"
        self._send(f"{{ {command}\n}} >{out} 2>{err} </dev/null; echo {_MARK}$?\n")
        is_ready, _, _ = select.select([self._shell.stdout], [], [], _LIMIT_S)
        assert is_ready, f"{command} runs for more than {_LIMIT_S} s: {err.read_text('utf-8')[-500:]}"
        line = self._shell.stdout.readline()
        assert line.startswith(_MARK), f"{command}: the shell has ended"
        return Ended(int(line.removeprefix(_MARK)), out.read_text("utf-8"), err.read_text("utf-8"))

    def start(self, command: str) -> str:
        """Start a command that runs until it is stopped; return the first address that it prints."""
        log = self.folder / f".log{len(self._logs)}"
        self._logs[command] = log
        self._send(f"mkfifo {log}.in; {command} <>{log}.in >{log} 2>&1 &\n")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if log.exists() and (found := re.search(r"http://[\w.]+:\d+", log.read_text("utf-8"))):
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"{command} prints no address: {log.read_text('utf-8')}")

    def press_enter(self, program: str) -> None:
        """Send a line to the standard input of a command that was started."""
        with Path(f"{self._log(program)}.in").open("w") as pipe:
            pipe.write("\n")

    def log_of(self, program: str) -> str:
        """Return what a command that was started has printed."""
        return self._log(program).read_text("utf-8")

    def close(self) -> None:
        """End the shell and everything that it started."""
        os.killpg(self._shell.pid, signal.SIGTERM)
        self._shell.communicate()

    def _log(self, program: str) -> Path:
        return next(log for command, log in self._logs.items() if program in command)

    def _send(self, text: str) -> None:
        self._shell.stdin.write(text)
        self._shell.stdin.flush()
