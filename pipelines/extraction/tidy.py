"""What the reader view does with an article once found, and the questions it asks of elements."""

import re
from functools import lru_cache
from itertools import chain
from typing import cast

from lxml.etree import Element, XPath, _Element

from pipelines.extraction import dom
from pipelines.extraction.dom import TEXT, names

POSITIVE = re.compile(
    "article|body|content|entry|hentry|h-entry|main|page|pagination|post|text|blog|story", re.I
)
NEGATIVE = re.compile(
    "hidden|^hid$| hid$| hid |^hid |banner|combx|comment|com-|contact|foot|footer|footnote|gdpr"
    "|masthead|media|meta|outbrain|promo|related|scroll|share|shoutbox|sidebar|skyscraper|sponsor"
    "|shopping|tags|tool|widget",
    re.I,
)
SHARE = re.compile(r"(\b|_)(share|sharedaddy)(\b|_)", re.I)
PHRASING = names(
    "abbr audio b bdo br button cite code data datalist dfn em embed i img input kbd label mark",
    "math meter noscript object output progress q ruby samp script select small span strong sub",
    "sup textarea time var wbr",
)
SHORT = 500  # characters
_NAMED = XPath("*/descendant::*[@class or @id]")
EMBEDDED = ("object", "embed", "iframe")
DATA_PARTS = ("col", "colgroup", "tfoot", "thead", "th")


def breaks_to_paragraphs(body: _Element) -> None:
    """Make paragraphs of texts that two or more line breaks set apart."""
    for line_break in list(body.iter("br")):
        parent = line_break.getparent()
        if parent is None or not _drop_chain(line_break):
            continue
        paragraph = Element("p")
        parent.replace(line_break, paragraph)
        while (following := paragraph.getnext()) is not None:
            if _starts_chain(following) or not is_phrasing(following):
                break
            paragraph.append(following)
        trim_end(paragraph)
        if parent.tag == "p":
            parent.tag = "div"
    for font in body.iter("font"):
        font.tag = "span"


def _drop_chain(line_break: _Element) -> bool:
    """Take out the line breaks that follow one with nothing between; whether there were any."""
    dropped = False
    while (following := _next_solid(line_break.getnext())) is not None and following.tag == "br":
        dropped = True
        dom.remove(following)
    return dropped


def _starts_chain(node: _Element) -> bool:
    following = _next_solid(node.getnext()) if node.tag == "br" else None
    return following is not None and following.tag == "br"


def _next_solid(node: _Element | None) -> _Element | None:
    """Return the node, or the next that is not white space."""
    while node is not None and (
        node.tag == dom.COMMENT or (node.tag == TEXT and not (node.text or "").strip())
    ):
        node = node.getnext()
    return node


def trim_end(paragraph: _Element) -> None:
    """Take white space and line breaks off a paragraph's end."""
    while len(paragraph) and is_blank(paragraph[-1]):
        del paragraph[-1]


def is_blank(node: _Element) -> bool:
    """Whether a node is white space or a line break."""
    return node.tag == "br" or (node.tag == TEXT and not (node.text or "").strip())


def is_phrasing(node: _Element) -> bool:
    """Whether a node can stand within a paragraph."""
    if node.tag == TEXT or node.tag in PHRASING:
        return True
    return node.tag in ("a", "del", "ins") and all(is_phrasing(child) for child in node)


def has_only(element: _Element, tag: str) -> bool:
    """Whether an element holds one element, with this tag, and no text beside it."""
    children = dom.elements(element)
    return (
        len(children) == 1
        and children[0].tag == tag
        and not any(child.tag == TEXT and (child.text or "").strip() for child in element)
    )


def link_density(element: _Element) -> float:
    """Return the share of an element's characters that stand in links."""
    links = list(element.iterdescendants("a"))
    if not links:
        return 0.0
    length = dom.length_of(element)
    return sum(len(dom.text_of(link)) for link in links) / length if length else 0.0


def name_weight(element: _Element) -> int:
    """Return what class and id say for or against an element."""
    names = element.get("class"), element.get("id")
    return sum(_weight(name[: dom.LONGEST_NAMES]) for name in names if name)


@lru_cache(maxsize=2_000)  # a site's names come again on all its pages
def _weight(name: str) -> int:
    return 25 * bool(POSITIVE.search(name)) - 25 * bool(NEGATIVE.search(name))


@lru_cache(maxsize=2_000)
def _is_share_name(names: str) -> bool:
    return SHARE.search(names) is not None


