"""The one exception inside the HTTP client; `HttpClient.fetch` turns it into a result.

Libraries' exceptions become Faults in `tasks.http_client.send`. This module imports none of them: workers
load it with the archive, and never fetch.
"""

from tasks.errors import ErrorClass


class Fault(Exception):
    """A failed fetch: its class, one sentence, and whether an immediate retry may help.

    Not an OSError on purpose: urllib3 and requests would wrap that.
    """

    def __init__(
        self,
        error_class: ErrorClass,
        reason: str,
        *,
        was_reached: bool = True,
        can_retry: bool = True,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.error_class = error_class
        self.reason = reason
        self.was_reached = was_reached
        self.can_retry = can_retry
        self.retry_after_s = retry_after_s
