"""Every command, query and program that README and docs show runs as printed, and prints what the page says.

Those of a page run in a folder with the demo's data and source list, in the order of the page. A `text`
block directly below is what they print; a line `…` in it stands for any lines. Addresses of other hosts
become those of the demo's sites.
"""

import re
import shutil
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.archived_pages import START, html, paragraphs
from tests.support.document_shell import PRESS_ENTER, DocumentShell, blocks, commands
from tests.support.receivers import web_hook
from warehouse.store.connection import connect

ROOT = Path(__file__).parents[2]
GENERATED = {"docs/reference/tables.md", "docs/reference/commands.md", "docs/cookbook.md"}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "demo" / "README.md"]
TUTORIAL = ROOT / "docs" / "tutorial.md"
PAGES += sorted((ROOT / "docs").rglob("*.md"))

# What cannot run here, and why. The options of its `wirehouse` commands are still checked (test_docs.py).
NOT_RUN = {
    r"make ": "a target of the Makefile: it exists (test_docs.py), and the integration runs it",
    r"wirehouse sql$": "a prompt: tests/contract/terminal/test_prompt.py",
    r"wirehouse (serve|deploy)\b": "needs or starts a Prefect server: tests/e2e/test_serve.py",
    r"wirehouse (worker|cluster)\b": "needs PostgreSQL and an object store: tests/cluster",
    r"dask ": "starts a scheduler or a worker of Dask, which runs on: tests/cluster",
    r"prefect ": "needs a Prefect server with deployments: tests/e2e/test_deployment.py",
    r"wirehouse reextract --rollback": "needs a run to undo: tests/contract/upkeep/test_reextract.py",
    r"python -m demo\.truth": "rewrites a file of the source tree: tests/contract/test_demo_site.py",
    r"python -m demo\.site --(sources|port-base)": "serves until Ctrl-C: the tutorial's test starts it",
    r"(source \.venv|git pull)": "needs a checkout of one's own",
    r"(useradd|install|systemd-analyze|systemctl|journalctl|sudo) ": "changes the machine, as root",
    r"(mv|rm) .*warehouse\.": "goes back from an upgrade: tests/contract/store/test_upgrade.py",
    r"docker ": "needs a container engine",
}
RUNS_ON = re.compile(r"wirehouse browse|python (receiver\.py|-m demo\.site)")  # until Ctrl-C
TO_ADD = "nordkai-kurier"  # the site that pages add as a new source
# By the beginning of the command; 0 for all others.
EXIT_CODES = {
    "wirehouse ingest": {0, 1},  # 1: some items failed and are recorded, as its page says
    "wirehouse sources check": {0, 1},  # 1: a feed cannot be read
    "wirehouse forget": {2},  # it asks; without a terminal it changes nothing and says how to confirm
}


