"""A page as browsers see it, in lxml: built by an HTML5 parser, with every text a node of its own.

Texts are elements named TEXT and comments elements named COMMENT, so that code can move and remove
them like any other node; an element's own `text` and `tail` stay empty. Every text but white space
carries the attribute `n`, its number on the page, by which a copy's texts are known again in the
original.
"""

import copy
import re
from functools import lru_cache

import numpy as np
from lxml.etree import Element, SubElement, _Element, tostring
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.errors import TooLarge

TEXT = "t-"
COMMENT = "c-"
OTHER = "x-"  # any element that HTML does not know

MAX_CHARACTERS = 20_000_000
MAX_NODES = 300_000
MAX_DEPTH = 250
LONGEST_NAMES = 2_000  # of an element that are looked at


def names(*lists: str) -> frozenset[str]:
    """Return the names that stand in some lists, separated by spaces."""
    return frozenset(" ".join(lists).split())


_NOT_KEPT = names("script style noscript template head link meta base")
_LEAVES = names("svg math iframe object canvas video audio")
_ATTRIBUTES = names(
    "class id style role hidden aria-hidden aria-labelledby aria-controls href title rel itemprop",
    "src srcset data-src data-srcset start data-target summary datatable rowspan colspan onclick",
)
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IS_SPACE = np.array([chr(code).isspace() for code in range(0x10000)])
_LONG = 1_000  # characters of a text that are counted by numpy
_KNOWN = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def build(html: str) -> tuple[_Element, LexborHTMLParser]:
    """Return the page's `body` as described above, and the parsed page it was made from.

    Elements nested deeper than MAX_DEPTH become their ancestor's children, as in browsers.
    Raises TooLarge.
    """
    if len(html) > MAX_CHARACTERS:
        raise TooLarge(f"{len(html)} characters")
    page = LexborHTMLParser(html)
    root = Element("html")
    body = SubElement(root, "body")
    source = page.body
    if source is None:
        return body, page
    _attributes(source, body)
    count = 0
    node, parent, depth = source.first_child, body, 1
    stack: list[tuple[LexborNode | None, _Element, int]] = []
    while node is not None or stack:
        if node is None:
            node, parent, depth = stack.pop()
            continue
        count += 1
        if count > MAX_NODES:
            raise TooLarge(f"more than {MAX_NODES} nodes")
        child = _convert(node, parent, count)
        if child is not None and (first := node.first_child) is not None:
            stack.append((node.next, parent, depth))
            node, depth = first, depth + 1
            parent = child if depth < MAX_DEPTH else parent
        else:
            node = node.next
    return body, page


def _convert(node: LexborNode, parent: _Element, number: int) -> _Element | None:
    """Append a node; return its element if the node's children are wanted."""
    if node.is_text_node:
        text = SubElement(parent, TEXT)
        value = node.text_content or ""
        if not value.isspace():
            text.set("n", str(number))
        try:
            text.text = value
        except ValueError:  # entities may stand for characters that XML cannot hold
            text.text = _UNSTORABLE.sub("", value.replace("\f", " "))
    elif node.is_comment_node:
        SubElement(parent, COMMENT)
    elif node.is_element_node:
        tag = (node.tag or OTHER).lower()
        if tag in _NOT_KEPT:
            return None
        element = SubElement(parent, _known(tag))
        _attributes(node, element)
        return None if tag in _LEAVES else element
    return None


@lru_cache(maxsize=1000)
def _known(tag: str) -> str:
    return tag if _KNOWN.fullmatch(tag) else OTHER


def _attributes(node: LexborNode, element: _Element) -> None:
    """Copy the attributes that anything here looks at."""
    for name, value in node.attributes.items():
        if name in _ATTRIBUTES:
            try:
                element.set(name, value or "")
            except ValueError:
                element.set(name, _UNSTORABLE.sub("", value or ""))


def text_of(element: _Element) -> str:
    """Return all text under an element, trimmed, each run of white space as one space."""
    return " ".join(raw_text(element).split())


def length_of(element: _Element) -> int:
    """Return the length of an element's `text_of`, without the list of a long text's words."""
    text = raw_text(element).strip()
    if len(text) < _LONG:
        return len(" ".join(text.split()))
    is_space = _IS_SPACE.take(np.frombuffer(text.encode("utf-16-le"), np.uint16))
    return len(text) - int(np.count_nonzero(is_space[1:] & is_space[:-1]))


def has_text(element: _Element) -> bool:
    """Whether a text under an element is more than white space."""
    return any((text.text or "").strip() for text in element.iter(TEXT))


def raw_text(element: _Element) -> str:
    """Return all text under an element."""
    return tostring(element, encoding="unicode", method="text", with_tail=False)


def elements(parent: _Element) -> list[_Element]:
    """Return the children that are neither text nor comment."""
    return [child for child in parent if child.tag != TEXT and child.tag != COMMENT]


def has(element: _Element, *tags: str) -> bool:
    """Whether an element holds one of these tags at any depth."""
    return next(element.iterdescendants(*tags), None) is not None


def count(element: _Element, *tags: str) -> int:
    """Return how many elements with these tags an element holds."""
    return sum(1 for _ in element.iterdescendants(*tags))


def remove(element: _Element) -> None:
    """Take an element out of its tree."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def replace(old: _Element, new: _Element) -> None:
    """Put one element where another is."""
    parent = old.getparent()
    if parent is not None:
        parent.replace(old, new)


def copy_of(body: _Element) -> _Element:
    """Return a copy of a page's body, under a root as the body itself."""
    root = Element("html")
    root.append(copy.deepcopy(body))
    return root[0]


def numbers(element: _Element) -> set[str]:
    """Return the numbers of all texts under an element."""
    return {text.get("n", "") for text in element.iter(TEXT)}


def names_of(element: _Element) -> str:
    """Return class and id, as patterns look at them."""
    return f"{element.get('class', '')} {element.get('id', '')}"[:LONGEST_NAMES]
