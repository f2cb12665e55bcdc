"""The `forget` command: remove an article everywhere, and keep it out."""

from dataclasses import asdict
from typing import Annotated

import typer

from flows.terminal.options import HomeOption, JsonOption, existing_home
from flows.terminal.output import print_json_line
from warehouse.wording import plural


def forget(
    url: Annotated[str, typer.Argument(help="URL of the article.")],
    reason: Annotated[str | None, typer.Option(help="The reason, stored with the URL.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove an article everywhere, including the archive, and never fetch it again.

    Refused while a run writes the archive. Cannot be undone.
    """
    from tasks.errors import ItemError, UsageError
    from tasks.upkeep.forget import forget as remove_article

    try:
        done = remove_article(existing_home(home), url, reason)
    except ItemError as error:
        raise UsageError(f"'{url}': {error.reason}") from error
    if as_json:
        print_json_line(asdict(done))
        return
    typer.echo(
        f"Removed {plural(done.n_articles, 'article')} and {plural(done.n_pages, 'archived page')}. "
        f"Not fetched again: {', '.join(done.url_keys)}."
    )
    for copy in done.copies:
        typer.echo(f"An earlier copy may still contain it; delete it when you no longer need it: {copy}")
