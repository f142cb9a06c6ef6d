"""Turn the policy texts in ``texts/`` into HTML bodies in the manner of their years.

One text file holds every version of one policy. A line is one block, and its first
characters give the kind: ``#`` and ``##`` headings, ``-`` and ``--`` list items, ``;`` a
term and its definition parted by ``::``, ``|!`` and ``|`` table rows, anything else a
paragraph. ``@v1,v3`` in front of a line keeps it for those versions only, and
``{v1:30|v2:90}`` inside a line chooses the words of the version asked for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).resolve().parent / "texts"

_CONDITION = re.compile(r"@((?:v\d+,?)+) ")
_CHOICE = re.compile(r"\{((?:v\d+,?)+:[^{}]*)\}")
_BRANCH = re.compile(r"\|(?=v\d+[,:])")
_KINDS = {
    "# ": "h1",
    "## ": "h2",
    "- ": "li",
    "-- ": "sub",
    "; ": "dl",
    "|! ": "th",
    "| ": "tr",
}


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, list item, definition or table row of a policy."""

    kind: str
    text: str


@dataclass(frozen=True)
class Policy:
    """One version of a policy: the title of its page and its blocks."""

    title: str
    blocks: tuple[Block, ...]


def read_policy(name: str, version: str) -> Policy:
    """Read the policy ``name`` from ``texts/`` in the wording of ``version``."""
    title = ""
    blocks: list[Block] = []
    for line in (TEXTS / f"{name}.txt").read_text("utf-8").splitlines():
        condition = _CONDITION.match(line)
        if condition:
            if version not in condition[1].split(","):
                continue
            line = line[condition.end() :]
        line = _CHOICE.sub(lambda found: _choose(found[1], version), line).strip()
        if line.startswith("title: "):
            title = line.removeprefix("title: ")
        elif line:
            blocks.append(_block(line))
    return Policy(title, tuple(blocks))


def _choose(branches: str, version: str) -> str:
    for branch in _BRANCH.split(branches):
        versions, _, words = branch.partition(":")
        if version in versions.split(","):
            return words
    return ""


def _block(line: str) -> Block:
    for mark, kind in _KINDS.items():
        if line.startswith(mark):
            return Block(kind, line.removeprefix(mark))
    return Block("p", line)


def inline(text: str) -> str:
    """Escape text and render its ``**bold**`` and ``[words](address)`` marks."""
    text = html.escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\[(.+?)\]\((.+?)\)", r'<a href="\2">\1</a>', text)


def font_tags(blocks: tuple[Block, ...]) -> str:
    """Render with upper-case tags and FONT elements, as the editors of 1998 did."""
    face = '<FONT FACE="Verdana, Arial, Helvetica" SIZE="2" COLOR="#000000">'
    out = []
    for block in blocks:
        words = inline(block.text)
        if block.kind == "h1":
            out.append(
                f'<CENTER><FONT FACE="Times New Roman" SIZE="5" COLOR="#003366">'
                f"<B>{words}</B></FONT></CENTER>\n<HR WIDTH=80% NOSHADE>"
            )
        elif block.kind == "h2":
            out.append(f'<P><FONT FACE="Times New Roman" SIZE="4"><B>{words}</B></FONT>')
        else:
            out.append(f"<P>{face}{words}</FONT>")
    return "\n".join(out)


def line_breaks(blocks: tuple[Block, ...]) -> str:
    """Render as running text parted by pairs of ``<br>``, without any paragraph element."""
    out = []
    for block in blocks:
        words = inline(block.text)
        if block.kind == "h1":
            words = f'<font size="+1"><b>{words}</b></font>'
        elif block.kind == "h2":
            words = f"<b>{words}</b>"
        elif block.kind == "li":
            words = f"&#149; {words}"
        out.append(f"{words}<br><br>")
    return "\n".join(out)


