"""The article on a page, as Mozilla's reader view finds it.

The reference corpus was made with Readability.js (https://github.com/mozilla/readability, 0.3,
Apache-2.0, (c) 2010 Arc90 Inc); this follows its steps, because the same page has to give the same
text. What only concerns pictures, videos, bylines and the page's description is left out.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from lxml.etree import Element, _Element

from pipelines.extraction import dom, tidy
from pipelines.extraction.dom import COMMENT, TEXT

UNLIKELY = re.compile(
    r"-ad-|ai2html|banner|breadcrumbs|combx|comment|community|cover-wrap|disqus|extra|footer|gdpr"
    r"|header|legends|menu|related|remark|replies|rss|shoutbox|sidebar|skyscraper|social|sponsor"
    r"|supplemental|ad-break|agegate|pagination|pager|popup|yom-remote",
    re.I,
)
MAYBE = re.compile("and|article|body|column|content|main|shadow", re.I)
# Dialogs of consent managers, by the names that these give their own elements.
CONSENT = re.compile(
    r"\bcky-|cookieyes|cybotcookiebotdialog|onetrust-(?:banner|consent|pc)|cmplz-|iubenda-cs"
    r"|usercentrics|didomi|qc-cmp|truste_|osano-cm|termly-|borlabs|klaro|axeptio|tarteaucitron",
    re.I,
)
BYLINE = re.compile("byline|author|dateline|writtenby|p-author", re.I)
INVISIBLE = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.I)

SCORED = frozenset(("section", "h2", "h3", "h4", "h5", "h6", "p", "td", "pre"))
EMPTIED = frozenset(("div", "section", "header", "h1", "h2", "h3", "h4", "h5", "h6"))
BLOCKS = ("a", "blockquote", "dl", "div", "img", "ol", "p", "pre", "table", "ul", "select")
UNCHANGED = frozenset(("div", "article", "section", "p"))
TAG_SCORES = {
    "div": 5,
    **dict.fromkeys(("pre", "td", "blockquote"), 3),
    **dict.fromkeys(("address", "ol", "ul", "dl", "dd", "dt", "li", "form"), -3),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "th"), -5),
}
ENOUGH = 500  # characters; an article with fewer is looked for again with less care
TOP = 5  # candidates that are compared


def read(body: _Element, title: str) -> _Element | None:
    """Return the article as a new tree; None if the page holds no text at all.

    `body` comes from `dom.build` and is left as it is. Three precautions are given up one after
    the other while the article is too short to be one.
    """
    longest: tuple[int, _Element | None] = (0, None)
    for careful, weigh, clean in ((1, 1, 1), (0, 1, 1), (0, 0, 1), (0, 0, 0)):
        page = dom.copy_of(body)
        tidy.breaks_to_paragraphs(page)
        article = _Attempt(page, title, bool(careful), bool(weigh), bool(clean)).run()
        length = dom.length_of(article)
        if length >= ENOUGH:
            return article
        if length > longest[0]:
            longest = (length, article)
    return longest[1]


def is_hidden(element: _Element) -> bool:
    """Whether an element's own attributes hide it."""
    style = element.get("style")
    return (
        element.get("hidden") is not None
        or (style is not None and INVISIBLE.search(style) is not None)
        or (element.get("aria-hidden") == "true" and "fallback-image" not in dom.names_of(element))
    )


