"""What a question consists of: alternatives of parts that are all required. Pure; `grammar` makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

FIELDS = ("title", "author", "source", "lang", "before", "after")
FORMS_MARK = "~"  # before a word whose inflections count, too


class QuestionError(ValueError):
    """A question that cannot be answered; `position` is where, in characters from 1."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (position {position})")
        self.position = position


@dataclass(frozen=True, slots=True)
class Inflection:
    """A word that is searched for in all its forms."""

    word: str  # as asked, without the mark
    languages: tuple[str, ...]  # whose endings apply (ISO 639-1)
    forms: tuple[str, ...]  # folded as in the index; those that it has, the word itself first


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What must stand near a word or phrase."""

    text: str  # as the index takes it
    distance: int  # positions at most; 1: side by side


@dataclass(frozen=True, slots=True)
class Part:
    """A word, phrase or prefix, two of them near each other, or a condition on a field.

    `text` is as the index takes it: a word, "a phrase", a prefix*, or ~forms|of|a|word; of before and after
    it is a day.
    """

    text: str
    field: str | None  # None: title and text
    is_excluded: bool = False
    near: Neighbour | None = None

    @property
    def is_condition(self) -> bool:
        """Say whether the index alone cannot answer it."""
        return self.field is not None or self.near is not None

    @property
    def index_words(self) -> tuple[str, ...]:
        """Return what a document must have, each a word, phrase or prefix; nothing for an excluded part.

        Words of the title are among it, because the index covers titles.
        """
        if self.is_excluded or self.field not in (None, "title"):
            return ()
        return (self.text, self.near.text) if self.near else (self.text,)

    @property
    def inflected_words(self) -> tuple[str, ...]:
        """Return the words whose inflections count, too, without the mark."""
        texts = (self.text, self.near.text) if self.near else (self.text,)
        return tuple(text[1:] for text in texts if text.startswith(FORMS_MARK))

    def with_forms(self, forms: Mapping[str, str]) -> "Part":
        """Return the part with each ~word as the index takes it; `forms` are texts by word."""
        near = replace(self.near, text=forms.get(self.near.text, self.near.text)) if self.near else None
        return replace(self, text=forms.get(self.text, self.text), near=near)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Parts that are all required."""

    parts: tuple[Part, ...]

    @property
    def conditions(self) -> tuple[Part, ...]:
        """Return the parts that the index alone cannot answer: fields, and words near each other."""
        return tuple(part for part in self.parts if part.is_condition)

    @property
    def index_question(self) -> str:
        """Return what the index is asked; empty when only fields are asked for."""
        required = [word for part in self.parts for word in part.index_words]
        excluded = [f"-{part.text}" for part in self.parts if part.is_excluded and not part.is_condition]
        return " ".join(required + excluded)
