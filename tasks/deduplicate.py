"""New articles + stored candidates -> links and stories; inside the load's transaction."""

from collections.abc import Sequence

import duckdb


def link_articles(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str], load_id: str) -> int:
    """Link the articles to their stored copies; return how many of them have one."""
    return 0
