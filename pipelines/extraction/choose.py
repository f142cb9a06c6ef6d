"""Which of a page's blocks make its text.

The reader view's article is the text, because the reference corpus was made with it and it loses
least (measured by tests/benchmarks/extraction.py). Where the audit finds that it lost part of a
policy, the lost blocks come back if another extractor keeps them too or if they stand amid blocks
that are kept. Blocks named like comments or side bars come back only if both other extractors keep
them.
"""

import copy
from collections import Counter
from dataclasses import dataclass, replace

from lxml.etree import Element, _Element

from pipelines.extraction import audit, dom, reader, tidy
from pipelines.extraction.audit import Audit, Block
from pipelines.extraction.dom import TEXT
from pipelines.extraction.extractors import HTML
from pipelines.extraction.opinions import agreed

NEEDED = frozenset((TEXT, "table", "ul", "ol", "dl", "pre", "blockquote", "p"))
LOST_WORDS = 50  # fewer are a copyright line or a hint
LOST_SHARE = 0.02
LOST_HEADINGS = 3  # fewer may repeat the page's title or name a box


@dataclass(frozen=True, slots=True)
class Choice:
    """The tree to be written, the extractors that made it, and how much of the page it keeps.

    `of_source`: others were asked, who read the page's source, of which its tree says less.
    """

    tree: _Element
    extractors: tuple[str, ...]
    audit: Audit
    of_source: bool = False


def choose(body: _Element, title: str, html: str) -> Choice:
    """Return the text of a page whose body is `body` and whose source is `html`."""
    article = reader.read(body, title)
    tree = Element("div") if article is None else article
    page = audit.blocks(body)
    kept = dom.numbers(tree)
    figures = audit.measure(page, kept, body, tree)
    first = Choice(tree, (HTML,), figures)
    lost = list(audit.missing(page, kept))
    headings = audit.lost_headings(page, kept)
    words = sum(block.length for block in lost)
    much = words >= LOST_WORDS and words >= LOST_SHARE * figures.policy_words
    if not much and len(headings) < LOST_HEADINGS:
        return first
    mended = _mend(first, body, html, page, [*lost, *headings]) or first
    return replace(mended, of_source=True)


def _mend(
    first: Choice, body: _Element, html: str, page: list[Block], lost: list[Block]
) -> Choice | None:
    """Return the text with lost blocks put back; None if none is worth it."""
    opinions = agreed(html, lost, page)
    votes = Counter(id(block) for blocks in opinions.values() for block in blocks)
    kept = dom.numbers(first.tree)
    places = [i for i, block in enumerate(page) if kept.intersection(block.texts)]
    inside = range(places[0], places[-1]) if places else range(0)
    lost_ids = {id(block) for block in lost}
    back = [
        i
        for i, block in enumerate(page)
        if id(block) in lost_ids
        and (
            votes[id(block)] >= (2 if block.unlikely and i not in inside else 1)
            or (i in inside and not block.unlikely)
        )
    ]
    if not back:
        return None
    for i in back:
        kept.update(page[i].texts)
        kept.update(_label_before(page, i))
    tree = prune(body, kept)
    names = tuple(name for name, blocks in opinions.items() if blocks)
    return Choice(tree, (HTML, *names), audit.measure(page, dom.numbers(tree), body, tree))


def _label_before(page: list[Block], place: int) -> list[str]:
    """Return the texts of a heading or label right before a block."""
    if place == 0:
        return []
    before = page[place - 1]
    short = before.length < 2 * audit.SENTENCE
    return before.texts if short and not before.hidden and not before.is_boilerplate else []


def prune(body: _Element, kept: set[str]) -> _Element:
    """Return a copy of the smallest part of a page that holds the kept texts, and nothing else."""
    copied = copy.deepcopy(body)
    for text in list(copied.iter(TEXT)):
        if text.get("n") not in kept and (text.text or "").strip():
            dom.remove(text)
    tree = copied
    while len(children := _filled(tree)) == 1 and children[0].tag not in NEEDED:
        tree = children[0]
    whole = Element("div")
    whole.append(tree)
    tidy.breaks_to_paragraphs(whole)
    tidy.clean(whole, "", weigh=False, conditionally=False)
    for element in reversed(list(whole.iterdescendants())):
        if element.tag not in (TEXT, "br", "hr", "td", "th") and not dom.has_text(element):
            dom.remove(element)
    return whole


def _filled(tree: _Element) -> list[_Element]:
    return [child for child in tree if dom.has_text(child)]
