"""The flows' parameters: their types and the sentences that explain them in a form."""

from typing import Annotated, Literal

from pydantic import Field

SourceNames = Annotated[list[str] | None, Field(description="Only these sources; all of them when empty.")]
SourceName = Annotated[str, Field(description="The source's name in the source list.")]
EveryFeed = Annotated[bool, Field(description="Ask every feed, also those that are not due yet.")]
PublishGap = Annotated[int, Field(ge=0, description="Least seconds between two snapshots for analysts.")]
HomeFolder = Annotated[
    str | None, Field(description="The warehouse's folder; else WIREHOUSE_HOME or ./data.")
]
ConfigFile = Annotated[
    str | None, Field(description="The source list; else WIREHOUSE_CONFIG or ./sources.toml.")
]
FirstDay = Annotated[str, Field(description="First day, YYYY-MM-DD, in the source's own time zone.")]
LastDay = Annotated[str, Field(description="Last day, YYYY-MM-DD, inclusive.")]
WayName = Literal["archive", "sitemap", "rfc5005", "dated", "paged"]
Way = Annotated[
    WayName | None,
    Field(description="How to reach the past; all ways that the source has, in this order, when empty."),
]
Budget = Annotated[
    int | None, Field(ge=1, description="At most so many pages a day of this source; no bound when empty.")
]
UrlsFile = Annotated[
    str | None, Field(description="A file of URLs, one a line, to fetch instead of what indexes name.")
]
WarcFiles = Annotated[
    list[str] | None, Field(description="WARC files (CC-NEWS among them) to read instead of the network.")
]