@pytest.fixture
def reader(tmp_path, demo_home, sites):
    """Return the shell of someone who reads a page, in a folder with the demo's data."""
    shutil.copytree(demo_home, tmp_path / "data")
    stanzas = (tmp_path / "data" / "sources.toml").read_text("utf-8").split("\n[[source]]")
    listed = [stanza for stanza in stanzas if f'"{TO_ADD}"' not in stanza]
    (tmp_path / "sources.toml").write_text("\n[[source]]".join(listed), "utf-8")
    warc = next((tmp_path / "data" / "pages").rglob("*.warc.gz"))
    shutil.copy(warc, tmp_path / "CC-NEWS-1.warc.gz")
    feeds = f'<outline type="rss" text="Section" xmlUrl="{sites.base(TO_ADD)}/section.xml"/>'
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{feeds}</body></opml>')
    (tmp_path / "searches.toml").write_text('feeds_folder = "feeds"\n')
    (tmp_path / "reservoirs.sql").write_text(
        "select title, url from articles where title ilike '%reservoir%'"
    )
    (tmp_path / "saved-pages").mkdir()
    saved = b"<!-- saved from url=(0035)https://news.example/2026/saved -->\n" + html(
        "A", paragraphs(1), START
    )
    (tmp_path / "saved-pages" / "story.html").write_bytes(saved)
    (tmp_path / "urls.csv").write_text("file,url\nstory.html,https://news.example/2026/saved-story\n")
    shell = DocumentShell(tmp_path, {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"})
    yield shell
    shell.close()


@pytest.fixture
def addresses(sites, demo_home, hook):
    """Return what takes the place of addresses that a reader replaces by their own."""
    with connect(demo_home) as con:
        story = con.execute(
            "select url from articles where source = ? order by published_at limit 1", [TO_ADD]
        ).fetchone()[0]
    base, listing = sites.base(TO_ADD), sites.base("talblick")
    allow = f"--allow {base.removeprefix('http://')}"
    return {
        "extract https://news.example/story": f"extract '{story}' --source 127-0-0-1",  # as added before
        "https://news.example/story": f"'{story}'",
        "https://news.example/rss.xml": f"{base}/feed/atom",
        "https://news.example/": f"{base}/ {allow}",
        "https://listing.example/news/": f"{listing}/meldungen/ --allow {listing.removeprefix('http://')}",
        "https://hooks.example/desk": hook.url,
        "/var/lib/wirehouse": "data",
        "/var/lib/node_exporter": ".",
        "/backup/wirehouse": "backup",
    }


@pytest.fixture
def hook():
    with web_hook() as running:
        yield running


def is_run(command):
    return not any(re.match(pattern, command) for pattern in NOT_RUN)


def with_addresses(command, addresses):
    for shown, real in addresses.items():
        command = command.replace(shown, real)
    return command


def matches(shown, printed):
    """Say whether the printed lines are those of the page, where a line `…` stands for any lines."""
    parts = [
        re.escape(line.rstrip()) if line.strip() != "…" else "(?:.*\n)*.*" for line in shown.splitlines()
    ]
    printed = "\n".join(line.rstrip() for line in printed.splitlines())
    return re.fullmatch("\n".join(parts).replace("\n(?:.*\n)*.*", "(?:\n.*)*"), printed) is not None


def with_commands(pages):
    shown = [page for page in pages if any(b.language in ("sh", "sql", "python") for b in blocks(page))]
    return [page for page in shown if str(page.relative_to(ROOT)) not in GENERATED and page != TUTORIAL]


@pytest.mark.parametrize("page", with_commands(PAGES), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_shows_runs_as_printed(reader, addresses, page):
    printed = ""
    for block in blocks(page):
        if block.language == "sh":
            printed = "".join(run(reader, addresses, command) for command in filter(is_run, commands(block)))
        elif block.language == "sql" and not re.search(r"[$…]", block.text):
            (reader.folder / "question.sql").write_text(block.text)
            printed = run(reader, addresses, "wirehouse sql --file question.sql")
        elif block.language == "python":
            (reader.folder / "program.py").write_text(block.text)
            printed = run(reader, addresses, "python program.py")
        elif block.language == "text" and block.follows:
            assert matches(block.text, printed), printed


def run(reader, addresses, command):
    real = with_addresses(command, addresses)
    if RUNS_ON.match(command):
        address = reader.start(f"{real} --port 0" if real == "wirehouse browse" else real)
        if "browse" in command:
            addresses["http://127.0.0.1:8484"] = address
            assert reader.run(f"curl --fail {address}/").code == 0
        return ""
    ended = reader.run(real)
    expected = next((codes for start, codes in EXIT_CODES.items() if command.startswith(start)), {0})
    assert ended.code in expected, f"{real}\n{ended.output[-500:]}\n{ended.errors[-1500:]}"
    return ended.output


def test_the_tutorial_runs_as_printed(tmp_path):
    """From an empty folder: what the receiver of the alert prints is the end of the story."""
    ports = {
        str(port): str(free) for port, free in zip([*range(8800, 8810), 8900], free_ports(11), strict=True)
    }
    shell = DocumentShell(tmp_path, {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"})
    printed = ""
    for block in blocks(TUTORIAL):
        if block.title:
            (tmp_path / "my-news" / block.title).write_text(with_addresses(block.text, ports))
        elif block.language == "text" and block.follows:
            assert matches(block.text, printed), printed
        elif block.language == "sh":
            printed = ""
            for command in commands(block):
                if command == PRESS_ENTER:
                    shell.press_enter("demo.site")
                elif is_run(command) or "demo.site" in command:
                    printed += run(shell, ports, command)
    told = shell.log_of("receiver.py")
    shell.close()
    assert "stealth_edit Bushfire inquiry hears tower failed nine minutes" in told
    assert int(printed.split()[-1]) == 16  # articles: 11 of the feed, 5 that only the backfill finds


def free_ports(n):
    """Return n ports in a row that are free."""
    for first in range(18_800, 30_000, 50):
        with ExitStack() as probes:
            try:
                for port in range(first, first + n):
                    probes.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return range(first, first + n)
    raise AssertionError("no free ports")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_stand_in_blocks_of_commands(page):
    """What looks like a command is in a `sh` block, and runs; a line for cron is in a `cron` block."""
    looks_like = re.compile(r"^(\$ |wirehouse |make |python |pip |prefect |curl )", re.MULTILINE)
    wrong = [b.text for b in blocks(page) if b.language not in ("sh", "cron") and looks_like.search(b.text)]
    assert str(page.relative_to(ROOT)) in GENERATED or wrong == []


def test_every_reason_not_to_run_is_used():
    shown = [command for page in PAGES for b in blocks(page) if b.language == "sh" for command in commands(b)]
    unused = [pattern for pattern in NOT_RUN if not any(re.match(pattern, command) for command in shown)]
    assert unused == []
