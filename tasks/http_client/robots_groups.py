"""What a robots.txt says to wirehouse: the groups that apply to it (RFC 9309 §2.2), and the sitemaps.
Pure.

Before Protego, which matches the paths. Protego's own choice of groups compares more than the product
token, and ends a group's list of agents at any directive.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

# The misspellings and the missing colon are those that Protego accepts.
_LINE = re.compile(
    r"[ \t]*(?:(?P<agent>user[- ]?agent)|(?P<rule>allow|d[a-z]{0,6}l[ao]w)|crawl[- ]delay)[ \t]*(?:[: \t]|$)"
    r"[ \t]*(?P<value>.*)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\*|[a-z_-]+", re.IGNORECASE)  # a product token ends at the first other character


@dataclass(slots=True)
class _AgentGroup:
    """The product tokens that a group names, in lower case, and its lines."""

    agents: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    has_rules: bool = False


def select_rules(text: str, product_token: str) -> str:
    """Return a robots.txt with one group for all agents: the rules that apply to this product token.

    All groups that name the token count together (§2.2.1); without one, those of `*`; without these, none.
    """
    groups = list(_parse_groups(text.splitlines()))
    named = [group for group in groups if product_token.lower() in group.agents]
    chosen = named or [group for group in groups if "*" in group.agents]
    return "\n".join(["User-agent: *", *(line for group in chosen for line in group.lines)])


def _parse_groups(lines: Iterable[str]) -> Iterator[_AgentGroup]:
    group = _AgentGroup()
    for raw in lines:
        line = raw.partition("#")[0].rstrip()
        match = _LINE.match(line)
        if match is None:
            continue
        if match["agent"] is None:
            group.lines.append(line)
            group.has_rules |= match["rule"] is not None
            continue
        if group.has_rules:  # only a rule ends the list of agents; a Crawl-delay does not
            yield group
            group = _AgentGroup()
        token = _TOKEN.match(match["value"])
        group.agents.add(token[0].lower() if token else "")
    yield group


def sitemap_lines(robots: bytes, base: str) -> list[str]:
    """Return the sitemaps in a robots.txt (sitemaps.org, "Informing search engine crawlers")."""
    lines = robots.decode("utf-8", "replace").splitlines()
    fields = (line.partition("#")[0].partition(":") for line in lines)
    urls = [urljoin(base, value.strip()) for name, _, value in fields if name.strip().lower() == "sitemap"]
    return list(dict.fromkeys(url for url in urls if url.startswith(("http://", "https://"))))
