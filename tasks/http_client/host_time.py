"""How long one host may keep a run busy. Pure.

Used by `tasks.fetch`. A scheduled run is not started while another is under way: a host with 500 new pages
and a Crawl-delay of 30 s would keep all other feeds waiting for four hours. What is left is fetched by the
next run. Only the time that the host itself costs counts, so a busy machine fetches no less.
"""

from collections import defaultdict

RUN_S = 480.0  # less than the ten minutes between two scheduled runs


class HostTime:
    """The seconds that each host has cost in a run."""

    def __init__(self, limit_s: float = RUN_S) -> None:
        self.limit_s = limit_s
        self._spent_s: defaultdict[str, float] = defaultdict(float)

    def add(self, host: str, *, gap_s: float, duration_s: float) -> bool:
        """Add a request, and the gap to the next one; say whether it used up the time of its host."""
        was_left = self.has_left(host)
        self._spent_s[host] += max(gap_s, duration_s)
        return was_left and not self.has_left(host)

    def has_left(self, host: str) -> bool:
        """Say whether the host may be asked for another page."""
        return self._spent_s[host] < self.limit_s
