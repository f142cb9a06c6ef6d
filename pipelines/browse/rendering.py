"""A policy's Markdown as HTML that does nothing but stand there. Pure.

Archived text is hostile: HTML in it is shown as text (CommonMark without HTML), and what comes out
is sanitised once more. Links keep their address and lead out only when somebody clicks them.
"""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol"),
    *("p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_UNDER = 2  # headings of the page that stand above a text's own
_SHOWN = re.compile(r"(^[^#]*?/\d{14})id_/")  # behind a "#" is where in a file it is
_READER = (
    MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
)


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _UNDER)}"


_READER.core.ruler.push("lower_headings", _lower_headings)


@lru_cache(maxsize=64)
def rendered(markdown: str) -> str:
    """Return sanitised HTML of a Markdown text."""
    return nh3.clean(
        _READER.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def as_shown(snapshot_url: str) -> str:
    """Return a snapshot's address as its archive shows it to people, not as it was sent."""
    return _SHOWN.sub(r"\1/", snapshot_url)