def clean(article: _Element, title: str, *, weigh: bool, conditionally: bool) -> None:
    """Take out of an article what is not text to read, in the reader view's order."""
    cleaner = _Cleaner(article, weigh, conditionally)
    cleaner.conditionally("form", "fieldset")
    cleaner.always("object", "embed", "h1", "footer", "link", "aside")
    cleaner.shares()
    cleaner.title_heading(title)
    cleaner.always("iframe", "input", "textarea", "select", "button")
    if weigh:
        for heading in list(article.iterdescendants("h2")):
            if name_weight(heading) < 0:
                dom.remove(heading)
    cleaner.conditionally("table", "ul", "div")
    _drop_empty_paragraphs(article)
    for line_break in list(article.iterdescendants("br")):
        following = _next_solid(line_break.getnext())
        if following is not None and following.tag == "p":
            dom.remove(line_break)
    for table in list(article.iterdescendants("table")):
        _unwrap_single_cell(table)
    for link in list(article.iterdescendants("a")):
        if link.get("href", "").startswith("javascript:"):
            _unlink(link)


class _Cleaner:
    """Takes elements out of an article."""

    def __init__(self, article: _Element, weigh: bool, active: bool) -> None:
        self.article = article
        self.weigh = weigh
        self.active = active
        self.data_tables = {t for t in article.iterdescendants("table") if _is_data(t)}

    def always(self, *tags: str) -> None:
        for element in list(self.article.iterdescendants(*tags)):
            dom.remove(element)

    def conditionally(self, *tags: str) -> None:
        """Take out those that look more like a menu, a form or an advertisement than like text."""
        for tag in tags if self.active else ():
            for element in reversed(list(self.article.iterdescendants(tag))):
                if not self._in_data_table(element) and self._fishy(element):
                    dom.remove(element)

    def _in_data_table(self, element: _Element) -> bool:
        if not self.data_tables:
            return False
        tables = chain((element,), element.iterancestors("table"))
        return any(table in self.data_tables for table in tables)

    def _fishy(self, element: _Element) -> bool:
        weight = name_weight(element) if self.weigh else 0
        if weight < 0:
            return True
        if dom.raw_text(element).count(",") >= 10:
            return False
        length = len(dom.text_of(element))
        paragraphs, images = dom.count(element, "p"), dom.count(element, "img")
        density = link_density(element)
        embedded = dom.count(element, *EMBEDDED)
        return (
            (images > 1 and paragraphs / images < 0.5 and not _in_figure(element))
            or dom.count(element, "input") > paragraphs // 3
            or (weight >= 25 and density > 0.5)
            or (embedded == 1 and length < 75)
            or embedded > 1
            or (
                element.tag != "ul"
                and (
                    dom.count(element, "li") - 100 > paragraphs
                    or (length < 25 and not 0 < images <= 2 and not _in_figure(element))
                    or (weight < 25 and density > 0.2)
                )
            )
        )

    def shares(self) -> None:
        """Take out short blocks for sharing on other sites."""
        for element in cast(list[_Element], _NAMED(self.article)):
            if _is_share_name(dom.names_of(element)) and len(dom.raw_text(element)) < SHORT:
                dom.remove(element)

    def title_heading(self, title: str) -> None:
        """Take out the only second-level heading if it says the title, which stands above it."""
        headings = list(self.article.iterdescendants("h2"))
        if len(headings) != 1 or not title:
            return
        text = dom.raw_text(headings[0])
        longer = (len(text) - len(title)) / len(title)
        if abs(longer) < 0.5 and (title in text if longer > 0 else text in title):
            dom.remove(headings[0])


def _is_data(table: _Element) -> bool:
    """Whether a table holds data rather than the page's layout."""
    if table.get("role") == "presentation" or table.get("datatable") == "0":
        return False
    if table.get("summary") or any(len(caption) for caption in table.iterdescendants("caption")):
        return True
    if dom.has(table, *DATA_PARTS):
        return True
    if dom.has(table, "table"):
        return False
    rows = columns = 0
    for row in table.iterdescendants("tr"):
        rows += _span(row.get("rowspan"))
        cells = row.iterdescendants("td")
        columns = max(columns, sum(_span(cell.get("colspan")) for cell in cells))
    return rows >= 10 or columns > 4 or rows * columns > 10


def _span(value: str | None) -> int:
    number = re.match(r"\s*(\d{1,4})", value or "")
    return int(number[1]) or 1 if number else 1


def _in_figure(element: _Element) -> bool:
    return any(a.tag == "figure" for _, a in zip(range(4), element.iterancestors(), strict=False))


def _drop_empty_paragraphs(article: _Element) -> None:
    for paragraph in list(article.iterdescendants("p")):
        if not dom.has_text(paragraph) and not dom.has(paragraph, "img", *EMBEDDED):
            dom.remove(paragraph)


def _unlink(link: _Element) -> None:
    """Leave the text of a link that only a script can follow."""
    if len(link) == 1 and link[0].tag == TEXT:
        dom.replace(link, link[0])
    else:
        link.tag = "span"


def _unwrap_single_cell(table: _Element) -> None:
    """Put the content of a table with one cell in the table's place."""
    rows = dom.elements(table)[0] if has_only(table, "tbody") else table
    if not has_only(rows, "tr"):
        return
    row = dom.elements(rows)[0]
    if has_only(row, "td"):
        cell = dom.elements(row)[0]
        cell.tag = "p" if all(is_phrasing(child) for child in cell) else "div"
        dom.replace(table, cell)
