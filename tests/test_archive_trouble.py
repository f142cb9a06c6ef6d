"""What the archive does wrong, against an imitation of it: nothing lost, nothing made up."""

import random
import signal
import time
from collections import Counter

import pytest

from crawler.replay.body import zstd
from tests.crawling import Crawl
from tests.imitation import ALWAYS, Captured, Imitation, imitate

URL = "https://www.site.example/privacy"
QUICK = {"RETRY_WAIT": 0.05, "RETRY_WAIT_MAX": 0.1, "ARCHIVE_PAUSE": 1.5, "EXTRACT_WORKERS": 1}


def page(version: str) -> bytes:
    clause = f"This is version {version} of how we collect, use and share personal information. "
    paragraphs = "".join(f"<p>{number}. {clause * 4}</p>" for number in range(5))
    title = "Privacy Policy"
    return f"<html><head><title>{title}</title></head><body>{paragraphs}</body></html>".encode()


def history(count: int, **given: object) -> list[Captured]:
    return [Captured(f"{2001 + n}0415120000", URL, page(f"v{n}"), **given) for n in range(count)]


def crawl_imitation(
    crawl: Crawl, archive: Imitation, returns: int = 0, select: str = "unique", **settings: object
) -> str:
    done = crawl.run(
        domains=f"site.example {URL}",
        select=select,
        settings={"WAYBACK_BASE_URL": archive.address, **QUICK, **settings},
    )
    assert done.returncode == returns, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_a_login_page_of_the_archive_is_not_an_answer(crawl: Crawl) -> None:
    with imitate(history(1), faults=Counter(page_login=2)) as archive:
        crawl_imitation(crawl, archive)
        assert len(archive.pages()) == 3
    assert crawl.outcomes() == {"text": 1}


def test_an_outage_takes_no_text_away(crawl: Crawl) -> None:
    captures = [Captured(f"{2001 + n}0415120000", URL, page("v"), digest="A") for n in range(3)]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
        before = crawl.rows("SELECT first_seen, last_seen, captures FROM policies")
        assert before[0][2] == 3
        archive.faults["page_503"] = ALWAYS
        given = {"WAYBACK_BASE_URL": archive.address, "RETRY_TIMES": 1, **QUICK}
        crawl.run(domains=f"site.example {URL}", select="all", settings=given)
    assert crawl.rows("SELECT first_seen, last_seen, captures FROM policies") == before


def test_captures_of_one_second_with_two_digests_do_not_lend_their_text(crawl: Crawl) -> None:
    captures = [
        Captured("20010415120000", URL, page("one"), digest="A"),
        Captured("20020415120000", URL, page("two"), digest="B"),
    ]
    twin = captures[0].row()
    with imitate(captures, extra_rows=[[*twin[:5], "B", twin[6]]]) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.rows("SELECT timestamp, captures FROM policies ORDER BY timestamp") == [
        ("20010415120000", 2),
        ("20020415120000", 1),
    ]


def test_replies_that_break_the_reading_settle_their_captures_and_the_crawl_ends(
    crawl: Crawl,
) -> None:
    captures = history(4)
    captures[1].status, captures[1].location = 302, "new"
    captures[1].headers = {"Link": '<http://[x/>; rel="original"'}
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive, LISTING_AHEAD=1)
    assert crawl.outcomes() == {"text": 3, "redirect_lost": 1}


def test_what_a_pipeline_breaks_on_stays_pending(crawl: Crawl) -> None:
    crawl.prepared()
    (crawl.folder / "corpus.pages").write_text("in the way")
    with imitate(history(2)) as archive:
        said = crawl_imitation(crawl, archive, returns=1, select="versions")
        assert crawl.outcomes() == {"pending": 2}
        assert crawl.rows("SELECT * FROM searches") == []
        assert "the same command again goes on" in said
        (crawl.folder / "corpus.pages").unlink()
        crawl_imitation(crawl, archive, select="versions")
    assert crawl.outcomes() == {"text": 2}


