"""The reference of the API, made from its OpenAPI description."""

from typing import Any

from web.api.schema import openapi

_HEAD = """# API

`wirehouse browse` answers these requests, all of them GET, with JSON; `/api` shows them with examples, and
`/api/v1/openapi.json` describes them for programs (OpenAPI {version}).

- {description}
- Lists use cursors: pass `next` of one page as `after` of the following request. There are no offsets.
- Each response has an `ETag` that changes with the snapshot: polling with `If-None-Match` costs a 304.
- Errors are problem details (RFC 9457): 400 names the parameter and its value, 404 what is not there, 503 the
  limit that was exceeded.

```sh
wirehouse browse   # in one terminal
# In another:
curl 'http://127.0.0.1:8484/api/v1/articles?q=bridge&fold=story&limit=5'
```
"""


def api_page() -> str:
    """Return the page: the requests, then the types of their answers."""
    document = openapi()
    lines = [_HEAD.format(version=document["openapi"][:3], description=document["info"]["description"])]
    for path, item in document["paths"].items():
        lines += _request(path, item["get"])
    lines += ["## Types", "A field that may be null is marked with `?`.", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _type(name, schema)
    return "\n".join(lines)


def _request(path: str, operation: dict[str, Any]) -> list[str]:
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    lines = [f"## {path}", f"{operation['summary']} Answer: {_kind(answer)}.", ""]
    if operation["parameters"]:
        lines += ["| parameter | meaning |", "|---|---|"]
        lines += [f"| `{p['name']}` | {_cell(p['description'])} |" for p in operation["parameters"]]
        lines.append("")
    return lines


def _type(name: str, schema: dict[str, Any]) -> list[str]:
    lines = [f"### {name}"]
    if schema.get("description"):
        lines.append(" ".join(schema["description"].split()))
    lines += ["", "| field | type |", "|---|---|"]
    lines += [f"| `{field}` | {_kind(value)} |" for field, value in schema.get("properties", {}).items()]
    return [*lines, ""]


def _kind(schema: dict[str, Any]) -> str:
    """Return a schema's type in words: "list of Article", "string (date-time)?"."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = [_kind(part) for part in schema["anyOf"]]
        named = " or ".join(kind for kind in kinds if kind != "null")
        return f"{named}?" if "null" in kinds else named
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
