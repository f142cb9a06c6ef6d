"""Markdown into plain text: what a document says, without its markup."""

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def plain_text(markdown: str) -> str:
    """Return the text of a Markdown document: a line a block, line breaks kept, no markup.

    A function of the Markdown alone, so that texts with one `text_id` have one plain text.
    """
    blocks = [
        "".join(map(_inline, token.children)) if token.children is not None else token.content
        for token in _MARKDOWN.parse(markdown)
        if token.content
    ]
    lines = (" ".join(line.split()) for block in blocks for line in block.split("\n"))
    return "\n".join(filter(None, lines))


def _inline(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.children is not None:  # an image: its text
        return "".join(map(_inline, token.children))
    return token.content
