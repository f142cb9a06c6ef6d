"""A page into text: what is kept, what is not, and what is said about it."""

import json

import pytest

from crawler.errors import TooLarge
from pipelines.extraction import dom
from pipelines.extraction.extract import extract
from pipelines.reading import read_page

URL = "http://shop.example/privacy"
MENU = "<ul class=menu>" + "".join(f"<li><a href=/{n}>Shop {n}</a>" for n in range(9)) + "</ul>"
FOOTER = (
    '<div id=footer><a href="/a">About</a> <a href="/t">Terms</a> Copyright 2012 Shop Ltd</div>'
)


def clause(n):
    return (
        f"Clause {n}: when you register, order goods, or write to us, we collect your name, your "
        f"address, and what you bought, and we keep item{n} for as long as the law asks us to."
    )


def clauses(first, last, tag="p"):
    return "".join(f"<{tag}>{clause(n)}</{tag}>" for n in range(first, last))


def run(body, title="Privacy Policy - Shop"):
    page = f"<html><head><title>{title}</title></head><body>{MENU}{body}{FOOTER}</body></html>"
    return read_page(page.encode(), "text/html; charset=utf-8", URL)


def kept(text, first, last):
    return all(f"item{n} " in text.plain for n in range(first, last))


def test_the_policy_is_kept_and_the_menu_is_not():
    text = run(f"<div id=content><h1>Privacy</h1>{clauses(0, 9)}</div>")
    assert kept(text, 0, 9)
    assert "Shop 3" not in text.plain
    assert "Copyright" not in text.plain
    assert text.extracted.kept == 1
    assert json.loads(text.extracted.audit)["boilerplate"] == 0


def test_the_title_is_the_pages_own_on_one_line():
    text = run(f"<div>{clauses(0, 9)}</div>", title="\n Shop |  Privacy\n Policy ")
    assert text.extracted.title == "Shop | Privacy Policy"


def test_a_page_without_title_has_its_first_headings():
    assert run(f"<h1>Your <i>data</i></h1>{clauses(0, 9)}", title="").extracted.title == "Your data"


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td>{MENU}</td><td>{clauses(0, 9)}</td></tr></table>",
        "<table><tr><td>" + "<br><br>".join(clause(n) for n in range(9)) + "</td></tr></table>",
        "<div><ul>"
        + "".join(f"<li><span><span>{clause(n)}</span></span></li>" for n in range(9))
        + "</ul></div>",
        "<main>"
        + "".join(f"<article>{clauses(n, n + 3)}</article>" for n in (0, 3, 6))
        + "</main>",
        "<main>"
        + "".join(f"<section><h2>Part {n}</h2>{clauses(n, n + 3)}</section>" for n in (0, 3, 6))
        + "</main>",
        "<dl>" + "".join(f"<dt>Term {n}</dt><dd>{clause(n)}</dd>" for n in range(9)) + "</dl>",
        "<pre>" + "\n\n".join(clause(n) for n in range(9)) + "</pre>",
        f"<div class=sidebar>{clauses(0, 9)}</div>",
        f"<div class=footer-text>{clauses(0, 9)}</div>",
        "<form>" + clauses(0, 9) + "<input name=q></form>",
    ],
    ids=[
        "layout table", "breaks", "spans in items", "articles", "sections", "definitions", "pre",
        "sidebar", "footer", "form",
    ],
)  # fmt: skip
def test_layouts(body):
    assert kept(run(body), 0, 9)


@pytest.mark.parametrize(
    "panel",
    [
        '<button aria-controls="p1">Data</button><div id=p1 hidden>{}</div>',
        '<a href="#p1">Data</a><div id=p1 style="display: none">{}</div>',
        '<h3>Data</h3><div class="accordion-body" style="display:none;">{}</div>',
        '<div role=tabpanel aria-hidden="true">{}</div>',
        "<details><summary>Data</summary>{}</details>",
    ],
)
def test_panels_that_a_click_opens_are_text(panel):
    text = run(f"<div>{clauses(0, 5)}{panel.format(clauses(5, 9))}</div>")
    assert kept(text, 0, 9)


def test_what_is_hidden_and_no_panel_is_not_text():
    text = run(f'<div>{clauses(0, 9)}<p style="display:none">{clause(9)}</p></div>')
    assert "item9 " not in text.plain


def test_lost_clauses_come_back_and_the_text_says_who_kept_them():
    text = run(
        f'<div class="part">{clauses(0, 6)}</div><div class=gap></div>'
        f'<div class="x"><div class="comment-box">{clauses(6, 12)}</div></div>'
    )
    assert kept(text, 0, 12)
    assert text.extracted.extractor.startswith("reader")
    assert "+" in text.extracted.extractor


def test_of_several_documents_the_policy_is_taken():
    terms = "".join(f"<p>You shall pay fee{n}, {clause(n)}</p>" for n in range(12))
    text = run(
        f"<main><h2>Terms of Service</h2>{terms}<h2>Privacy Policy</h2>{clauses(20, 32)}</main>",
        title="Legal",
    )
    assert kept(text, 20, 32)
    assert "fee3" not in text.plain
    assert json.loads(text.extracted.audit)["section"] == 1


def test_a_policy_with_a_section_on_terms_is_one_document():
    body = f"<h2>Privacy</h2>{clauses(0, 12)}<h2>Terms and conditions</h2>{clauses(12, 24)}"
    text = run(f"<main>{body}</main>")
    assert kept(text, 0, 24)


