"""`/api`: the API's documentation, generated from the routes; no script, no CDN."""

from web.api.routes import PREFIX, ROUTES
from web.view import RequestContext, View


def documentation(context: RequestContext) -> View:
    """Return the page."""
    return View("api.html.j2", {"routes": ROUTES, "prefix": PREFIX, "base": context.base_url.rstrip("/")}, {})
