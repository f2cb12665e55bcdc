"""The API's description, OpenAPI 3.1.0, made from its routes and types."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import TypeAdapter

from web.api.routes import PREFIX, ROUTES, ApiRoute, Parameter

_PROBLEM = {
    "description": "Problem details (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


@cache
def openapi() -> dict[str, Any]:
    """Return the description."""
    schemas: dict[str, Any] = {"Problem": _PROBLEM_SCHEMA}
    paths = {f"{PREFIX}{route.path}": {"get": _operation(route, schemas)} for route in ROUTES}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "wirehouse",
            "version": _version(),
            "description": "Read-only. Instants are UTC with offset, days as printed; null is not known.",
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(route: ApiRoute, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": route.summary,
        "operationId": route.answer.__name__ if route.path != "/search" else "search",
        "parameters": [*_path_parameters(route.path), *(_parameter(p) for p in route.parameters)],
        "responses": {
            "200": {
                "description": route.summary,
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": _schema(route.answer_type, schemas)}},
            },
            "304": {"description": "Not changed since the ETag of If-None-Match."},
            "400": _PROBLEM,
            "404": _PROBLEM,
            "503": _PROBLEM,
        },
    }


def _schema(answer_type: type, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to a type's schema; it and what it is made of are added to `schemas`."""
    schema = TypeAdapter(answer_type).json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    schemas.update(schema.pop("$defs", {}))
    schemas[answer_type.__name__] = schema
    return {"$ref": f"#/components/schemas/{answer_type.__name__}"}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    meanings = {"id": "Id of the article or story (a UUID).", "name": "Key of the source."}
    return [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in meanings.items()
        if f"{{{name}}}" in path
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.kind}
    if parameter.format:
        schema["format"] = parameter.format
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.is_repeatable:
        schema = {"type": "array", "items": schema}
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": schema,
    }
    if parameter.example:
        described["example"] = parameter.example
    return described


def _version() -> str:
    try:
        return version("wirehouse")
    except PackageNotFoundError:
        return "0"
