"""The Markdown that documents are written in: the rules seen in the reference corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction import dom
from pipelines.extraction.dialect import to_markdown
from pipelines.text.plain import plain_text

BASE = "http://example.com/legal/privacy.html"


def markdown(html: str) -> str:
    return to_markdown(dom.build(f"<body>{html}</body>")[0], BASE)


BLOCKS = [
    ("<h2>Data</h2><p>We keep it.</p>", "## Data\n\nWe keep it."),
    ("<h3> a <b> b </b> c </h3>", "###  a **b** c "),
    ("a<div>b</div>c", "a\n\nb\n\nc"),
    ("<div><p>a</p></div><div></div><div><p>b</p></div>", "a\n\nb"),
    ("<p>a </p>\n<p> b</p>", "a \n\nb"),
    ("<p>a<span> </span></p><p>b</p>", "a\n\nb"),
    ("<p>one<br>two</p>", "one  \ntwo"),
    ("<p>one\n<br> two</p>", "one   \ntwo"),
    ("<p>one<br></p><p>two</p>", "one  \n\n\ntwo"),
    ("<p>one</p><br><p>two</p>", "one\n\n  \n\n\ntwo"),
    ("<p>one</p><hr><p>two</p>", "one\n\n* * *\n\ntwo"),
    ("x<pre>a\n  b</pre>y", "x\n    \n    \n    a\n      b\n\ny"),
    ("<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>", "a\n    b\nc\n"),
    ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n> \n> b\n\nc"),
    ("<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n>\n>> b\n> \n> c"),
    ("<blockquote>a<br>b</blockquote>", "> a  \n> b"),
    ("<section>a</section><section>b</section>", "a\n\nb"),
    ("<section>a </section><section>b</section>", "a b"),
    ("a<locale>b</locale>", "ab"),
]
LISTS = [
    ("x<ul><li>one</li><li>two</li></ul>y", "x\n\n  * one\n  * two\n\ny"),
    ("<ul><li>one</li></ul><p>y</p>", "  * one\n\n\n\ny"),
    ("<ul><li>one </li></ul><p>y</p>", "  * one \n\ny"),
    ("<ul><li><p>one </p></li></ul><p>y</p>", "  * one \n\n\n\n\ny"),
    ("<ul><li>one</li></ul>\n<ul><li>two</li></ul>", "  * one\n\n\n  * two"),
    ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "  * a\n    * b\n  * c"),
    ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "  1. a\n    * b\n  2. c"),
    ("<ol start='3'><li>a</li><li>b</li></ol>", "  3. a\n  4. b"),
    ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "  * a\n\nb\n\n  * c"),
    ("<li>a</li><li>b</li>c", "* a\n* b\nc"),
    ("<blockquote><ul><li>b</li></ul></blockquote>d", ">   * b\n> \n\n\nd"),
]
INLINE = [
    ("<p><b>bold</b> and <em>stressed</em></p>", "**bold** and _stressed_"),
    ("a<b> b </b>c <u>d</u>", "a **b** c _d_"),
    ("(<b>b</b>)", "( **b** )"),
    ("<b>b</b>.c <b>b</b>, c", "**b**.c **b** , c"),
    ("<b>a</b><i>b</i>", "**a** _b_"),
    ("<b>a<br></b>b", "**a  \n** b"),
    ("<p>x</p><b>a</b>", "x\n\n **a**"),
    ("<p>x</p>\n<b>a</b>", "x\n\n**a**"),
    ("<b>a&nbsp;</b>b", "**a  **b"),
    ("x <b></b> c <a href='http://x.example/'>d</a>", "x ****c [d](http://x.example/)"),
    ("a<s>b</s> <code>c</code> <q>d</q>", 'a ~~b~~ `c` "d"'),
    ("<p>a <img src='x.png' alt='picture'>b</p>", "a b"),
    ("a&nbsp; b", "a  b"),
    ("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c"),
    ("<p>5 * 3 _ 2 # 1</p>", "5 * 3 _ 2 # 1"),
    ("<p>1. a</p><p>- b - c</p>+ d<p>-e</p>", "1\\. a\n\n\\- b - c\n\n\\+ d\n\n-e"),
    ("<p>C:\\dir \\* x</p>", "C:\\dir \\\\* x"),
]
LINKS = [
    ("<p>see <a href='/x?a=1&amp;b=2'>x</a></p>", "see [x](http://example.com/x?a=1&b=2)"),
    ("see<a href='/x'> x </a>.", "see[ x ](http://example.com/x)."),
    ("<p>see <a href='#part'>below</a></p>", "see below"),
    ("<p>see <a href='javascript:go()'>it</a></p>", "see it"),
    ("<a href='http://a.example/'>http://a.example/</a>", "<http://a.example/>"),
    ("<a href='http://a.example/'>http://a.example</a>", "[http://a.example](http://a.example/)"),
    ("<a href='mailto:a@b.example'>a@b.example</a>", "[a@b.example](mailto:a@b.example)"),
    ("<a href='/(c)'><b>b</b></a>", "[**b**](http://example.com/\\(c\\))"),
    ("<a href='/'><img></a>y", "[](http://example.com/)y"),
    (
        "<a href='https://web.archive.org/web/20150101000000/http://other.example/y'>y</a>",
        "[y](http://other.example/y)",
    ),
]
TABLES = [
    (
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table><h2>e</h2>",
        "| a| b  \n---|---  \nc| d  \n  \n## e",
    ),
    ("<blockquote><table><tr><td>a</td></tr></table></blockquote>", "> | a  \n> ---"),
]


@pytest.mark.parametrize(("html", "expected"), [*BLOCKS, *LISTS, *INLINE, *LINKS, *TABLES])
def test_elements_have_their_markdown(html: str, expected: str) -> None:
    assert markdown(html) == expected.strip("\n")


def test_a_cell_without_a_table_writes_its_content() -> None:
    body = dom.build("<table><tr><td><p>a</p></td></tr></table>")[0]
    assert to_markdown(next(body.iter("td")), BASE) == "a"


WORDS = st.sampled_from(["a", "b ", " c", "d\n", "\xa0", "(", "1. e", "- f", "&amp;"])
TAGS = st.sampled_from("p div b i a ul ol li blockquote h2 pre table tr td q span br dl dd".split())
TREES = st.recursive(
    WORDS,
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda node: f"<{node[0]} href=/x>{''.join(node[1])}</{node[0]}>"
    ),
    max_leaves=20,
)


@given(TREES)
def test_every_letter_is_kept_in_its_order(html: str) -> None:
    body = dom.build(f"<body>{html}</body>")[0]
    letters = "".join(filter(str.isalpha, dom.raw_text(body)))
    plain = plain_text(to_markdown(body, "http://0/").replace("http://0/x", ""))
    assert "".join(filter(str.isalpha, plain)) == letters


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("## a\n\n  * **b ** _c_\n    1. d\n\n1\\. e", "a\nb c\nd\n1. e"),
        ("> | a| b  \n> ---|---  \n> c| d  \n\ne | f", "a b\nc d\ne | f"),
        ("a\n\n* * *\n\n> b  \n> c", "a\nb\nc"),
        ("the [a [b] c](http://x/\\(d\\)) and <http://x/>", "the a [b] c and http://x/"),
        ("our[statement](http://x/) of **Us**[here](http://y/)", "our statement of Us here"),
        ("_ga, a_b and ____ but _x_y z_", "_ga, a_b and ____ but x_y z"),
        ("Company&#39;s `name` \\* 5 * 3", "Company's name * 5 * 3"),
        ("see [a] b](http://www.shop.example/c) now", "see [a] b] now"),
    ],
)
def test_plain_text_has_no_markup(written: str, plain: str) -> None:
    assert plain_text(written) == plain
