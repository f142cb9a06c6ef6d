"""What sites call their privacy policy: the list, and what of an address or a link is in it."""

import csv
import re
import unicodedata
from typing import get_args
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import names
from crawler.discovery.names import Means, Name, Where, address_pattern, names_in
from crawler.urlkeys import urlkey

EUROPEAN = set("bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split())
OTHERS = set(
    "af ar az be bn bs ca cy eu fa gl he hi hy id is ja ka kk ko mk ms nb ru sq sr sw th tl tr uk "
    "ur vi zh".split()
)
OF_POLICIES = [name for name in names.names() if name.means in ("policy", "subject")]
ADDRESSES = [name for name in OF_POLICIES if name.where == "address"]


def found(text: str, where: Where) -> dict[str, str]:
    return {name.term: name.means for name in names_in(text, where)}


# -- the list --------------------------------------------------------------------------------------


def test_the_list_is_sorted_and_has_every_line_once_with_its_source() -> None:
    with names.NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [(row["language"], row["term"], row["where"], row["means"]) for row in rows]
    assert lines == sorted(set(lines))
    assert all(all(cell and cell == cell.strip() for cell in row.values()) for row in rows)
    assert {row["where"] for row in rows} == set(get_args(Where))
    assert {row["means"] for row in rows} == set(get_args(Means))


def test_terms_are_written_as_texts_and_paths_are_compared() -> None:
    for name in names.names():
        assert name.term == unicodedata.normalize("NFC", name.term.lower())
        if name.where == "address":
            assert re.fullmatch(r"[^\W_]+( [^\W_]+)*", name.term.translate(MARKS)), name


MARKS = {code: None for code in range(0x10FFFF) if unicodedata.category(chr(code)) in ("Mn", "Mc")}


def test_every_language_has_names_in_links_and_addresses() -> None:
    assert {name.language for name in names.names()} == EUROPEAN | OTHERS
    for language in EUROPEAN | OTHERS:
        own = {(name.where, name.means) for name in OF_POLICIES if name.language == language}
        assert {("link", "policy"), ("link", "subject")} <= own
        assert {("address", "policy"), ("address", "subject")} & own


def test_a_term_is_one_thing_in_a_language() -> None:
    meanings: dict[tuple[str, str, str], set[str]] = {}
    for name in names.names():
        meanings.setdefault((name.language, name.term, name.where), set()).add(name.means)
    assert [key for key, means in meanings.items() if len(means) > 1] == []


def test_a_name_is_found_in_itself() -> None:
    assert [name for name in names.names() if name not in names_in(name.term, name.where)] == []


# -- the pattern -----------------------------------------------------------------------------------


def test_the_pattern_is_one_that_every_index_can_be_asked() -> None:
    pattern = address_pattern()
    assert all(letter.isalnum() or letter in "|%.?" for letter in pattern.translate(MARKS))
    duckdb.sql("SELECT regexp_matches('', ?)", params=[pattern])  # RE2
    assert len(pattern) < 3400
    assert len(quote(pattern, safe="")) < 5600  # of the 8,000 or so that servers take


def test_no_alternative_of_the_pattern_is_needless() -> None:
    parts = address_pattern().split("|")
    assert len(parts) == len(set(parts))
    assert [a for a in parts for b in parts if a != b and b in a] == []


@pytest.mark.parametrize("gap", ["-", "_", "+", ""])
@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.com/{}",
        "http://example.com/A/{}.HTML",
        "https://example.com/index.php?page={}",
    ],
)
def test_the_pattern_knows_every_name_by_its_key(url: str, gap: str) -> None:
    pattern = re.compile(address_pattern())
    for name in ADDRESSES:
        path = name.term.replace(" ", gap)
        for spelling in (path, quote(path, safe="+"), path.title() if path.isascii() else path):
            assert pattern.search(urlkey(url.format(spelling))), spelling


@pytest.mark.parametrize(
    "url",
    [
        "http://privacy.example.com/",
        "http://example.com/PrivacyPolicy.aspx",
        "http://example.com/legal/siteprivacy.htm",
        "http://example.com/politique-de-confidentialit%C3%A9/",
        "http://example.com/Datenschutzerkl%C3%A4rung",
        "http://example.com/privatsph%C3%A4re.html",
        "http://example.com/%E3%83%97%E3%83%A9%E3%82%A4%E3%83%90%E3%82%B7%E3%83%BC/",
        "http://example.com/политика-конфиденциальности",
        "http://example.com/?page_id=privacy-policy",
    ],
)
def test_the_pattern_knows_what_sites_write(url: str) -> None:
    assert re.search(address_pattern(), urlkey(url))


