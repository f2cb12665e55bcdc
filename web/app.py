"""The web application: addresses to pages, one snapshot per request, errors to answers.

`flows.commands.browse` runs it. Pages are functions from a `RequestContext` to a `View`; everything else
(forms, caching, validators, errors) happens here, once.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from warehouse.errors import WarehouseError
from warehouse.reading.snapshots import DeadlineExceeded, SnapshotBusy
from web.api.page import documentation
from web.api.routes import PREFIX, ROUTES, ApiRoute
from web.cache import Answer, AnswerCache
from web.errors import NotFound, WebError
from web.pages import archived, article, compare, edits, questions, search, searches, sources, story
from web.parameters import Parameters, parse_flag
from web.render import CONTENT_TYPES, html, render, to_json
from web.report import report
from web.safety import Guard
from web.settings import WebSettings
from web.view import FEED_FORMS, Form, RequestContext, View

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"

Page = Callable[[RequestContext], View]
TABLE_FORMS = (Form.HTML, Form.JSON, Form.CSV)
ALL_FORMS = (*TABLE_FORMS, *FEED_FORMS)


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page: where it is, and in which forms."""

    path: str
    page: Page
    forms: tuple[Form, ...]

    @property
    def follows_searches(self) -> bool:
        """Say whether it changes with searches.toml and what is sent, also between two snapshots."""
        return self.path.startswith(("/searches", "/feeds"))

    @property
    def is_api(self) -> bool:
        """Say whether it is a route of the API, whose addresses have no ending."""
        return self.path.startswith(PREFIX)

    @property
    def stem(self) -> str:
        """Return its address without the form's ending."""
        return "/search" if self.path == "/" else self.path


PAGES = (
    PageRoute("/", search.results, ALL_FORMS),
    PageRoute("/article/{id}/copies/{other}", article.side_by_side, (Form.HTML, Form.JSON)),
    PageRoute("/article/{id}/revisions", article.revisions, TABLE_FORMS),
    PageRoute("/article/{id}/archived", archived.frame, (Form.HTML,)),
    PageRoute("/article/{id}", article.article, TABLE_FORMS),
    PageRoute("/story/{id}", story.story, ALL_FORMS),
    PageRoute("/edits", edits.edits, ALL_FORMS),
    PageRoute("/sources", sources.source_list, TABLE_FORMS),
    PageRoute("/sources/{name}", sources.source, ALL_FORMS),
    PageRoute("/compare", compare.compare, TABLE_FORMS),
    PageRoute("/questions", questions.question_list, TABLE_FORMS),
    PageRoute("/questions/{name}", questions.question, ALL_FORMS),
    PageRoute("/searches", searches.search_list, TABLE_FORMS),
    PageRoute("/searches/{name}", searches.saved_search, ALL_FORMS),
    PageRoute("/feeds/{name}", searches.saved_feed, ALL_FORMS),
    PageRoute("/report", report, TABLE_FORMS),
    PageRoute("/api", documentation, (Form.HTML,)),
)


def make_app(settings: WebSettings) -> Starlette:
    """Return the application."""
    answers = AnswerCache()
    routes: list[BaseRoute] = [
        Mount("/static", StaticFiles(directory=_STATIC)),
        Route("/article/{id}/archived/page", archived.page_endpoint(settings)),
    ]
    for page in (*PAGES, *map(_as_page, ROUTES)):
        for form in page.forms:
            path = page.path if form is Form.HTML or page.is_api else f"{page.stem}.{form}"
            routes.append(Route(path, _endpoint(settings, answers, page, form)))
    routes.append(Route(f"{PREFIX}/openapi.json", _openapi))
    routes.sort(key=lambda route: getattr(route, "path", "").count("{"))  # fixed addresses first
    routes.sort(key=lambda route: -_ending(getattr(route, "path", "")))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, allowed_hosts=settings.allowed_hosts)],
        exception_handlers={HTTPException: _http_error, Exception: _failure},
    )


def _ending(path: str) -> int:
    """Return the length of the form's ending: `.feed.json` is tried before `.json`, and that before none."""
    return max((len(form) for form in Form if path.endswith(f".{form}")), default=0)


def _as_page(route: ApiRoute) -> PageRoute:
    """Return a route of the API as a page whose only form is JSON."""
    return PageRoute(PREFIX + route.path, lambda context: View("", {}, route.answer(context)), (Form.JSON,))


def _openapi(request: Request) -> Response:
    from web.api.schema import openapi  # pydantic's schemas: imported only when requested

    return Response(to_json(openapi()), headers={"content-type": CONTENT_TYPES[Form.JSON]})