def test_a_redirect_that_leads_nowhere_does_not_stand_for_its_digest(crawl: Crawl) -> None:
    places = [f"http://www.site.example/{name}" for name in ("gone", "new")]
    moved = [
        Captured(
            at, URL, digest="A" * 32, status=301, indexed_status="-", location=f"/web/{at}id_/{to}"
        )
        for at, to in zip(("20010415120000", "20020415120000"), places, strict=True)
    ]
    with imitate([*moved, Captured("20020415120000", places[1], page("v1"))]) as archive:
        for _ in range(2):
            crawl_imitation(crawl, archive)
    assert crawl.rows("SELECT outcome FROM captures ORDER BY timestamp") == [
        ("target_not_archived",),
        ("text",),
    ]


def test_a_request_is_never_repeated_outside_of_the_pace(crawl: Crawl) -> None:
    with imitate(history(6)) as archive:
        archive.faults["page_reset"] = 3
        said = crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 6}
    assert len(archive.pages()) == 9
    assert "9 pages; 3 of them again" in said


@pytest.mark.parametrize(
    ("captures", "refused", "select"), [(3, ALWAYS, "versions"), (20, 1, "all")]
)
def test_a_crawl_that_is_stopped_does_not_wait_for_a_pause(
    crawl: Crawl, captures: int, refused: int, select: str
) -> None:
    with imitate(history(captures), faults=Counter(page_429=refused), page_size=50) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "ARCHIVE_PAUSE": 60}
        process = crawl.start(domains=f"site.example {URL}", select=select, settings=settings)
        asked = 0
        while asked == 0 or asked != len(archive.pages()):  # until the pause has begun
            asked = len(archive.pages())
            time.sleep(2)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
        assert len(archive.pages()) == asked
    assert process.returncode == 1
    assert "shutdown after" in said
    assert crawl.outcomes()["pending"] >= 3


@pytest.mark.parametrize(
    "place", ["ftp://127.0.0.1:9/web/20010415120000id_/{}", "//{}", "warc://local/web/2001id_/{}"]
)
def test_no_redirect_leaves_the_archive(crawl: Crawl, place: str) -> None:
    moved = Captured("20010415120000", URL, status=302, location=place.format(URL))
    with imitate([moved]) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes().keys() <= {"redirect_lost", "target_not_archived"}


def test_bytes_that_are_no_text_are_no_version(crawl: Crawl) -> None:
    captures = history(3)
    captures[0].body = random.Random(1).randbytes(30_000)
    captures[1].body = zstd.compress(captures[1].body)
    captures[1].headers["Content-Encoding"] = "zstd"
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.rows("SELECT outcome FROM captures ORDER BY timestamp") == [
        ("unsupported_type",),
        ("text",),
        ("text",),
    ]


def test_a_form_feed_is_white_space(crawl: Crawl) -> None:
    body = page("v").replace(b"collect, use", b"collect,\x0cuse&#12;or &#xC;keep", 1)
    with imitate([Captured("20010415120000", URL, body)]) as archive:
        crawl_imitation(crawl, archive)
    ((text,),) = crawl.rows("SELECT text FROM policies")
    assert "collect, use or keep" in text


def test_a_page_of_frames_gives_the_text_of_its_content_frame(crawl: Crawl) -> None:
    frames = b"<frameset rows='90,*'><frame src=top.htm><frame src='body.htm'></frameset>"
    body = "https://www.site.example/body.htm"
    captures = [
        Captured("20010501000000", URL, frames, digest="A"),
        Captured("20010501000400", body, page("one")),
        Captured("20020501000000", URL, frames, digest="A"),
        Captured("20020501000500", body, page("two")),
        Captured("20040501000000", URL, frames.replace(b"body", b"lost"), digest="B"),
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 2, "frameset": 1}
    assert crawl.rows("SELECT timestamp, snapshot_url FROM policies ORDER BY timestamp") == [
        (stamp, f"https://web.archive.org/web/{stamp}id_/https%3A//www.site.example/body.htm")
        for stamp in ("20010501000400", "20020501000500")
    ]


def test_a_page_whose_extraction_takes_too_long_is_named_and_the_rest_goes_on(
    crawl: Crawl,
) -> None:
    link = b'<p><a href="/page">a link</a> and some words</p>'
    heavy = b"<html><body>" + link * 70_000 + b"</body></html>"  # as many nodes as are read
    captures = [*history(3), Captured("20200101000000", URL, heavy)]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive, EXTRACT_TIMEOUT=2)
    assert crawl.outcomes() == {"text": 3, "extract_timeout": 1}
