"""A page's titles: the one that heads its document, and the one its article is compared with."""

import re

from lxml.etree import _Element
from selectolax.lexbor import LexborHTMLParser

from pipelines.extraction import dom

UNTITLED = "(untitled)"
_SEPARATED = re.compile(r" [|\-\\/>»] ")
_HIERARCHY = re.compile(r" [\\/>»] ")


def page_title(page: LexborHTMLParser, body: _Element) -> str:
    """Return the reference corpus' `# TITLE`: the page's `<title>` and nothing made of it.

    White space is folded as browsers do for `document.title`. A page without one is headed by its
    first heading.
    """
    if title := _full_title(page):
        return title
    for heading in body.iter("h1", "h2"):
        if title := " ".join(dom.raw_text(heading).split()):
            return title
    return UNTITLED


def article_title(page: LexborHTMLParser, body: _Element) -> str:
    """Return what the reader view takes for the article's title: its own title without the site's.

    A second-level heading that repeats it is taken out of the article.
    """
    full = _full_title(page)
    title = _declared(page) or full
    if title != full:
        return title
    if _SEPARATED.search(title):
        title = re.sub(r"(.*)[|\-\\/>»] .*", r"\1", full)
        if len(title.split()) < 3:
            title = re.sub(r"[^|\-\\/>»]*[|\-\\/>»](.*)", r"\1", full)
    elif ": " in title:
        title = _after_colon(full, body)
    elif not 15 <= len(title) <= 150:
        ones = list(body.iter("h1"))
        title = dom.text_of(ones[0]) if len(ones) == 1 else title
    title = " ".join(title.split())
    words = len(title.split())
    bare = len(re.sub(r"[|\-\\/>»]+", "", full).split())
    return full if words <= 4 and (not _HIERARCHY.search(full) or words != bare - 1) else title


def _after_colon(full: str, body: _Element) -> str:
    if any(dom.raw_text(heading).strip() == full for heading in body.iter("h1", "h2")):
        return full
    title = full[full.rindex(":") + 1 :]
    if len(title.split()) < 3:
        return full[full.index(":") + 1 :]
    return full if len(full[: full.index(":")].split()) > 5 else title


def _full_title(page: LexborHTMLParser) -> str:
    title = page.css_first("title:not(svg title)")
    return "" if title is None else " ".join(title.text().split())


def _declared(page: LexborHTMLParser) -> str:
    """Return the title that the page's metadata gives."""
    values: dict[str, str] = {}
    for meta in page.css("head meta[content]"):
        given = meta.attributes
        name = (given.get("property") or given.get("name") or "").strip().lower()
        values.setdefault(name, (given["content"] or "").strip())
    names = ("dc:title", "dcterm:title", "og:title", "weibo:article:title", "title")
    return next((values[name] for name in (*names, "twitter:title") if values.get(name)), "")