class _Attempt:
    """One look at a page, which it takes apart."""

    def __init__(self, page: _Element, title: str, careful: bool, weigh: bool, clean: bool) -> None:
        self.page = page
        self.title = title
        self.careful = careful
        self.weigh = weigh
        self.clean = clean
        self.scores: dict[_Element, float] = {}
        self.byline_found = False

    def run(self) -> _Element:
        """Return the article."""
        best = self._best(self._candidates(self._paragraphs()))
        article = self._with_siblings(best)
        tidy.clean(article, self.title, weigh=self.weigh, conditionally=self.clean)
        return article

    def _paragraphs(self) -> list[_Element]:
        """Take out what is hidden or unlikely; return what is to be scored."""
        found: list[_Element] = []
        node: _Element | None = self.page
        while node is not None:
            if self._unwanted(node):
                following = _next(node, inside=False)
                dom.remove(node)
                node = following
                continue
            if node.tag in SCORED:
                found.append(node)
            if node.tag == "div":
                node = self._divide(node, found)
            node = _next(node, inside=True)
        return found

    def _unwanted(self, node: _Element) -> bool:
        if node is self.page:
            return False
        if not node.keys():
            return node.tag in EMPTIED and _is_empty(node)
        if is_hidden(node) or self._is_byline(node) or is_consent_name(dom.names_of(node)):
            return True
        if self.careful and (node.get("role") == "complementary" or _unlikely(node)):
            return True
        return node.tag in EMPTIED and _is_empty(node)

    def _is_byline(self, node: _Element) -> bool:
        if self.byline_found or not (
            node.get("rel") == "author"
            or "author" in node.get("itemprop", "")
            or _is_byline_name(dom.names_of(node))
        ):
            return False
        self.byline_found = 0 < len(dom.raw_text(node).strip()) < 100
        return self.byline_found

    def _divide(self, div: _Element, found: list[_Element]) -> _Element:
        """Give a division's loose text paragraphs; return what stands for the division now."""
        paragraph: _Element | None = None
        for child in list(div):
            if tidy.is_phrasing(child):
                if paragraph is not None:
                    paragraph.append(child)
                elif not tidy.is_blank(child):
                    paragraph = Element("p")
                    div.replace(child, paragraph)
                    paragraph.append(child)
            elif paragraph is not None:
                tidy.trim_end(paragraph)
                paragraph = None
        if tidy.has_only(div, "p") and tidy.link_density(div) < 0.25:
            only = dom.elements(div)[0]
            dom.replace(div, only)
            found.append(only)
            return only
        if not dom.has(div, *BLOCKS):
            div.tag = "p"
            found.append(div)
        return div

    def _candidates(self, paragraphs: Iterable[_Element]) -> list[_Element]:
        """Score the paragraphs' ancestors; return the best, the best first."""
        candidates = []
        for paragraph in paragraphs:
            text = dom.text_of(paragraph)
            if paragraph.getparent() is None or len(text) < 25:
                continue
            score = 2 + text.count(",") + min(len(text) // 100, 3)
            for level, ancestor in zip(range(3), paragraph.iterancestors(), strict=False):
                if ancestor.getparent() is None:
                    break
                if ancestor not in self.scores:
                    self._start(ancestor)
                    candidates.append(ancestor)
                self.scores[ancestor] += score / (1, 2, 6)[level]
        for candidate in candidates:
            self.scores[candidate] *= 1 - tidy.link_density(candidate)
        candidates.sort(key=self.scores.__getitem__, reverse=True)
        return candidates[:TOP]

    def _start(self, element: _Element) -> None:
        """Give an element the score that its tag and names deserve."""
        weight = tidy.name_weight(element) if self.weigh else 0
        self.scores[element] = TAG_SCORES.get(str(element.tag), 0) + weight

    def _best(self, tops: list[_Element]) -> _Element:
        """Return the element that holds the article."""
        if not tops or tops[0] is self.page:
            best = Element("div")
            best.extend(list(self.page))
            self.page.append(best)
            self._start(best)
            return best
        best = self._common(tops)
        if best not in self.scores:
            self._start(best)
        best = self._higher(best)
        while (parent := best.getparent()) is not None and parent is not self.page:
            if len(dom.elements(parent)) != 1:
                break
            best = parent
        if best not in self.scores:
            self._start(best)
        return best

    def _common(self, tops: list[_Element]) -> _Element:
        """Return the ancestor that holds three other candidates as good as the best, if any."""
        best = tops[0]
        others = [
            set(top.iterancestors())
            for top in tops[1:]
            if self.scores[best] and self.scores[top] / self.scores[best] >= 0.75
        ]
        if len(others) >= 3:
            for ancestor in best.iterancestors():
                if ancestor is self.page:
                    break
                if sum(ancestor in other for other in others) >= 3:
                    return ancestor
        return best

    def _higher(self, best: _Element) -> _Element:
        """Return the nearest ancestor that scores higher, if scores do not fall too low before."""
        last = self.scores[best]
        threshold = last / 3
        for ancestor in best.iterancestors():
            if ancestor is self.page:
                break
            score = self.scores.get(ancestor)
            if score is None:
                continue
            if score < threshold:
                break
            if score > last:
                return ancestor
            last = score
        return best

    def _with_siblings(self, best: _Element) -> _Element:
        """Return the article: the best element and those beside it that belong to it."""
        article = Element("div")
        parent = best.getparent()
        if parent is None:
            article.append(best)
            return article
        threshold = max(10, self.scores[best] * 0.2)
        for sibling in dom.elements(parent):
            if sibling is best or self._belongs(sibling, best, threshold):
                if sibling.tag not in UNCHANGED:
                    sibling.tag = "div"
                article.append(sibling)
        return article

    def _belongs(self, sibling: _Element, best: _Element, threshold: float) -> bool:
        name = best.get("class", "")
        bonus = self.scores[best] * 0.2 if name and sibling.get("class", "") == name else 0
        if sibling in self.scores and self.scores[sibling] + bonus >= threshold:
            return True
        if sibling.tag != "p":
            return False
        text = dom.text_of(sibling)
        density = tidy.link_density(sibling)
        if len(text) > 80:
            return density < 0.25
        return 0 < len(text) < 80 and density == 0 and re.search(r"\.( |$)", text) is not None


def _unlikely(node: _Element) -> bool:
    return (
        is_unlikely_name(dom.names_of(node))
        and node.tag not in ("body", "a")
        and not any(a.tag == "table" for _, a in zip(range(4), node.iterancestors(), strict=False))
    )


@lru_cache(maxsize=2_000)  # a site's names come again on all its pages
def is_unlikely_name(names: str) -> bool:
    """Whether class and id are those of comments, side bars and the like."""
    return UNLIKELY.search(names) is not None and MAYBE.search(names) is None


@lru_cache(maxsize=2_000)
def is_consent_name(names: str) -> bool:
    """Whether class and id are those of a consent manager's dialog."""
    return CONSENT.search(names) is not None


@lru_cache(maxsize=2_000)
def _is_byline_name(names: str) -> bool:
    return BYLINE.search(names) is not None


def _is_empty(node: _Element) -> bool:
    """Whether an element holds nothing but white space, line breaks and rules."""
    if dom.has_text(node):
        return False
    children = dom.elements(node)
    return not children or len(children) == dom.count(node, "br", "hr")


def _next(node: _Element, *, inside: bool) -> _Element | None:
    """Return the element that follows in the order of the source; `inside` looks into `node`."""
    if inside:
        for child in node:
            if child.tag != TEXT and child.tag != COMMENT:
                return child
    here: _Element | None = node
    while here is not None:
        following = here.getnext()
        while following is not None:
            if following.tag != TEXT and following.tag != COMMENT:
                return following
            following = following.getnext()
        here = here.getparent()
    return None
