"""The API: lists, cursors, changes, errors, its own description and its examples."""

import json
import re
import shutil
import subprocess
import sys
from html import unescape

import pytest
import requests

from web.api.routes import ROUTES


@pytest.fixture
def api(base):
    def get(path, status=200, **parameters):
        answer = requests.get(f"{base}/api/v1/{path}", params=parameters, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    return get


def test_articles_lists_every_article_and_folds_on_request(api):
    assert len(api("articles", q="bridge")["articles"]) == 2
    folded = api("articles", q="bridge", fold="story")
    assert (len(folded["articles"]), folded["total"], folded["n_stories"]) == (1, 2, 1)


def test_pages_follow_each_other(api):
    whole = [a["article_id"] for a in api("articles", limit=500)["articles"]]
    seen, after = [], None
    while True:
        page = api("articles", limit=33, **({"after": after} if after else {}))
        seen += [a["article_id"] for a in page["articles"]]
        after = page["next"]
        if after is None:
            break
    assert seen == whole
    assert len(whole) == page["total"]


def test_changes_give_every_article_once_and_then_nothing(api):
    seen, after = [], ""
    while articles := (page := api("changes", after=after, limit=30))["articles"]:
        seen += [a["article_id"] for a in articles]
        after = page["next"]
    assert sorted(seen) == sorted(a["article_id"] for a in api("articles", limit=500)["articles"])
    assert page["next"] == after


def test_one_article(api, ids):
    article = api(f"articles/{ids['1']}")["article"]
    assert article["title"] == "Harbour bridge reopens"
    assert article["published_at"] == "2026-11-01T09:00:00+00:00"
    assert [o["field"] for o in api(f"articles/{ids['1']}/origins")["origins"]] == ["title"]
    assert [c["article_id"] for c in api(f"articles/{ids['1']}/copies")["copies"]] == [ids["2"]]
    assert api(f"articles/{ids['1']}/archive")["archive_file"] == "2026/11/a.warc.gz"


def test_null_stays_null(api, ids):
    article = api(f"articles/{ids['6']}")["article"]
    assert (article["published_at"], article["published_on"]) == (None, None)


def test_a_diff_of_two_revisions(api, ids):
    diff = api(f"articles/{ids['3']}/diff", **{"from": 1, "to": 2})
    assert diff["title"][:2] == [{"kind": "removed", "text": "Ten"}, {"kind": "added", "text": "Twelve"}]
    assert api(f"articles/{ids['3']}/diff", status=404, to=9)["status"] == 404


def test_attention(api):
    points = api("attention", q="bridge", interval="month")["points"]
    assert [(p["starts_on"], p["n_articles"], p["n_stories"]) for p in points] == [("2026-11-01", 2, 1)]


def test_words_that_stand_out_count_a_story_once(api):
    words = api("words", q="script", limit=500)["words"]
    counts = {word["word"]: word["n_headlines"] for word in words}
    assert counts["script"] > 10
    assert counts["alert"] > 10
    assert all(word["share"] > word["share_of_all"] for word in words)
    # Of nearly all articles no word stands out: a difference by chance is none.
    assert api("words", source="beta", limit=500)["words"] == []
    assert api("words", q="bridge")["words"] == []  # one story: no word occurs in two headlines


def test_the_text_of_an_article(api, ids):
    answer = api(f"articles/{ids['4']}/text")
    assert (answer["language"], answer["direction"]) == ("ar", "rtl")
    assert answer["body"].startswith("أعلنت إدارة الميناء")


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("search", {}, "q: the query is empty; /api/v1/articles lists without one"),
        ("articles", {"since": "2022"}, "since: '2022' is not a date (expected YYYY-MM-DD)"),
        ("articles", {"fold": "day"}, "fold: 'day' is not a way to fold (expected story)"),
        ("attention", {"q": "a", "interval": "hour"},
            "interval: 'hour' is not an interval (expected day, week, month, year)"),
        ("changes", {"after": "x"}, "after: 'x' is not a cursor; use the value of `next`"),
        ("edits", {"after": "x"}, "after: 'x' is not a cursor; use the value of `next` of the page before"),
    ],
)  # fmt: skip
def test_errors(api, path, parameters, message):
    assert api(path, status=400, **parameters) == {
        "type": "about:blank", "title": "That request cannot be answered", "status": 400, "detail": message,
    }  # fmt: skip


def test_the_description_covers_every_route_and_resolves(api):
    description = api("openapi.json")
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) == {f"/api/v1{route.path}" for route in ROUTES}
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(description)))
    assert references <= set(description["components"]["schemas"])
    names = [route["get"]["operationId"] for route in description["paths"].values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", [route.path for route in ROUTES])
def test_answers_are_as_described(api, ids, path):
    """Every property of a response is described, and every described property is present."""
    description = api("openapi.json")
    operation = description["paths"][f"/api/v1{path}"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    needed = {"q": "bridge"} if path == "/search" else {}
    answer = api(path.strip("/").format(id=ids["3"], name="alpha"), **needed)
    assert differences(answer, schema, description["components"]["schemas"], path) == []


def differences(value, schema, schemas, place):
    """Return the places where a value does not match a schema (of the kinds that ours use)."""
    if "$ref" in schema:
        return differences(value, schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, place)
    if "anyOf" in schema:
        tried = [differences(value, one, schemas, place) for one in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    kinds = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
        "array": list,
        "object": dict,
    }
    kind = schema.get("type")
    if kind and not isinstance(value, kinds[kind]):
        return [f"{place}: {value!r} is not {kind}"]
    if kind == "array":
        return [
            d
            for n, item in enumerate(value)
            for d in differences(item, schema["items"], schemas, f"{place}[{n}]")
        ]
    if kind == "object":
        known = schema.get("properties", {})
        wrong = [f"{place}: {name} is not described" for name in value if name not in known]
        wrong += [f"{place}: {name} is missing" for name in schema.get("required", []) if name not in value]
        return wrong + [
            d
            for name in value
            if name in known
            for d in differences(value[name], known[name], schemas, f"{place}.{name}")
        ]
    return []


@pytest.mark.parametrize(("kind", "answer"), [("python", "Harbour bridge reopens"), ("sh", '"articles"')])
def test_the_examples_of_the_page_run(base, kind, answer):
    page = requests.get(f"{base}/api", timeout=60).text
    (example,) = re.findall(rf'data-example="{kind}"[^>]*><code>(.*?)</code>', page, re.DOTALL)
    if kind == "sh" and shutil.which("curl") is None:
        pytest.skip("no curl here")
    command = [sys.executable, "-c"] if kind == "python" else ["sh", "-ec"]
    done = subprocess.run([*command, unescape(example)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert answer in done.stdout
