"""Questions as SQL: each alternative asks the index once; fields and NEAR are conditions on what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.search.documents import documents_sql
from warehouse.search.grammar import marked_words, parse_question, with_forms
from warehouse.search.parts import FORMS_MARK, Alternative, Inflection, Part

_DAY = "coalesce(a.published_on, a.first_seen_at::date)"
# Whole words of the title, both sides as the index divides them; scripts without spaces by substring.
_TITLE = """
case
    when core.search_is_run(core.search_fold(trim({value}, '"*')))
        then contains(core.search_fold(a.title), core.search_fold(trim({value}, '"*')))
    else contains(
        ' ' || array_to_string(core.search_terms(a.title), ' ') || ' ',
        ' ' || array_to_string(core.search_terms({value}), ' ') || {end}
    )
end
"""
_TITLE_FORMS = "list_has_any(core.search_terms(a.title), core.search_terms({value}))"
_NEAR = "d.doc_no in (select n.doc_no from core.search_near({first}, {second}, {distance}) as n)"
_CONDITIONS = {
    "author": (
        "contains(core.search_fold(array_to_string(coalesce(a.authors, []), ' ')), core.search_fold({value}))"
    ),
    "source": "a.source = lower({value})",
    "lang": "coalesce(a.language, 'unknown') = lower({value})",
    "before": _DAY + " < {value}",
    "after": _DAY + " > {value}",
}


@dataclass(frozen=True, slots=True)
class QuestionSql:
    """A relation of matching documents (doc_no, score) and the values of its parameters."""

    relation: str
    parameters: dict[str, Any]


def question_sql(question: str, inflections: Sequence[Inflection] = ()) -> QuestionSql:
    """Return a question's relation; every ~word needs its inflection. Raises QuestionError."""
    alternatives = with_forms(parse_question(question), inflections)
    parameters: dict[str, Any] = {}
    if len(alternatives) == 1 and not alternatives[0].conditions:
        documents = documents_sql(alternatives[0].index_question, parameters)
        return QuestionSql(_PLAIN.format(documents=documents), parameters)
    selects = [_select(alternative, parameters) for alternative in alternatives]
    return QuestionSql(_UNION.format(selects="\nunion all\n".join(selects)), parameters)


def _select(alternative: Alternative, parameters: dict[str, Any]) -> str:
    condition = " and ".join(_condition(part, parameters) for part in alternative.conditions) or "true"
    if not alternative.index_question:
        return f"""
            select d.doc_no, null::float as score
            from core.article as a
            join core.search_document as d using (article_id)
            where {condition}
        """
    documents = documents_sql(alternative.index_question, parameters)
    return f"""
        select d.doc_no, s.score
        from ({documents}) as s
        join core.search_document as d using (doc_no)
        join core.article as a on a.article_id = d.article_id
        where {condition}
    """


def _condition(part: Part, parameters: dict[str, Any]) -> str:
    if part.near:
        sql = _NEAR.format(
            first=_name(parameters, part.text),
            second=_name(parameters, part.near.text),
            distance=_name(parameters, part.near.distance),
        )
    elif part.field == "title" and part.text.startswith(FORMS_MARK):
        sql = _TITLE_FORMS.format(value=_name(parameters, part.text))
    elif part.field == "title":
        end = "''" if part.text.rstrip('"').endswith("*") else "' '"
        sql = _TITLE.format(value=_name(parameters, part.text), end=end)
    else:
        assert part.field is not None
        text = part.text.strip('"')
        value = date.fromisoformat(text) if part.field in ("before", "after") else text
        sql = _CONDITIONS[part.field].format(value=_name(parameters, value))
    return f"not ({sql})" if part.is_excluded else f"({sql})"


def _name(parameters: dict[str, Any], value: object) -> str:
    """Add a parameter and return how a statement refers to it."""
    name = f"part_{len(parameters)}"
    parameters[name] = value
    return f"${name}"


def marked(question: str, inflections: Sequence[Inflection] = ()) -> str:
    """Return the words of a question that are marked in what it found; empty without a question."""
    return marked_words(with_forms(parse_question(question), inflections)) if question else ""


_PLAIN = "select s.doc_no, s.score from ({documents}) as s"

_UNION = """
select doc_no, max(score) as score
from (
{selects}
)
group by doc_no
"""
