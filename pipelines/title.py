"""A page's titles: the one that heads its document, and the one its article is compared with."""

import re

from lxml.etree import _Element
from resiliparse.parse.html import HTMLTree

from pipelines import dom

UNTITLED = "(untitled)"
_SEPARATED = re.compile(r" [|\-\\/>»] ")
_HIERARCHY = re.compile(r" [\\/>»] ")


def page_title(page: HTMLTree, body: _Element) -> str:
    """Return the reference corpus' `# TITLE`: the page's `<title>` and nothing made of it.

    White space is folded as browsers do for `document.title`. A page without one is headed by its
    first heading.
    """
    if title := " ".join((page.title or "").split()):
        return title
    for heading in body.iter("h1", "h2"):
        if title := " ".join(dom.raw_text(heading).split()):
            return title
    return UNTITLED


def article_title(page: HTMLTree, body: _Element) -> str:
    """Return what the reader view takes for the article's title: its own title without the site's.

    A second-level heading that repeats it is taken out of the article.
    """
    full = " ".join((page.title or "").split())
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


def _declared(page: HTMLTree) -> str:
    """Return the title that the page's metadata gives."""
    head = page.head
    values: dict[str, str] = {}
    for meta in head.get_elements_by_tag_name("meta") if head is not None else ():
        name = (meta.getattr("property") or meta.getattr("name") or "").strip().lower()
        values.setdefault(name, (meta.getattr("content") or "").strip())
    names = ("dc:title", "dcterm:title", "og:title", "weibo:article:title", "title")
    return next((values[name] for name in (*names, "twitter:title") if values.get(name)), "")
