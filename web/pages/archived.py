"""`/article/{id}/archived`: the page as it was fetched, in a sandbox.

The page itself has its own policy: it runs no script and loads nothing from the network.
"""

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from warehouse.errors import WarehouseError
from warehouse.reading.article import find_article_id, find_text
from warehouse.records.page import ArchiveRef
from web.errors import NotFound
from web.pages.article import known_article
from web.parameters import parse_id
from web.safety import ARCHIVED_POLICY, FRAME_POLICY
from web.settings import WebSettings
from web.view import RequestContext, View

_MARKUP = re.compile(r"\s*(text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)


def frame(context: RequestContext) -> View:
    """Return the page that frames the archived one."""
    article = known_article(context, context.path["id"])
    if article.archive_ref is None:
        raise NotFound("The archive has no page of this article: it was imported, or its page was pruned.")
    return View(
        "archived.html.j2", {"article": article}, {}, headers={"content-security-policy": FRAME_POLICY}
    )


def page_endpoint(settings: WebSettings) -> Callable[[Request], Response]:
    """Return the endpoint that gives the archived page itself."""

    def endpoint(request: Request) -> Response:
        try:
            ref = _find_ref(settings, request.path_params["id"])
        except WarehouseError as error:
            return _refused(503, str(error))
        if ref is None:
            return _refused(404, "The archive has no page of this article.")
        try:
            page = settings.read_page(ref)
        except (OSError, ValueError) as error:
            return _refused(404, f"The archived page cannot be read: {error}")
        headers = {
            "content-security-policy": ARCHIVED_POLICY,
            "content-type": content_type(page.content_type),
        }
        return Response(page.body, headers=headers)

    return endpoint


def content_type(declared: str | None) -> str:
    """Return the type to serve a page with: HTML with the charset it came with; all else as text."""
    if declared is not None and not _MARKUP.match(declared):
        return "text/plain; charset=utf-8"
    charset = _CHARSET.search(declared or "")
    return f"text/html; charset={charset[1]}" if charset else "text/html"


def _find_ref(settings: WebSettings, text: str) -> ArchiveRef | None:
    try:
        wanted_id = parse_id(text)
    except NotFound:
        return None
    with settings.source.session() as session:
        article_id = find_article_id(session.con, wanted_id)
        article = find_text(session.con, article_id) if article_id else None
    return article.archive_ref if article else None


def _refused(status: int, text: str) -> Response:
    headers = {"content-security-policy": ARCHIVED_POLICY, "content-type": "text/plain; charset=utf-8"}
    return Response(text + "\n", status, headers)
