"""A policy's Markdown as HTML that does nothing but stand there. Pure.

Archived text is hostile: HTML in it is shown as text (CommonMark without HTML), and what comes out
is sanitised once more. Links keep their address and lead out only when somebody clicks them.
"""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol"),
    *("p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_READER = (
    MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
)


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