def test_text_in_a_frameworks_json():
    data = json.dumps({"props": {"page": {"html": clauses(0, 12), "menu": ["Home", "Shop"]}}})
    page = f'<title>P</title><div id=__next></div><script type="application/json">{data}</script>'
    text = read_page(page.encode(), "text/html; charset=utf-8", URL)
    assert text is not None
    assert kept(text, 0, 12)
    assert json.loads(text.extracted.audit)["embedded"] == 1


def test_text_in_an_assignment():
    data = json.dumps({"state": [{"body": clause(n)} for n in range(12)]})
    page = f"<body><div id=app></div><script>window.__STATE__ = {data};</script>"
    text = read_page(page.encode(), None, URL)
    assert text is not None
    assert kept(text, 0, 12)


@pytest.mark.parametrize("page", [b"", b"   ", b"<html></html>", b"<img src=x>", b"\x00\x01"])
def test_no_text(page):
    assert read_page(page, "text/html", URL) is None


def test_base_resolves_links():
    page = f"<base href='http://other.example/d/'><p>{clause(1)} <a href=x>more</a></p>" * 5
    assert "[more](http://other.example/d/x)" in read_page(page.encode(), None, URL).extracted.body


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("<link rel=canonical href=/legal>", "http://shop.example/legal"),
        (
            "<LINK REL='Canonical nofollow' HREF='https://b.example/x?q=é'>",
            "https://b.example/x?q=%C3%A9",
        ),
        (
            "<link rel=canonical href='/web/20150101000000/http://shop.example/p'>",
            "http://shop.example/p",
        ),
        ("<link rel=canonical><link rel=canonical href=/2>", "http://shop.example/2"),
        ("<link rel=canonical href='javascript:alert(1)'>", None),
        (f"<link rel=canonical href='/{'x' * 3000}'>", None),
        ("<link rel=stylesheet href=/canonical>", None),
    ],
)
def test_the_canonical_address_is_read_of_each_page_by_itself(link, canonical):
    page = f"<head>{link}</head><p>{clause(1)}</p>" * 3
    for head, expected in ((page, canonical), (page.replace(link, ""), None)):
        assert read_page(head.encode(), None, URL).extracted.canonical == expected


def test_the_same_page_gives_the_same_text_every_time():
    body = f"<div>{clauses(0, 4)}<div class='comment-box'>{clauses(4, 12)}</div></div>"
    assert len({run(body) for _ in range(3)}) == 1


HOSTILE = {
    "nested": "<div>" * 100_000 + clause(1),
    "unclosed": "<b>" * 50_000 + clause(1),
    "entities": "<p>" + "&amp;" * 1_000_000,
    "one text": "<p>" + clause(1) * 20_000,
    "spans": "<p>" + "<span>word </span>" * 30_000,
    "breaks": clause(1) + "<br>" * 50_000 + clause(2),
    "newlines": "<p>a" + "\n" * 300_000 + "1. x",
    "lists": "<ul><li>" * 5_000 + clause(1),
    "controls": "<p>&#1;&#xFFFF;&#xD800;" + clause(1) * 9,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end(name):
    read_page(HOSTILE[name].encode(), "text/html; charset=utf-8", URL)  # pytest-timeout watches


def test_a_page_beyond_all_measure_is_refused():
    with pytest.raises(TooLarge):
        read_page(b"<p>" + b"a" * (dom.MAX_CHARACTERS + 1), "text/html", URL)
    with pytest.raises(TooLarge):
        read_page(b"<br>" * (dom.MAX_NODES + 1), "text/html", URL)


def test_the_dialog_of_a_consent_manager_is_no_part_of_a_policy() -> None:
    policy = "<p>We keep your address while you are a customer of ours, and no longer.</p>" * 20
    cookies = "<li>_ga: used to calculate visitor data, kept for one year.</li>" * 40
    dialog = f"<div class='cky-modal'><p>We value your privacy</p><ul>{cookies}</ul></div>"
    page = f"<html><body>{dialog}<h1>Privacy</h1><div>{policy}</div></body></html>"
    found = extract(page.encode(), "text/html", "http://site.example/")
    assert found is not None
    assert "_ga" not in found.body
    assert "customer of ours" in found.body


def test_rich_text_in_a_script_keeps_its_links_and_headings():
    content = []
    for n in range(12):
        heading = [{"nodeType": "text", "value": f"Part {n}"}]
        link = {"nodeType": "hyperlink", "content": [{"value": "cookie notice"}]}
        words = f"We keep what you give us in part {n} as the law asks, and not longer. See our "
        content.append({"nodeType": "heading-2", "content": heading})
        content.append(
            {"nodeType": "paragraph", "content": [{"value": words}, link, {"value": "."}]}
        )
    page = f"<title>P</title><div></div><script>window.__DATA__ = {json.dumps(content)}</script>"
    text = read_page(page.encode(), "text/html; charset=utf-8", URL)
    assert text is not None
    assert text.plain.count("not longer. See our cookie notice.") == 12
    assert "Part 7" in text.plain


def test_a_stream_that_is_pushed_in_pieces_is_one_text():
    html = clauses(0, 12)
    row = json.dumps(
        ["$", "p", None, {"children": "We say this once in a row of JSON, as you see here."}]
    )
    stream = f"1:{row}\n2:T{len(html.encode()):x},{html}3:[]\n"
    third = len(stream) // 3
    pieces = stream[:third], stream[third : 2 * third], stream[2 * third :]
    scripts = "".join(
        f"<script>self.__next_f.push({json.dumps([1, piece])})</script>" for piece in pieces
    )
    page = f"<title>P</title><body><div>Loading</div>{scripts}</body>"
    text = read_page(page.encode(), "text/html; charset=utf-8", URL)
    assert text is not None
    assert kept(text, 0, 12)
    assert "in a row of JSON" in text.plain
    assert ":T" not in text.plain
