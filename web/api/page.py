"""`/api`: the API's documentation, a page of our own made from the routes; no script, no CDN."""

from web.api.routes import PREFIX, ROUTES
from web.view import Ask, View


def documentation(ask: Ask) -> View:
    """Return the page."""
    return View("api.html.j2", {"routes": ROUTES, "prefix": PREFIX, "base": ask.base_url.rstrip("/")}, {})
