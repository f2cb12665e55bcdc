"""trafilatura's rules on names and attributes, remembered: the same elements as its expressions find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.etree import Element, SubElement, XPath
from lxml.html import HtmlElement
from trafilatura import main_extractor, xpaths

from tasks.domain.bodies.attribute_rules import AttributeRule, load_extractor
from tasks.domain.pages.tree import decode_page, parse_html

_DISCARDS = [
    *xpaths.OVERALL_DISCARD_XPATH,
    *xpaths.TEASER_DISCARD_XPATH,
    *xpaths.DISCARD_IMAGE_ELEMENTS,
    *xpaths.REMOVE_COMMENTS_XPATH,
    *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
]
_NAMES = ("div", "section", "article", "main", "p", "span", "list", "item", "ul", "table", "h2")
_VALUES = (
    "post", "entry", "articleBody", "article-body", "story", "fulltext", "content-main", "page-content",
    "nav", "Navigation", "share", "cookie", "teaser", "Teaser big", "caption", "hidden", "display:none",
    "reply-1", "-reply-", "comments", "disqus_thread", "true", "text", "x", "", "comments-title",
    "MostPopularStories",
)  # fmt: skip
_ATTRIBUTES = ("id", "class", "role", "style", "itemprop", "aria-hidden", "data-component", "href")
_ELEMENTS = st.lists(
    st.tuples(
        st.sampled_from(_NAMES),
        st.lists(st.tuples(st.sampled_from(_ATTRIBUTES), st.sampled_from(_VALUES)), max_size=3),
        st.booleans(),  # whether the next element is inside this one
    ),
    max_size=12,
)


def _tree(elements: list[tuple[str, list[tuple[str, str]], bool]]) -> HtmlElement:
    root = parent = Element("body")
    for name, attributes, is_open in elements:
        element = SubElement(parent, name)
        for attribute, value in attributes:
            element.set(attribute, value)
        parent = element if is_open else parent
    return root


@pytest.mark.parametrize("expression", _DISCARDS, ids=range(len(_DISCARDS)))
@given(elements=_ELEMENTS)
def test_finds_what_the_expression_finds(
    expression: XPath, elements: list[tuple[str, list[tuple[str, str]], bool]]
) -> None:
    tree = _tree(elements)
    assert AttributeRule(expression)(tree) == expression(tree)


@given(elements=_ELEMENTS)
def test_finds_the_same_place_of_the_text(elements: list[tuple[str, list[tuple[str, str]], bool]]) -> None:
    tree = _tree(elements)
    for rule, expression in zip(load_extractor().BODY_XPATH, xpaths.BODY_XPATH, strict=True):
        assert rule(tree)[:1] == expression(tree)[:1]


def test_names_and_characters_that_xml_does_not_allow() -> None:
    page = '<p>x<fb:like class="nocomments"></fb:like><p id="x&#1;&#xd800;&#xfffe;&#65535;\x01">y</p>'
    tree = parse_html(decode_page(page.encode(), None))
    assert tree is not None
    rule = AttributeRule(xpaths.OVERALL_DISCARD_XPATH[1])
    assert [str(element.tag) for element in rule(tree)] == ["fb:like"]


def test_a_bare_element_fits_no_rule() -> None:
    tree = _tree([(name, [], False) for name in _NAMES])
    assert [element for expression in _DISCARDS for element in expression(tree)] == []


def test_the_library_keeps_its_own_rules() -> None:
    extractor = load_extractor()
    assert all(isinstance(rule, XPath) for rule in vars(main_extractor)["OVERALL_DISCARD_XPATH"])
    assert all(isinstance(rule, AttributeRule) for rule in extractor.OVERALL_DISCARD_XPATH)
