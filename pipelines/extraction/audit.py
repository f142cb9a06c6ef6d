"""What an extraction kept of a page's policy, and what else it kept.

The page is looked at in blocks, the runs of text that a browser sets apart. Blocks that read like a
policy are long enough to be sentences, hold few links, and stand outside the page's furniture.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.etree import _Element

from pipelines.extraction import dom
from pipelines.extraction.dom import TEXT, names
from pipelines.extraction.reader import is_consent_name, is_hidden, is_unlikely_name
from pipelines.text.words import words as words_of

INLINE = names(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp",
    "small span strike strong sub sup time tt u var wbr x-",
)
FURNITURE = names("nav footer aside button select textarea dialog menu option label input h1")
ROLES = names(
    "navigation banner contentinfo complementary search menu menubar dialog alertdialog alert"
)
SECTION_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
NEVER = SECTION_HEADINGS | {"body", "html", "main", "article"}
Facts = tuple[bool, bool, bool]
NOTICES = re.compile(
    r"cookie-?(?:banner|consent|bar|notice|popup|law|modal|message)|consent|onetrust|cookiebot|gdpr"
    r"|modal|popup|newsletter|subscribe|(?:^|[ _-])(?:nav|menu|footer|breadcrumb)",
    re.I,
)
AMBIGUOUS = re.compile(r"gdpr|(?:^|[ _-])footer", re.I)  # of a part of the text, too
PART = 60  # words
SENTENCE = 8  # words; a shorter block may be anything
LINKED = 0.4  # share of words in links; with more a block is a menu


@dataclass(slots=True)
class Block:
    """A run of text: its element, its texts and their numbers, and what it looks like."""

    element: _Element
    texts: list[str] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    length: int = 0
    linked: int = 0
    furniture: bool = False
    hidden: bool = False
    unlikely: bool = False

    @property
    def words(self) -> list[str]:
        """The words of the block."""
        return words_of(" ".join(self.strings))

    @property
    def is_policy(self) -> bool:
        """Whether it reads like part of a policy, and stands where one would."""
        return self.is_prose and not self.unlikely

    @property
    def is_prose(self) -> bool:
        """Whether it reads like part of a policy."""
        return (
            not self.furniture
            and not self.hidden
            and self.length >= SENTENCE
            and self.linked < LINKED * self.length
        )

    @property
    def is_hidden_prose(self) -> bool:
        """Whether it would read like part of a policy if it were not hidden."""
        long = self.length >= SENTENCE and self.linked < LINKED * self.length
        return self.hidden and long and not self.furniture

    @property
    def is_boilerplate(self) -> bool:
        """Whether it looks like what stands on every page of a site."""
        return self.furniture or self.unlikely or self.linked > LINKED * self.length


@dataclass(frozen=True, slots=True)
class Audit:
    """The figures: shares from 0 to 1 of words, and numbers of elements."""

    policy_words: int
    kept: float
    boilerplate: float
    lists: tuple[int, int]
    headings: tuple[int, int]
    tables: tuple[int, int]

    def figures(self) -> dict[str, object]:
        """Return the figures under their names; pairs are before and after."""
        return {
            "policy_words": self.policy_words,
            "kept": round(self.kept, 4),
            "boilerplate": round(self.boilerplate, 4),
            "list_items": list(self.lists),
            "headings": list(self.headings),
            "tables": list(self.tables),
        }


def blocks(body: _Element) -> list[Block]:
    """Return a page's blocks in order."""
    found: list[Block] = []
    facts: dict[_Element, Facts] = {}
    for text in body.iter(TEXT):
        string = text.text or ""
        if not (words := len(string.split())):
            continue
        element, linked = _block_of(text)
        if not found or found[-1].element is not element:
            furniture, hidden, unlikely = _facts(element, facts)
            found.append(Block(element, furniture=furniture, hidden=hidden, unlikely=unlikely))
        block = found[-1]
        block.texts.append(text.get("n", ""))
        block.strings.append(string)
        block.length += words
        block.linked += words if linked else 0
    return found


def _block_of(text: _Element) -> tuple[_Element, bool]:
    """Return the element that sets a text apart, and whether a link lies between."""
    linked = False
    element = text.getparent()
    assert element is not None  # a text never stands alone
    while element.tag in INLINE and (parent := element.getparent()) is not None:
        linked = linked or element.tag == "a"
        element = parent
    return element, linked


