"""The Markdown that documents are written in."""

import pytest

from pipelines import dom
from pipelines.dialect import to_markdown

BASE = "http://example.com/legal/privacy.html"


def markdown(html: str) -> str:
    return to_markdown(dom.build(f"<body>{html}</body>")[0], BASE)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>Data</h2><p>We keep it.</p>", "## Data\n\nWe keep it."),
        ("<p>one<br>two</p>", "one  \ntwo"),
        ("<p><b>bold</b> and <em>stressed</em></p>", "**bold** and _stressed_"),
        ("<ul><li>one</li><li>two</li></ul>", "  * one\n  * two"),
        ("<p>one</p><hr><p>two</p>", "one\n\n* * *\n\ntwo"),
        ("<p>see <a href='/x?a=1&amp;b=2'>x</a></p>", "see [x](http://example.com/x?a=1&b=2)"),
        ("<p>see <a href='#part'>below</a></p>", "see below"),
        ("<p>see <a href='javascript:go()'>it</a></p>", "see it"),
        ("<p>a <img src='x.png' alt='picture'>b</p>", "a b"),
        (
            "<a href='https://web.archive.org/web/20150101000000/http://other.example/y'>y</a>",
            "[y](http://other.example/y)",
        ),
        ("<p>5 * 3 _ 2 # 1</p>", "5 * 3 _ 2 # 1"),
        ("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c"),
    ],
)
def test_elements_have_their_markdown(html: str, expected: str) -> None:
    assert markdown(html) == expected


def test_an_inner_list_is_indented() -> None:
    lines = markdown("<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>").splitlines()
    assert lines[0] == "  * one"
    assert lines[-1] == "  * two"
    assert any(line.endswith("* inner") and line.startswith("    ") for line in lines)
