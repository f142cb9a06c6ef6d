"""An element of a `dom` tree as Markdown, in the manner of the reference corpus' documents.

markdownify renders; what differs here is what those documents show: `  * item`, `_emphasis_`,
`* * *` for a rule, two spaces before a line break, no image, no link inside the page.
"""

import re
from html import escape
from typing import Any

from lxml.etree import _Element, iterwalk
from markdownify import (  # type: ignore[attr-defined]
    ATX,
    SPACES,
    MarkdownConverter,
    abstract_inline_conversion,
)

from pipelines.dom import COMMENT, TEXT
from pipelines.links import resolve

_VOID = frozenset(("br", "hr", "img", "input", "wbr"))


def to_markdown(root: _Element, base: str) -> str:
    """Return an element as Markdown; `base` resolves its links."""
    markdown: str = _Converter(
        heading_style=ATX,
        newline_style=SPACES,
        bullets="*",
        autolinks=True,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
    ).convert(_to_html(root, base))
    return re.sub(r"\n{3,}", "\n\n", markdown).strip("\n")


class _Converter(MarkdownConverter):
    convert_em = convert_i = convert_u = abstract_inline_conversion(lambda self: "_")

    def convert_hr(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return "\n\n* * *\n\n"

    def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return ""

    def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
        item: str = super().convert_li(el, text, parent_tags)  # type: ignore[misc]
        return "".join(f"  {line}" if line.strip() else line for line in item.splitlines(True))


def _to_html(root: _Element, base: str) -> str:
    """Write a tree out as HTML, with absolute links and no attributes but those."""
    parts: list[str] = []
    for event, node in iterwalk(root, events=("start", "end")):
        tag = str(node.tag)
        if tag == COMMENT:
            continue
        if tag == TEXT:
            parts.append(escape(node.text or "", quote=False) if event == "start" else "")
        elif event == "start":
            parts.append(f"<{tag}{_address(node, base)}>")
        elif tag not in _VOID:
            parts.append(f"</{tag}>")
    return "".join(parts)


def _address(node: _Element, base: str) -> str:
    href = node.get("href")
    if node.tag != "a" or href is None or href.startswith("#"):
        return ""
    if href.lower().lstrip().startswith(("javascript:", "data:", "vbscript:")):
        return ""
    return f' href="{escape(resolve(base, href))}"'
