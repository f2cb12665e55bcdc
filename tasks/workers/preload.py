"""The modules that the workers' server imports before it forks the first worker.

Apart from the pools, so that the server can be started before they are imported.
"""

FEEDS = (
    "tasks.workers.feed_worker",
    "tasks.domain.feeds.home_page",
    "tasks.domain.feeds.parse",
    "tasks.domain.feeds.repeated",
)
PAGES = ("tasks.workers.extract_worker", "tasks.workers.extract_warm")
