"""The `searches` commands: saved searches of searches.toml, and the alerts that they send."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.settings import searches_path
from flows.terminal.options import ConfigOption, HomeOption, JsonOption, config_path, existing_home, home_path
from flows.terminal.output import print_json_line, print_table
from flows.terminal.registration import with_debug
from flows.terminal.values import visible
from tasks.errors import UsageError
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.alerts.saved_search import SavedSearch, SavedSearches

searches_app = typer.Typer(help="Saved searches and the alerts that they send.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the saved search.")]
_ENVIRONMENT = "as env:NAME, the environment variable that holds it"


@searches_app.command("add")
@with_debug
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name: lower-case letters, digits and hyphens.")
    ],
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="The question, as `wirehouse search` takes it.")
    ],
    language: Annotated[list[str] | None, typer.Option("--language", help="Only this language.")] = None,
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source.")] = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", help="What to report: new, edit, stealth_edit, gone.")
    ] = None,
    each: Annotated[str, typer.Option("--each", help="Report once per story, or each article.")] = "story",
    to: Annotated[str | None, typer.Option("--to", help=f"Mail or chat address, {_ENVIRONMENT}.")] = None,
    webhook: Annotated[str | None, typer.Option("--webhook", help=f"Webhook URL, {_ENVIRONMENT}.")] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", help=f"Secret that signs the webhook, {_ENVIRONMENT}.")
    ] = None,
    when: Annotated[
        str, typer.Option("--when", help="at once, hourly, daily HH:MM [ZONE] or weekly DAY HH:MM [ZONE].")
    ] = "at once",
    config: ConfigOption = None,
) -> None:
    """Add a saved search to searches.toml, which is created beside sources.toml if needed."""
    from tasks.alerts.searches_file import append_search, stanza_of

    send = {"to": to, "webhook": webhook, "secret": secret, "when": when}
    values: dict[str, Any] = {
        "name": name, "query": query, "languages": language, "sources": source, "on": on, "each": each,
        "send": [{k: v for k, v in send.items() if v}] if to or webhook else None,
    }  # fmt: skip
    path = searches_path(config_path(config))
    search = _search({key: value for key, value in values.items() if value}, path)
    append_search(path, stanza_of(search))
    typer.echo(visible(f"Added '{name}' to {path}."))
    if not search.recipients:
        typer.echo("It has no recipient yet: add [[search.send]] to the file (--webhook, --to).", err=True)


def _search(values: dict[str, Any], path: Path) -> "SavedSearch":
    from tasks.alerts.searches_file import parse_searches

    return parse_searches({"search": [values]}, str(path)).searches[0]


@searches_app.command("list")
@with_debug
def list_searches(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the saved searches and their recipients."""
    searches = _read(config).searches
    if as_json:
        print_json_line(
            [
                {**asdict(s), "recipients": [{"to": r.key, "when": str(r.schedule)} for r in s.recipients]}
                for s in searches
            ]
        )
        return
    names = ["name", "query", "on", "each", "recipient", "when"]
    rows = [
        [s.name, s.query, ", ".join(s.on), s.each.value, r.key if r else None, str(r.schedule) if r else None]
        for s in searches
        for r in s.recipients or (None,)
    ]
    print_table(names, rows)


@searches_app.command("check")
@with_debug
def check(config: ConfigOption = None) -> None:
    """Validate searches.toml, and the environment variables and SQL files that it names."""
    import os

    saved = _read(config)
    recipients = [r for s in saved.searches for r in s.recipients]
    names = {name for r in recipients for name in (r.address, r.secret) if name}
    missing = sorted(name for name in names if not os.environ.get(name.removeprefix("env:")))
    for name in missing:
        typer.echo(f"! {name}: the environment variable is not set here.")
    problems = [feed.problem for feed in saved.feeds if feed.problem]
    for problem in problems:
        typer.echo(visible(f"! {problem}"))
    typer.echo(
        f"{_path(config)}: {plural(len(saved.searches), 'saved search')}, "
        f"{plural(len(recipients), 'recipient')}, {plural(len(saved.feeds), 'feed')}; "
        "all keys and values are valid."
    )
    if missing or problems:
        raise typer.Exit(1)


@searches_app.command("test")
@with_debug
def test(
    name: NameArgument,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many articles.")] = 5,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the message that a saved search would send about its latest matches. Sends nothing."""
    from tasks.alerts.searches_file import select_search
    from tasks.alerts.send import preview
    from warehouse.store.home import Home

    searches = _read(config)
    text = preview(Home.of(home_path(home)), select_search(searches, name), searches.browse_url, limit)
    if text is None:
        typer.echo(visible(f"No article matches '{name}'."), err=True)
        return
    typer.echo(visible(f"Subject: {text.subject}") + "\n")
    typer.echo("\n".join(visible(line) for line in text.body.splitlines()))


@searches_app.command("send")
@with_debug
def send(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Send everything noted for this search, due or not.")
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Send what is due.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note what is new for the saved searches, and send what is due. Every ingest run does the same."""
    from tasks.alerts.searches_file import select_search
    from tasks.alerts.send import report_changes

    if due == (name is not None):
        raise UsageError("Give either --due or the name of a saved search.")
    searches = _read(config)
    if name is not None:
        select_search(searches, name)
    sent = report_changes(existing_home(home), searches, only=name)
    if as_json:
        print_json_line(asdict(sent))
    else:
        typer.echo(f"{plural(sent.n_noted, 'change')} noted, {plural(sent.n_sent, 'message')} sent.")
        for failure in sent.failures:
            typer.echo(visible(f"! {failure}"), err=True)
    if sent.failures:
        raise typer.Exit(1)


def _path(config: Path | None) -> Path:
    return searches_path(config_path(config))


def _read(config: Path | None) -> "SavedSearches":
    from tasks.alerts.searches_file import read_searches

    return read_searches(_path(config))
