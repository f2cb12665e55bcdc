"""The flows' parameter types. Their meaning is in the flow's docstring, which Prefect's form shows."""

from typing import Annotated, Literal

from pydantic import Field

SourceNames = list[str] | None
PageUrls = list[str] | None
HomeFolder = str | None
ConfigFile = str | None
WayName = Literal["archive", "sitemap", "rfc5005", "dated", "paged"]
ShardName = Annotated[str, Field(pattern=r"^\d{1,4}/\d{1,4}$")] | None
PublishGap = Annotated[int, Field(ge=0)]
Budget = Annotated[int, Field(ge=1)] | None
