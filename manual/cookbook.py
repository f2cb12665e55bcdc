"""The cookbook's page: each saved question with its SQL, and what it answers on the demo's data."""

from datetime import date, datetime
from typing import Any

import duckdb

from warehouse.reading.cookbook import QuestionAnswer, SavedQuestion, answer_question, list_questions

_SHOWN_ROWS = 6
_LEFT_OUT = {"url", "article_id", "story_id"}  # the demo's addresses differ from run to run
_HEAD = """# Cookbook

{n} frequent questions, each with the SQL that answers it and the first rows of its answer.
The answers are those of the demo's sites, read twice: the second time after they have published corrections
and withdrawn an article (`python -m manual.demo_store FOLDER` makes this store). The columns `url`,
`article_id` and `story_id` are left out here.

`wirehouse browse` asks the same questions at `/questions`, with their parameters, and gives the answers as
CSV, JSON and, where they list articles, as a feed. A parameter that is not given is null. To ask one in your
own program:

```python
import warehouse
from warehouse.reading.cookbook import answer_question, find_question

con = warehouse.connect()
answer_question(con, find_question("who-copies-whom"), {{"source": "oreanda"}}).rows
```

"""


def cookbook_page(con: duckdb.DuckDBPyConnection) -> str:
    """Return the page, with the answers of the snapshot that `con` reads."""
    questions = list_questions()
    chapters = [_chapter(question, answer_question(con, question, {})) for question in questions]
    return _HEAD.format(n=len(questions)) + "\n".join(chapters)


def _chapter(question: SavedQuestion, answer: QuestionAnswer) -> str:
    columns = [n for n, name in enumerate(answer.columns) if name not in _LEFT_OUT]
    lines = [f"## {question.title}", question.asks, ""]
    lines += [f"- `{p.name}` ({p.kind}): {p.description}" for p in question.parameters]
    lines += [""] if question.parameters else []
    lines += ["```sql", question.sql, "```", ""]
    lines.append("| " + " | ".join(answer.columns[n] for n in columns) + " |")
    lines.append("|" + "---|" * len(columns))
    lines += ["| " + " | ".join(_cell(row[n]) for n in columns) + " |" for row in answer.rows[:_SHOWN_ROWS]]
    if (n_more := len(answer.rows) - _SHOWN_ROWS) > 0:
        lines += ["", f"{n_more} more {'row' if n_more == 1 else 'rows'}."]
    return "\n".join([*lines, ""])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" + (" UTC" if value.tzinfo else "")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("|", "\\|").replace("\n", " ")