def _facts(element: _Element, known: dict[_Element, Facts]) -> Facts:
    """Return whether an element or one around it is furniture, hidden, or unlikely."""
    path = []
    here: _Element | None = element
    while here is not None and here not in known:
        path.append(here)
        here = here.getparent()
    furniture, hidden, unlikely = known[here] if here is not None else (False, False, False)
    for node in reversed(path):
        if node.keys():
            furniture = furniture or is_furniture(node)
            hidden = hidden or is_hidden(node)
            unlikely = unlikely or is_unlikely(node)
        else:  # as most are: only its tag says anything
            furniture = furniture or node.tag in FURNITURE
        known[node] = (furniture, hidden, unlikely)
    return furniture, hidden, unlikely


def is_furniture(node: _Element) -> bool:
    """Whether an element belongs to the site rather than to the page's text."""
    if node.tag in FURNITURE or node.get("role") in ROLES:
        return True
    if node.tag in NEVER:
        return False
    names = dom.names_of(node)
    if not _is_furniture_name(names) or dom.has(node, "main", "article"):
        return False
    return is_consent_name(names) or not (AMBIGUOUS.search(names) and _is_part(node))


@lru_cache(maxsize=2_000)  # a site's names come again on all its pages
def _is_furniture_name(names: str) -> bool:
    return is_consent_name(names) or NOTICES.search(names) is not None


def _is_part(node: _Element) -> bool:
    """Whether an element reads like a part of a text: a heading, and sentences without links."""
    if not dom.has(node, *SECTION_HEADINGS):
        return False
    words = len(dom.raw_text(node).split())
    linked = sum(len(dom.raw_text(link).split()) for link in node.iterdescendants("a"))
    return words >= PART and linked < LINKED * words / 2


def is_unlikely(node: _Element) -> bool:
    """Whether an element's names are those of comments, side bars and the like."""
    if node.tag in NEVER:
        return False
    return is_unlikely_name(dom.names_of(node)) and not dom.has(node, "main", "article")


def measure(page: list[Block], kept: set[str], body: _Element, result: _Element) -> Audit:
    """Compare a result, whose texts' numbers are `kept`, with the page it was taken from."""
    policy = retained = other = total = hidden = 0
    for block in page:
        hidden += block.length if block.is_hidden_prose else 0
        inside = sum(number in kept for number in block.texts)
        share = inside / len(block.texts)
        total += round(block.length * share)
        if block.is_policy:
            policy += block.length
            retained += round(block.length * share)
        elif block.is_boilerplate:
            other += round(block.length * share)
    if hidden > policy:  # more than one sees: the page's script may show it
        policy += hidden
    facts = {block.element: (block.furniture, block.hidden, block.unlikely) for block in page}
    return Audit(
        policy_words=policy,
        kept=retained / policy if policy else 1.0,
        boilerplate=other / total if total else 0.0,
        lists=(_count(body, facts, "li"), dom.count(result, "li")),
        headings=(_count(body, facts, "h2", "h3", "h4", "h5", "h6"), _headings(result)),
        tables=(_count(body, facts, "table"), dom.count(result, "table")),
    )


def _headings(result: _Element) -> int:
    return dom.count(result, "h2", "h3", "h4", "h5", "h6")


def _count(body: _Element, facts: dict[_Element, Facts], *tags: str) -> int:
    """Count elements with text that stand outside the page's furniture."""
    return sum(
        1
        for element in body.iterdescendants(*tags)
        if not any(_facts(element, facts)) and dom.has_text(element)
    )


def to_json(audit: Audit, **more: object) -> str:
    """Return the audit's figures, and what else is to be said, as JSON."""
    return json.dumps(audit.figures() | more, ensure_ascii=False, sort_keys=True)


def lost_headings(page: list[Block], kept: set[str]) -> list[Block]:
    """Return the section headings amid the kept blocks that a result lacks."""
    places = [i for i, block in enumerate(page) if not kept.isdisjoint(block.texts)]
    amid = page[places[0] : places[-1]] if places else []
    return [
        block
        for block in amid
        if block.element.tag in SECTION_HEADINGS
        and not (block.furniture or block.hidden or block.unlikely)
        and kept.isdisjoint(block.texts)
    ]


def missing(page: Iterable[Block], kept: set[str]) -> Iterator[Block]:
    """Yield the blocks that read like a policy and that a result lacks, wherever they stand."""
    for block in page:
        if block.is_prose and not any(number in kept for number in block.texts):
            yield block
