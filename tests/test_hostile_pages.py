"""Pages made to break an extractor end in their time limit with an outcome; the pool lives on."""

import gzip

import pytest

from tests.crawling import Crawl
from tests.imitation import Captured, imitate
from tests.test_archive_trouble import QUICK, URL, page

OUTCOMES = {
    "text",
    "not_policy",
    "empty",
    "too_large",
    "extract_timeout",
    "extract_failed",
    "unsupported_type",
}
PROSE = b"<p>We collect, use and share personal information about you. " * 5
HOSTILE = {
    "nested tags": b"<html><body>" + b"<div>" * 100_000 + PROSE,
    "nested tables": b"<html><body>" + b"<table><tr><td>" * 30_000 + PROSE,
    "nested lists": b"<html><body>" + b"<ul><li>" * 50_000 + PROSE,
    "unclosed formatting": b"<html><body>" + b"<b><i><font>" * 30_000 + PROSE,
    "fifty megabytes": b"<html><body>" + PROSE * 180_000,
    "a million entities": b"<html><body><p>" + b"&amp;&#65;&eacute;" * 340_000,
    "a million attributes": b"<html><body><p " + b"a=b " * 1_000_000 + b">" + PROSE,
    "broken UTF-16": b"\xff\xfe" + PROSE.decode().encode("utf-16-le")[1:] + b"\x00\xd8" * 999,
    "a long word": b"<html><body><p>" + b"a" * 5_000_000,
    "white space": b"<html><body><p>We" + b" \n" * 2_000_000 + b"collect</p>",
    "underscores": b"<html><body><p>" + b"_*[" * 300_000 + PROSE,
    "dates without end": b"<html><body><p>" + b"Last updated on 1 May 2001 " * 50_000,
    "digits": b"<html><body><p>updated " + b"1/" * 500_000,
    "a link without end": b"<html><body><p><a href='" + b"../" * 500_000 + b"'>us</a>" + PROSE,
    "links": b"<html><body>" + b"<a href=/x>we collect</a> " * 100_000,
    "PDF that is none": b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] >> endobj\n" * 100_000,
    "JSON in a script": b"<html><script>" + b'{"a":' * 100_000 + b"</script>",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Outcomes by name of the page, and of a good page fetched after all of them."""
    pages = {**HOSTILE, "good": page("one")}
    captures = [
        Captured(
            f"{2030 - n}0501000000",  # the latest is fetched first
            URL,
            gzip.compress(body, 1),
            digest=name,
            headers={"Content-Encoding": "gzip"},
        )
        for n, (name, body) in enumerate(pages.items())
    ]
    crawl = Crawl(tmp_path_factory.mktemp("hostile"))
    limits = {"EXTRACT_TIMEOUT": 5, "EXTRACT_WORKERS": 1, "CONCURRENT_REQUESTS": 1}
    with imitate(captures) as archive:
        given = {"WAYBACK_BASE_URL": archive.address, **QUICK, **limits}
        done = crawl.run(domains=f"site.example {URL}", select="all", settings=given)
        assert "2013" in archive.pages()[-1], "the good page is not the last"
    assert done.returncode == 0, done.stderr
    return dict(crawl.rows("SELECT digest, outcome FROM captures"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_with_an_outcome(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name] in OUTCOMES


def test_the_pool_lives_on_after_all_of_them(outcomes: dict[str, str]) -> None:
    assert outcomes["good"] == "text"
