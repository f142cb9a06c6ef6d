"""Markdown into plain text: what a document says, without its markup.

Only the marks that `dialect` writes are taken off. A CommonMark reader would leave some of them,
because emphasis of the reference corpus may begin or end with a space, and take half the time of an
extraction.
"""

import re
from html import unescape

_LINE_START = re.compile(
    r"^(?:> ?)*(?:\| )? *(?:(?:\* |(?<=  )-?\d+\. ) *)*(?:#{1,6}(?: |$))?", re.M
)
_RULE = re.compile(r"^[>* ]*\* \* \* *$", re.M)
_TABLE = re.compile(r"^.*\n(?:> ?)*---(?:\|---)* *$(?:\n.*\S.*  $)*", re.M)
_TABLE_MARK = re.compile(r"^(?:> ?)*---(?:\|---)* *$|\| ", re.M)
_LINK = re.compile(
    r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]"
    r"\(((?:[^()\s\\]|\\.)*)\)",
    re.S,
)
_STRAY = re.compile(r"\]\((?:(?:https?|ftp)://|mailto:)(?:[^()\s\\]|\\.)*\)")
_ADDRESS = re.compile(r"<((?:https?|ftp)://[^\s<>]*)>")
# a link may have taken the space between two words; each pattern begins with a sign, to be fast
_TOUCHING = re.compile(r"\[(?:(?<=\w\[)|(?<=\w_\[)|(?<=\w\*\*\[)|(?<=\w~~\[))(?=[^\[\]]*\]\()")
_CODE = re.compile(r"`([^`\n]*)`")
_STRONG = re.compile(r"([*~])(?<!\\.)\1")
_STRESSED = re.compile(  # names such as _ga and a_b keep their marks
    r"_(?<![\w\\]_)(?!_{3})_{0,2}"
    r"((?:[^_\n]|\n(?!\n)|(?<=[^\W_])_+(?=[^\W_]))*)_{1,3}(?!\w)"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|\w{2,31});", re.I)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!])")


def plain_text(markdown: str) -> str:
    """Return the text of a Markdown document: a line a block, line breaks kept, no markup.

    A function of the Markdown alone, so that texts with one `text_id` have one plain text.
    """
    # a look for what a pattern cannot do without takes a hundredth of its time
    text = _RULE.sub("", markdown) if "* * *" in markdown else markdown
    if "---" in text:
        text = _TABLE.sub(lambda table: _TABLE_MARK.sub(" ", table[0]), text)
    text = _LINE_START.sub("", text)
    text = _TOUCHING.sub(" [", text)
    text = _STRAY.sub("]", _LINK.sub(r"\1", text))
    text = _CODE.sub(r"\1", _ADDRESS.sub(r"\1", text))
    if "**" in text or "~~" in text:
        text = _STRONG.sub("", text)
    text = _STRESSED.sub(r"\1", text)
    text = _ENTITY.sub(lambda entity: unescape(entity[0]), _ESCAPE.sub(r"\1", text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(filter(None, lines))
