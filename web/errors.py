"""What a request can be refused for.

WebError
  BadRequest        400: a parameter has an invalid value; the message names it
  NotFound          404: there is no such page, article, story or source
"""


class WebError(Exception):
    """A request that is answered with an error status; `str()` is for the reader."""

    status = 500
    title = "Something went wrong"


class BadRequest(WebError):
    """A parameter has an invalid value."""

    status = 400
    title = "That request cannot be answered"


class NotFound(WebError):
    """There is nothing at this address."""

    status = 404
    title = "Not found"
