"""Loads everything that extracting a first page needs, in the process that workers are forked from.

A preload of the fork server: trafilatura, htmldate with its date parser and the language model cost a
second of CPU, which must not count against a page's time limit.
"""

import gc
from contextlib import suppress

from tasks.domain.articles.article import PageContext, read_article
from tasks.domain.text.language import CODES, use_tables
from tasks.errors import ItemError
from tasks.workers.language_tables import read_tables
from warehouse.records.source import Source

_PAGE = b"""<html><head><title>A page to warm up with</title></head><body><h1>A page to warm up with</h1>
<p>12 March 2021. The first page that a process reads pays for what is loaded when it is needed first.</p>
<div>By Ann Lee. It has a text of its own, in a language that can be named.</div></body></html>"""


def warm_up() -> None:
    """Extract a page, so that the next one finds everything loaded."""
    import htmldate  # noqa: F401 - imported lazily, for pages without any other date

    use_tables(read_tables(CODES))
    with suppress(ItemError):
        read_article(
            _PAGE, PageContext("https://page.invalid/", "https://page.invalid/", ""), Source("page", "")
        )


warm_up()
# A collection writes to every object that it looks at, and so copies pages that workers share: 8 MB each.
gc.freeze()
