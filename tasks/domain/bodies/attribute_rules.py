"""trafilatura's main extractor and cascade, their rules on names and attributes remembered.

Its XPath expressions call Python for each regular expression and element: a tenth of the time that a page
takes. The elements of a page, and more so of a site, have few combinations of attributes, so each verdict
is kept. The library's own modules are left as they are: they are loaded once more, with these rules.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from lxml.etree import Element, SubElement, XPath
from lxml.html import HtmlElement

_DISCARDS = ("OVERALL_DISCARD_XPATH", "TEASER_DISCARD_XPATH", "DISCARD_IMAGE_ELEMENTS")
_COMMENTS = ("REMOVE_COMMENTS_XPATH", "REMOVE_COMMENTS_AND_LISTS_XPATH")
_PLACES = "BODY_XPATH"
_NAME = re.compile(r"self::([\w-]+)")
_ATTRIBUTE = re.compile(r"@([\w-]+)")
_REGULAR = "re:test("
_CACHED = 2_000  # combinations of attributes, for each rule

_Attributes = tuple[tuple[str, str], ...]


class AttributeRule:
    """An XPath expression for descendants, whose conditions are on an element's name and attributes only.

    Called as the expression is, it returns the same elements. With `is_first` it returns the first one only.
    """

    def __init__(self, expression: XPath, *, is_first: bool = False) -> None:
        self._expression = expression
        self._names = tuple(_NAME.findall(expression.path))
        self._attributes = frozenset(_ATTRIBUTE.findall(expression.path))
        self._is_first = is_first
        self._fits = lru_cache(maxsize=_CACHED)(self._judge)

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """Return the descendants that fit, in document order."""
        fitting = self._fitting(tree.iterdescendants(*self._names))
        return [*next(([first] for first in fitting), [])] if self._is_first else list(fitting)

    def _fitting(self, elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
        known = self._attributes
        for element in elements:
            attributes = tuple([item for item in element.items() if item[0] in known])
            # Without names in the expression, any name does: some in pages (`fb:like`) are not valid ones.
            if attributes and self._fits(element.tag if self._names else "div", attributes):
                yield element

    def _judge(self, name: str, attributes: _Attributes) -> bool:
        parent = Element("body")
        element = SubElement(parent, name)
        for attribute, value in attributes:  # in their order: `@id|@class` means the first of them
            element.set(attribute, value)
        return bool(self._expression(parent))


def load_extractor() -> ModuleType:
    """Return trafilatura's main extractor, loaded for this package alone, with remembered rules."""
    extractor = _loaded("trafilatura.main_extractor", _DISCARDS)
    rules = vars(extractor)
    # Of the places where a text may stand, the first one on the page is taken.
    rules[_PLACES] = [
        AttributeRule(rule, is_first=True) if _REGULAR in rule.path else rule for rule in rules[_PLACES]
    ]
    return extractor


def load_cascade(extractor: ModuleType) -> ModuleType:
    """Return trafilatura's cascade, loaded for this package alone, with this main extractor."""
    cascade = _loaded("trafilatura.core", _COMMENTS)
    vars(cascade)["extract_content"] = extractor.extract_content
    return cascade


def _loaded(name: str, lists: Iterable[str]) -> ModuleType:
    spec = find_spec(name)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    rules = vars(module)
    rules.update({name: [AttributeRule(rule) for rule in rules[name]] for name in lists})
    return module