def div_soup(blocks: tuple[Block, ...]) -> str:
    """Render every block, headings included, as a ``div`` that only a class describes."""
    classes = {"h1": "pageTitle", "h2": "boxHd", "li": "bullet"}
    return "\n".join(
        f'<div class="{classes.get(block.kind, "copy")}"><div class="inner">'
        f"{inline(block.text)}</div></div>"
        for block in blocks
    )


def styled_paragraphs(blocks: tuple[Block, ...]) -> str:
    """Render as ``<p>`` with classes, headings in bold, as a content editor of 2005 did."""
    out = []
    for block in blocks:
        words = inline(block.text)
        if block.kind in ("h1", "h2"):
            name = "PageHead" if block.kind == "h1" else "SubHead"
            out.append(f'<p class="{name}"><strong>{words}</strong></p>')
        else:
            out.append(f'<p class="BodyText">{words}</p>')
    return "\n".join(out)


def semantic(blocks: tuple[Block, ...]) -> str:
    """Render with headings, paragraphs, nested lists, definition lists and tables."""
    out: list[str] = []
    start = 0
    while start < len(blocks):
        group = _GROUPS.get(blocks[start].kind)
        end = start + 1
        if group is None:
            block = blocks[start]
            out.append(f"<{block.kind}>{inline(block.text)}</{block.kind}>")
        else:
            while end < len(blocks) and _GROUPS.get(blocks[end].kind) is group:
                end += 1
            out.append(group(blocks[start:end]))
        start = end
    return "\n".join(out)


def sections(blocks: tuple[Block, ...]) -> str:
    """Render like ``semantic``, each second-level heading opening a ``<section>``."""
    heads = [at for at, block in enumerate(blocks) if block.kind == "h2"]
    out = [semantic(blocks[: heads[0]] if heads else blocks)]
    for at, head in enumerate(heads):
        end = heads[at + 1] if at + 1 < len(heads) else len(blocks)
        out.append(f'<section id="s{at + 1}">\n{semantic(blocks[head:end])}\n</section>')
    return "\n".join(out)


def _list(blocks: tuple[Block, ...]) -> str:
    out = ["<ul>"]
    for at, block in enumerate(blocks):
        before = blocks[at - 1].kind if at else ""
        after = blocks[at + 1].kind if at + 1 < len(blocks) else ""
        if block.kind == "sub":
            opening = "<ul>\n" if before != "sub" else ""
            closing = "\n</ul></li>" if after != "sub" else ""
            out.append(f"{opening}<li>{inline(block.text)}</li>{closing}")
        else:
            closing = "" if after == "sub" else "</li>"
            out.append(f"<li>{inline(block.text)}{closing}")
    return "\n".join([*out, "</ul>"])


def _definitions(blocks: tuple[Block, ...]) -> str:
    out = ["<dl>"]
    for block in blocks:
        term, _, meaning = block.text.partition(" :: ")
        out.append(f"<dt>{inline(term)}</dt>\n<dd>{inline(meaning)}</dd>")
    return "\n".join([*out, "</dl>"])


def _table(blocks: tuple[Block, ...]) -> str:
    out = ['<table class="data">']
    for block in blocks:
        cell = "th" if block.kind == "th" else "td"
        cells = "".join(
            f"<{cell}>{inline(words.strip())}</{cell}>" for words in block.text.split(" | ")
        )
        out.append(f"<tr>{cells}</tr>")
    return "\n".join([*out, "</table>"])


_GROUPS: dict[str, Callable[[tuple[Block, ...]], str]] = {
    "li": _list,
    "sub": _list,
    "dl": _definitions,
    "th": _table,
    "tr": _table,
}

BODIES: dict[str, Callable[[tuple[Block, ...]], str]] = {
    "font_tags": font_tags,
    "line_breaks": line_breaks,
    "div_soup": div_soup,
    "styled_paragraphs": styled_paragraphs,
    "semantic": semantic,
    "sections": sections,
}