@pytest.mark.parametrize(
    "path",
    "/ /index.html /products/lamp /news/private-equity /news/2004/06/private-sector.html "
    "/about /about-us/team /contact.php /terms-of-use /legal/terms /cookies /impressum "
    "/agb.html /cgu /blog/2019/03/our-new-data-center /wp-content/themes/site/style.css "
    "/images/logo.gif /robots.txt /jobs/developer /shop/cart?item=12&qty=1 /en/politics "
    "/forum/topic.php?t=123 /personal-loans /personal/trainer /data/download.csv "
    "/protection/firewall /datenbank /policies/returns /security /de/prodotti /avgust "
    "/integration /prodotti/lampade /category/confidence /news/confederation /gdp-growth "
    "/private/login /integrity /%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8 "
    "/%E4%BA%A7%E5%93%81 /kontakt /daily-insights".split(),
)
def test_the_pattern_leaves_out_what_names_no_policy(path: str) -> None:
    assert not re.search(address_pattern(), urlkey(f"http://example.com{path}"))


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "term", "means"),
    [
        ("Privacy Policy", "privacy policy", "policy"),
        ("  PRIVACY\n statement ", "privacy statement", "policy"),
        ("Your privacy", "privacy", "subject"),
        ("Datenschutzhinweise", "datenschutz", "subject"),
        ("Politique de confidentialite", "politique de confidentialité", "policy"),
        ("GİZLİLİK POLİTİKASI", "gizlilik politikası", "policy"),
        ("GIZLILIK POLITIKASI", "gizlilik politikası", "policy"),
        ("Kisisel Verilerin Korunmasi", "kişisel verilerin korunması", "subject"),
        ("ΠΟΛΙΤΙΚΗ ΑΠΟΡΡΗΤΟΥ", "πολιτική απορρήτου", "policy"),
        ("Персональных данных", "персональных данных", "subject"),
        ("سياسة الخصوصية", "سياسة الخصوصية", "policy"),
        ("حریم‌خصوصی", "حریم خصوصی", "subject"),
        ("当社のプライバシー ポリシーについて", "プライバシーポリシー", "policy"),
        ("개인정보 처리방침", "개인정보처리방침", "policy"),
        ("อ่านนโยบายความเป็นส่วนตัว", "นโยบายความเป็นส่วนตัว", "policy"),
        ("網站隱私權政策", "隱私權政策", "policy"),
        ("Data\u00adschutz, Daten\u00adschutz", "datenschutz", "subject"),
        ("Terms & Conditions", "terms & conditions", "hub"),
        ("Conditions d'utilisation", "conditions d’utilisation", "hub"),
        ("Impressum / AGB", "impressum", "hub"),
        ("Cookie-Richtlinie", "cookie-richtlinie", "other"),
        ("Your Privacy Choices", "privacy choices", "other"),
        ("Children's Privacy Policy", "children", "sub"),
        ("Datenschutzerklärung für Bewerber:innen", "bewerber", "sub"),
    ],
)
def test_a_link_is_known_by_its_text(text: str, term: str, means: Means) -> None:
    assert found(text, "link")[term] == means


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("deprivacy", "privacy"),
        ("Apple", "app"),
        ("Legally Blonde", "legal"),
        ("Avgifter", "avg"),
        ("Rodos", "rodo"),
        ("Private equity", "privacy"),
        ("Determined", "terms"),
    ],
)
def test_a_name_inside_another_word_is_none(text: str, term: str) -> None:
    assert term not in found(text, "link")


def test_the_longest_name_comes_first() -> None:
    assert [name.term for name in names_in("Our privacy policy (legal)", "link")] == [
        "privacy policy",
        "privacy",
        "legal",
    ]


@given(st.text())
def test_any_text_has_names_of_the_list(text: str) -> None:
    for where in get_args(Where):
        got = names_in(text, where)
        assert len(got) == len(set(got))
        assert set(got) <= set(names.names())
        assert all(name.where == where for name in got)


PLAIN = st.text("bdfgjqwxyz ", max_size=12)  # spells no name


@given(st.sampled_from([name for name in OF_POLICIES if name.where == "link"]), PLAIN, PLAIN)
def test_what_stands_around_a_name_in_whatever_case_does_not_hide_it(
    name: Name, before: str, after: str
) -> None:
    assert name in names_in(f"{before} – {name.term.upper()} ({after}", "link")


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/legal/privacy-policy", {"privacy policy": "policy", "legal": "hub"}),
        ("/PrivacyPolicy.aspx", {"privacy policy": "policy"}),
        ("/our_privacy+statement", {"privacy statement": "policy"}),
        ("/politica%20de%20privacidad/", {"politica de privacidad": "policy"}),
        ("/politique-de-confidentialit%C3%A9", {"politique de confidentialite": "policy"}),
        ("/kvkk-aydinlatma-metni", {"kvkk": "subject", "aydinlatma metni": "policy"}),
        ("/%e9%9a%90%e7%a7%81%e6%94%bf%e7%ad%96", {"隐私政策": "policy"}),
        ("/kidsprivacy.html", {"privacy": "subject", "kids": "sub"}),
        ("/AboutUs.asp", {"about us": "hub"}),
        ("/cookie_policy.html", {"cookie policy": "other"}),
        ("/bewerber-datenschutz", {"datenschutz": "subject", "bewerber": "sub"}),
    ],
)
def test_an_address_is_known_by_its_path(path: str, expected: dict[str, str]) -> None:
    assert found(path, "address").items() >= expected.items()


@pytest.mark.parametrize("path", ["/", "/happy/apple", "/shop/lamp", "/%ff%fe%", "/a.b?c=d"])
def test_most_paths_name_nothing(path: str) -> None:
    assert found(path, "address") == {}


def test_a_name_is_found_in_the_key_of_its_address() -> None:
    for name in ADDRESSES:
        key = urlkey(f"http://example.com/x/{name.term.replace(' ', '-')}.htm")
        assert name in names_in(key, "address"), key