def _endpoint(
    settings: WebSettings, answers: AnswerCache, page: PageRoute, form: Form
) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return _answer(settings, answers, page, form, request)
        except WebError as error:
            text = str(error)
            question = _question_of(request) if text.startswith("q: ") else None
            without = None if question else _without_parameter(request, text)
            return error_response(error.status, error.title, text, form, question=question, without=without)
        except (DeadlineExceeded, SnapshotBusy) as error:
            return error_response(503, "Try again", str(error), form, {"retry-after": "5"})
        except duckdb.OutOfMemoryException:
            text = "The page needs more memory than it may take. Narrow the query, or raise --memory."
            return error_response(503, "Too large", text, form)
        except WarehouseError as error:
            return error_response(
                503, "The warehouse cannot be read", str(error), form, {"retry-after": "30"}
            )

    return endpoint


def _answer(
    settings: WebSettings, answers: AnswerCache, page: PageRoute, form: Form, request: Request
) -> Response:
    address = f"{request.url.path}?{request.url.query} {request.headers.get('host', '')}"
    snapshot_key = settings.source.snapshot_key()
    if page.follows_searches:
        address += f" {settings.read_watched().key}"
    etag = entity_tag(snapshot_key, address)
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"etag": etag})
    answer = answers.get(snapshot_key, address)
    if answer is None:
        answer = _fresh_answer(settings, page, form, request)
        answers.put(snapshot_key, address, answer)
    headers = {"etag": etag, "content-type": answer.content_type, **dict(answer.headers)}
    return Response(answer.body, headers=headers)


def _fresh_answer(settings: WebSettings, page: PageRoute, form: Form, request: Request) -> Answer:
    parameters = Parameters.parse(request.url.query)
    with settings.source.session() as session:
        context = RequestContext(
            con=session.con,
            parameters=parameters,
            path=request.path_params,
            query=request.url.query,
            base_url=str(request.base_url),
            published_at=session.published_at,
            settings=settings,
        )
        view = page.page(context)
    if form in FEED_FORMS and view.feed is None:
        raise NotFound("This page does not list articles, so it has no feed.")
    body = render(
        view, form, _shared(page, context, view), for_spreadsheet=parse_flag(parameters, "spreadsheet")
    )
    return Answer(body, CONTENT_TYPES[form], tuple(view.headers.items()))


def _shared(page: PageRoute, context: RequestContext, view: View) -> dict[str, Any]:
    """Return what every template has: the snapshot's time, the other forms of the page, where we are."""
    stem = page.stem.format(**context.path)
    query = f"?{context.query}" if context.query else ""
    others = [form for form in page.forms if form is not Form.HTML and (view.feed or form not in FEED_FORMS)]
    forms = [(form.value, f"{stem}.{form}{query}") for form in others]
    return {"published_at": context.published_at, "forms": forms, "section": page.stem.split("/")[1]}


def entity_tag(snapshot_key: str, address: str) -> str:
    """Return the validator of an answer: it changes with the snapshot, and with what `address` holds."""
    return f'"{hashlib.sha256(f"{snapshot_key} {address}".encode()).hexdigest()[:24]}"'


@dataclass(frozen=True, slots=True)
class Question:
    """What a page was asked, so that its error page has it in a field to be corrected."""

    path: str
    text: str
    others: tuple[tuple[str, str], ...]  # the other parameters


def _question_of(request: Request) -> Question | None:
    """Return the question of a request; None when it has none, or several."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    texts = [value for name, value in pairs if name == "q"]
    if len(texts) != 1:
        return None
    return Question(request.url.path, texts[0], tuple(pair for pair in pairs if pair[0] != "q"))


def _without_parameter(request: Request, text: str) -> tuple[str, str] | None:
    """Return the parameter that an error names, and the request's address without it; None if none."""
    name = text.partition(":")[0]
    pairs = request.query_params.multi_items()
    rest = [pair for pair in pairs if pair[0] not in (name, "after")]
    if name not in request.query_params:
        return None
    return name, f"{request.url.path}{'?' if rest else ''}{urlencode(rest)}"


def error_response(
    status: int,
    title: str,
    text: str,
    form: Form,
    headers: dict[str, str] | None = None,
    *,
    question: Question | None = None,
    without: tuple[str, str] | None = None,
) -> Response:
    """Return an error: a page for people, problem+json (RFC 9457) for programs."""
    if form is Form.HTML:
        values = {
            "title": title,
            "text": text,
            "status": status,
            "question": question,
            "without": without,
            "forms": [],
            "section": "",
            "published_at": None,
        }
        body, content_type = html("error.html.j2", values), CONTENT_TYPES[Form.HTML]
    else:
        body = to_json({"type": "about:blank", "title": title, "status": status, "detail": text})
        content_type = "application/problem+json"
    return Response(body, status, {"content-type": content_type, **(headers or {})})


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = f"There is no page at {request.url.path}." if error.status_code == 404 else str(error.detail)
    return error_response(error.status_code, "Not found", text, _form_of(request))


def _failure(request: Request, error: Exception) -> Response:
    _log.error("%s failed", request.url.path, exc_info=error)
    text = "The page could not be made. The server's output says why."
    return error_response(500, "Something went wrong", text, _form_of(request))


def _form_of(request: Request) -> Form:
    path = request.url.path
    if path.startswith("/api/") or path.endswith((".json", ".csv", ".atom")):
        return Form.JSON
    return Form.HTML
