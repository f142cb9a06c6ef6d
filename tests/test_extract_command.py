"""`scrapy extract`: a saved page gives the document that the crawl gives."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.archive_imitations import warc_member
from tests.crawling import Crawl
from tests.imitation import Captured, imitate
from tests.test_archive_trouble import QUICK, URL, page

STAMP = "20100501000000"


def extract(crawl: Crawl, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "extract", *map(str, arguments)]
    return subprocess.run(
        command, cwd=crawl.prepared(), env=crawl.environment(), capture_output=True, text=True
    )


@pytest.fixture
def saved(crawl: Crawl) -> Path:
    body = page("one").replace(b"</body>", b"<p>Last updated 4 May 2009. <a href=/x>More</a></p>")
    file = crawl.prepared() / "saved.html"
    file.write_bytes(body)
    return file


def test_a_saved_page_gives_the_document_that_the_crawl_gives(crawl: Crawl, saved: Path) -> None:
    with imitate([Captured(STAMP, URL, saved.read_bytes())]) as archive:
        crawl.run(
            domains=f"site.example {URL}", settings={"WAYBACK_BASE_URL": archive.address, **QUICK}
        )
    ((document,),) = crawl.rows("SELECT markdown FROM policies")
    traced = ("--url", URL, "--timestamp", STAMP, "--domain", "site.example")
    done = extract(crawl, *traced, saved)
    assert (done.returncode, done.stdout) == (0, document)
    done = extract(crawl, *traced, "-o", crawl.folder / "out", saved)
    assert (done.returncode, done.stdout) == (0, "")
    assert (crawl.folder / "out" / "saved.md").read_text(encoding="utf-8") == document


def test_without_address_and_moment_nothing_is_said_of_where_a_page_is_from(
    crawl: Crawl, saved: Path
) -> None:
    said = extract(crawl, saved).stdout
    assert said.startswith("# Privacy Policy\n\n")
    assert "archived on" not in said
    assert "[More](/x)" in said


def test_a_text_is_explained(crawl: Crawl, saved: Path) -> None:
    said = extract(crawl, "--explain", saved).stdout
    facts = [line.split(maxsplit=1) for line in said.splitlines()[1:]]
    assert [name for name, _ in facts] == [
        *("page", "candidate", "candidate", "candidate", "chosen", "audit", "text"),
        *("language", "stated", "score", "verdict"),
    ]
    told = dict(facts)
    assert told["audit"].startswith("kept 100.0%")
    assert told["stated"].startswith("2009-05-04 (updated): 'Last updated 4 May 2009")
    assert told["language"].startswith("en ")
    assert told["verdict"] == "a policy"


def test_a_page_without_a_text_is_named_with_its_outcome(crawl: Crawl, saved: Path) -> None:
    blank = crawl.folder / "blank.html"
    blank.write_text("<html><body></body></html>")
    done = extract(crawl, "-o", crawl.folder / "out", blank, saved)
    assert (done.returncode, done.stderr) == (1, f"{blank}: empty\n")
    assert [file.name for file in (crawl.folder / "out").iterdir()] == ["saved.md"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.html"], "none.html: no such file"),
        (["--url", "privacy", "saved.html"], "--url privacy: 'privacy' is not an address"),
        (["--timestamp", "2010", "saved.html"], "--timestamp 2010: not 14 digits: '2010'"),
        (["--domain", "a b", "saved.html"], "--domain a b: 'a b' is not a domain name"),
        (["absent.html"], "absent.html: no such file"),
        (["."], ".: not a file"),
        (["pages.warc.gz"], "pages.warc.gz: a WARC file; its pages are read with --warc"),
        (["-o", "saved.html", "saved.html"], "-o saved.html: File exists"),
        (["-o", "out", "saved.html", "./saved.html"], "-o out: two of the files would have"),
    ],
)
def test_what_was_typed_wrong_is_named(
    crawl: Crawl, saved: Path, arguments: list[str], said: str
) -> None:
    (crawl.folder / "pages.warc.gz").write_bytes(warc_member(Captured(STAMP, URL, b"a page")))
    done = extract(crawl, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert not (crawl.folder / "out").exists()
