"""From the bytes of a page to its text."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Extracted, Reading
from pipelines.extraction import extract as extract_module
from pipelines.extraction.choose import choose
from pipelines.extraction.extract import decode, extract
from pipelines.reading import make_text, read_new_page
from pipelines.text.plain import plain_text

URL = "http://example.com/legal/privacy.html"
CLAUSES = "".join(
    f"<p>Clause {number}: we collect your name, your address and the pages that you visit, "
    "and we keep them for as long as the law demands.</p>"
    for number in range(5)
)


def html(body: str = CLAUSES, head: str = "<title>Privacy</title>") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def extracted(
    page: str | bytes, content_type: str | None = "text/html; charset=utf-8"
) -> Extracted:
    found = extract(page.encode() if isinstance(page, str) else page, content_type, URL)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("page", "content_type", "read"),
    [
        pytest.param("é".encode("utf-8-sig"), "text/html; charset=latin-1", "é", id="bom-first"),
        pytest.param("é".encode("utf-16"), "text/html; charset=utf-8", "é", id="bom-utf-16"),
        pytest.param(
            b"<meta charset=utf-8>\xe9", "text/html; charset=latin-1", "é", id="header-before-meta"
        ),
        pytest.param("<meta charset=shift_jis>プラ".encode("cp932"), None, "プラ", id="meta"),
        pytest.param(
            '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">①'.encode(
                "cp932"
            ),
            "text/html",
            "①",
            id="meta-http-equiv",
        ),
        pytest.param(
            "プライバシー".encode("cp932"),
            "text/html;charset=Shift_JIS",
            "プライバシー",
            id="header",
        ),
        pytest.param("é”".encode(), None, "é”", id="sniffed-utf-8"),
        pytest.param("“é”".encode("cp1252"), None, "“é”", id="sniffed-windows-1252"),
        pytest.param(
            "“é”".encode("cp1252"),
            "text/html; charset=iso-8859-1",
            "“é”",
            id="latin-1-means-windows-1252",
        ),
        pytest.param(b"\xe9", "text/html; charset=nonsense", "é", id="unknown-charset"),
        pytest.param(b"a\xe9b", "text/html; charset=utf-8", "a\ufffdb", id="undecodable"),
        pytest.param(
            "<meta charset=utf-16>é and more".encode(), None, "é and more", id="meta-of-utf-16-lies"
        ),
    ],
)
def test_a_page_is_decoded_as_browsers_do(page: bytes, content_type: str | None, read: str) -> None:
    assert decode(page, content_type).endswith(read)


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_cannot_be_stored_are_taken_out(character: str) -> None:
    found = extracted(html(CLAUSES.replace("collect", f"col{character}lect"), "<title>A</title>"))
    assert found == extracted(html(head="<title>A</title>"))


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#1;", "&#x8;", "&#x1f;", "&#xfffe;", "&#xd800;", "&#xffff;"]
)
def test_a_reference_to_such_a_character_does_not_lose_the_page(reference: str) -> None:
    head = f"<title>Pri{reference}vacy</title>"
    found = extracted(html(CLAUSES.replace("collect", f"col{reference}lect", 1), head))
    assert "Clause 4" in found.body
    forbidden = set(map(chr, range(32))) - set("\n\t") | {"\ufffe", "\uffff"}
    assert not forbidden & set(found.title + found.body)


@given(st.binary(max_size=300), st.none() | st.text(max_size=30))
def test_any_bytes_are_decoded(page: bytes, content_type: str | None) -> None:
    decode(page, content_type).encode()


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (html(), "Privacy"),
        (html(head="<title>\n Privacy &amp;\t Cookies\n</title>"), "Privacy & Cookies"),
        (html(f"<h1>Our <b>Policy</b></h1>{CLAUSES}", ""), "Our Policy"),
        (html(f"<h1>Our Policy</h1>{CLAUSES}", "<title> </title>"), "Our Policy"),
        (html(f"<h2>Second</h2>{CLAUSES}", ""), "Second"),
        (html(f"<h1>Heading</h1>{CLAUSES}"), "Privacy"),
        (html(head=""), "(untitled)"),
    ],
)
def test_a_page_has_its_own_title_or_its_first_heading(page: str, title: str) -> None:
    assert extracted(page).title == title
    assert extracted(page).title == title


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>Heading</h1><title>Privacy</title>{CLAUSES}",
        f"<svg><title>icon</title></svg><h1>Privacy</h1>{CLAUSES}",
    ],
)
def test_neither_an_earlier_heading_nor_the_title_of_an_image_is_the_title(body: str) -> None:
    assert extracted(html(body + CLAUSES, "")).title == "Privacy"


def test_the_same_page_gives_the_same_text_ten_times() -> None:
    page = html(CLAUSES * 3)
    assert len({extracted(page) for _ in range(10)}) == 1


def test_the_body_is_markdown_and_the_plain_text_has_no_markup() -> None:
    found = extracted(html(f"<h2>What we <b>keep</b></h2>{CLAUSES}"))
    assert found.body.startswith("## What we **keep**\n\nClause 0")
    assert plain_text(found.body).startswith("What we keep\nClause 0")


def test_lists_and_tables_are_kept() -> None:
    cell = "<td>because the law of the land asks for it, and not longer</td>"
    rows = "".join(f"<tr><td>kept {n} years</td>{cell}</tr>" for n in range(9))
    body = f"{CLAUSES}<ul><li>your name</li></ul><table>{rows}</table>"
    found = extracted(html(body))
    assert "  * your name" in found.body
    assert "kept 5 years" in plain_text(found.body)


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("http://other.example/x", "http://other.example/x"),
        ("//other.example/x", "http://other.example/x"),
        ("/terms?a=1&amp;b=2", "http://example.com/terms?a=1&b=2"),
        ("../terms", "http://example.com/terms"),
        ("terms", "http://example.com/legal/terms"),
        ("?page=2", "http://example.com/legal/privacy.html?page=2"),
        ("mailto:us@example.com", "mailto:us@example.com"),
        ("/web/20010203040506/http://o.example/p#s", "http://o.example/p#s"),
        ("http://web.archive.org/web/2001/www.o.example/x", "http://www.o.example/x"),
        ("http://web.archive.org/web/20010203040506/mailto:me@x.com", "mailto:me@x.com"),
        (
            "http://news.example/2018/http://o.example/",
            "http://news.example/2018/http://o.example/",
        ),
        (
            "http://o.example/?to=/web/20010203040506/x",
            "http://o.example/?to=/web/20010203040506/x",
        ),
    ],
)
def test_links_are_absolute(href: str, address: str) -> None:
    link = f'<p>This is also said in <a href="{href}">our terms</a>, which you should read.</p>'
    assert f"[our terms]({address})" in extracted(html(CLAUSES + link + CLAUSES)).body


def test_links_do_not_show_in_the_plain_text() -> None:
    link = '<p>This is said in <a href="/terms">our terms</a>, which you should read.</p>'
    plain = plain_text(extracted(html(CLAUSES + link)).body)
    assert "This is said in our terms, which you should read." in plain


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b" ",
        b"<html></html>",
        html("").encode(),
        b"\x00" * 100,
    ],
)
def test_a_page_without_main_text_gives_none(page: bytes) -> None:
    assert extract(page, "text/html", URL) is None


def test_a_text_is_known_by_its_title_and_its_body() -> None:
    text = make_text(Extracted("Privacy", "We keep _nothing_.", "by hand"))
    assert text.text_id == hashlib.sha256(b"Privacy\nWe keep _nothing_.").hexdigest()
    assert (text.plain, text.words) == ("We keep nothing.", 3)


@pytest.mark.parametrize(
    ("body", "words"), [("", 0), ("one", 1), ("don't—stop", 3), ("é ü ß", 3), ("…", 0)]
)
def test_words_are_runs_of_letters_and_digits(body: str, words: int) -> None:
    assert make_text(Extracted("", body, "by hand")).words == words


POLICY = "<p>We keep your address as long as you are a customer of ours, and no longer.</p>" * 20


def test_pages_that_differ_in_scripts_and_comments_have_one_tree() -> None:
    pages = [
        f"<html><script>token = {n}</script><body>{POLICY}<!-- {n} -->{end}</body></html>".encode()
        for n, end in enumerate(["", "", "<p>Once more: your address.</p>"])
    ]
    first, second, third = (read_new_page(page, "text/html", URL, ()) for page in pages)
    assert first.text == second.text != third.text
    assert first.tree == second.tree != third.tree
    assert read_new_page(pages[0], "text/html", "http://other.example/", ()).tree != first.tree


def test_a_page_whose_tree_is_known_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    page = f"<html><body>{POLICY}</body></html>".encode()
    tree = read_new_page(page, "text/html", URL, ()).tree
    assert tree is not None
    monkeypatch.setattr(extract_module, "choose", None)  # who reads calls it
    link = b'<link rel=canonical href="/its-own">'
    again = read_new_page(link + page, "text/html", URL, {tree})
    assert again == Reading(None, tree, "http://example.com/its-own", tree)


def test_a_page_whose_source_was_looked_at_has_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        extract_module, "choose", lambda *given: replace(choose(*given), of_source=True)
    )
    read = read_new_page(POLICY.encode(), "text/html", URL, ())
    assert read.text is not None
    assert read.tree is None


SAID = "We collect your name and address when you order and keep them for as long as required."


def read(body: str, title: str = "Privacy Policy") -> str:
    begin = f"<html><title>{title}</title><body><h1>{title}</h1><p>{SAID} {SAID}</p>"
    made = extract((begin + body).encode(), "text/html", "http://www.shop.example/privacy")
    assert made is not None
    return made.body


@pytest.mark.parametrize(
    "panel",
    [
        '<div class="faq-question">Head</div><div class="faq-answer" style="display:none">{}</div>',
        '<h2 id=h{n}>Head</h2><div style="display:none" aria-labelledby="h{n}">{}</div>',
        '<h3 onclick="show(\'c{n}\')">Head</h3><div id="c{n}" style="display: none;">{}</div>',
        '<a href="javascript:show(\'c{n}\')">Head</a><div id="c{n}" style="display:none">{}</div>',
        '<h3><a href="#">Head</a></h3><div style="display:none">{}</div>',
        '<h2><button aria-controls="c{n}">Head</button></h2><div id="c{n}">{}</div>',
        '<button aria-controls="c{n}">Head</button><div id="c{n}" hidden>{} {}</div>',
    ],
)
def test_what_a_click_shows_is_kept_with_its_headings(panel: str) -> None:
    panels = "".join(panel.replace("{}", SAID).replace("{n}", str(n)) for n in range(12))
    body = read(panels)
    assert body.count(SAID) == 2 + panels.count(SAID)
    assert body.count("Head") == 12


def test_a_policy_in_a_field_of_a_form_is_kept() -> None:
    assert read(f"<form><textarea rows=9>{SAID * 10}</textarea></form>").count(SAID) == 12
    assert "Your message" not in read("<form><textarea>Your message</textarea></form>")


@pytest.mark.parametrize("name", ["gdpr", "gdpr-section", "footer-note contact"])
def test_a_part_of_the_text_may_be_named_like_a_notice(name: str) -> None:
    own = f"<p>{SAID} Of you, too.</p>" * 6
    part = f'<div class="{name}"><h2>For EU residents</h2>{own}</div>'
    assert (
        read(f"<main>{f'<p>{SAID}</p>' * 6}{part}{f'<p>{SAID}</p>' * 3}</main>").count("too.") == 6
    )


def test_more_hidden_prose_than_visible_makes_a_text_doubtful() -> None:
    hidden = f'<section><div style="display:none"><p>{SAID}</p></div></section>' * 9
    page = f"<html><body><p>{SAID} {SAID}</p>{hidden}</body></html>".encode()
    made = extract(page, "text/html", "http://www.shop.example/privacy")
    assert made is not None
    assert made.kept < 0.5


PARTS = [(f"Part {n} of what we do", 1) for n in range(12)]


@pytest.mark.parametrize(
    ("title", "heading", "sections"),
    [
        ("Privacy - Terms - Shop", "Privacy Policy", [("California Privacy", 8), ("Terms", 8)]),
        ("Legal", "", [*PARTS, ("California Privacy Rights", 8), ("Other terms", 8)]),
        ("Privacy Terms", "", [("Privacy rights", 8), ("Terms we use", 8)]),
    ],
)
def test_a_policy_is_one_document_whatever_its_sections_are_called(
    title: str, heading: str, sections: list[tuple[str, int]]
) -> None:
    said = "".join(f"<h2>{name}</h2>" + f"<p>{SAID} {SAID}</p>" * n for name, n in sections)
    page = f"<html><title>{title}</title><body><h1>{heading}</h1>{said}</body></html>"
    made = extract(page.encode(), "text/html", "http://www.shop.example/legal")
    assert made is not None
    assert made.body.count(SAID) == said.count(SAID)


@pytest.mark.parametrize("encoding", ["shift_jis", "euc-jp", "gb2312", "koi8-r", "cp1251"])
def test_an_undeclared_charset_is_told_by_its_bytes(encoding: str) -> None:
    said = {
        "koi8-r": "Мы собираем ваши данные и храним их, пока этого требует закон. ",
        "cp1251": "Мы собираем ваши данные и храним их, пока этого требует закон. ",
        "gb2312": "我们收集您的个人信息，并在法律要求的期限内保存这些信息。",
    }.get(encoding, "当社はお客様の個人情報を収集し、法律で定められた期間保管します。")
    page = f"<html><body><p>{said * 20}</p></body></html>".encode(encoding)
    assert said[:12] in decode(page, "text/html")


def test_an_undeclared_page_in_a_western_language_is_windows_1252() -> None:
    said = "<p>Wir schützen Ihre Daten – größtmögliche Sorgfalt für „Sie“.</p>" * 20
    assert decode(said.encode("cp1252"), None) == said
