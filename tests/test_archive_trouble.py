"""What the archive does wrong, against an imitation of it: nothing lost, nothing made up."""

import gzip
import random
import signal
import time
from collections import Counter

import pytest

from crawler.body import zstd
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


def test_a_list_is_read_over_pages_with_opaque_keys_and_duplicate_rows(crawl: Crawl) -> None:
    captures = history(12)
    with imitate(captures, extra_rows=[captures[3].row(), captures[7].row()]) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 12}
    assert crawl.rows("SELECT count(*), sum(captures) FROM policies") == [(12, 12)]
    assert crawl.rows("SELECT status, captures, new FROM listings") == [("complete", 12, 12)]


def test_rows_of_one_second_are_not_lost_at_the_edge_of_a_page(crawl: Crawl) -> None:
    captures = history(4)
    twins = [
        Captured("20050601000000", URL, page("one")),
        Captured("20050601000000", URL.replace("https", "http"), page("other")),
    ]
    with imitate(captures + twins, page_size=5) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 6}


def test_zero_rows_with_a_key_is_not_the_end(crawl: Crawl) -> None:
    with imitate(history(6), faults=Counter(cdx_empty_page=1)) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 6}


def test_no_captures_is_a_complete_listing(crawl: Crawl) -> None:
    with imitate([]) as archive:
        said = crawl_imitation(crawl, archive)
    assert f"nothing   site.example {URL}: no captures" in said
    assert crawl.rows("SELECT status, captures FROM listings") == [("complete", 0)]


def test_a_key_that_repeats_ends_the_listing_as_partial(crawl: Crawl) -> None:
    with imitate(history(12), faults=Counter(cdx_first_key=ALWAYS)) as archive:
        crawl_imitation(crawl, archive, returns=1)
    (row,) = crawl.rows("SELECT status, detail, captures FROM listings")
    assert row == ("partial", "the archive repeats a resume key", 9)
    assert crawl.outcomes() == {"text": 9}


def test_passing_index_trouble_is_asked_again(crawl: Crawl) -> None:
    faults = Counter(cdx_503=1, cdx_notice=1, cdx_reset=1, cdx_cut=1)
    with imitate(history(3), faults=faults) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 3}
    assert crawl.rows("SELECT status FROM listings") == [("complete",)]


def test_a_list_that_cannot_be_read_is_never_taken_for_no_captures(crawl: Crawl) -> None:
    with imitate(history(3), faults=Counter(cdx_notice=ALWAYS)) as archive:
        said = crawl_imitation(crawl, archive, returns=1, RETRY_TIMES=2)
        assert f"unlisted  site.example {URL}: failed, not_an_index_page" in said
        assert crawl.rows("SELECT status, detail FROM listings") == [
            ("failed", "not_an_index_page")
        ]
        archive.faults.clear()
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 3}


@pytest.mark.parametrize(("before", "status"), [(0, "failed"), (1, "partial")])
def test_an_empty_answer_is_no_end_of_a_list(crawl: Crawl, before: int, status: str) -> None:
    with imitate(history(12), faults=Counter(cdx_nothing=ALWAYS), spared=before) as archive:
        crawl_imitation(crawl, archive, returns=1)
    assert crawl.rows("SELECT status, captures FROM listings") == [(status, 5 * before)]


def test_malformed_rows_are_kept_out_and_counted(crawl: Crawl) -> None:
    bad = [
        ["example,site)/privacy", "20000800241623", URL, "text/html", "200", "A" * 32, "9"],
        [
            "example,site)/privacy",
            "20050101000000",
            "mailto:a@b",
            "text/html",
            "200",
            "B" * 32,
            "9",
        ],
        ["example,site)/privacy", "20050101000000", URL, "text/html", "9" * 11, "C" * 32, "9"],
    ]
    with imitate(history(2), extra_rows=bad) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 2}
    assert crawl.rows("SELECT malformed FROM listings") == [(3,)]
    assert len(crawl.rows("SELECT reason FROM malformed_rows")) == 3


def test_an_excluded_site_is_said_to_be_excluded(crawl: Crawl) -> None:
    with imitate(history(2), faults=Counter(cdx_excluded=ALWAYS)) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.rows("SELECT status FROM listings") == [("excluded",)]


def test_passing_page_trouble_is_asked_again_and_never_stored(crawl: Crawl) -> None:
    faults = Counter(page_503=2, page_notice=1, page_reset=1, page_cut=1)
    with imitate(history(3), faults=faults) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 3}
    bodies = crawl.rows("SELECT body FROM texts")
    assert not any("maintenance" in body for (body,) in bodies)


def test_a_page_that_stays_out_of_reach_is_named_and_asked_again_next_time(crawl: Crawl) -> None:
    with imitate(history(2), faults=Counter(page_503=ALWAYS)) as archive:
        crawl_imitation(crawl, archive, RETRY_TIMES=1)
        assert crawl.rows("SELECT DISTINCT outcome, detail FROM captures") == [
            ("archive_error", "http_503")
        ]
        archive.faults.clear()
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 2}


def test_a_live_429_pauses_every_request(crawl: Crawl) -> None:
    with imitate(history(12), faults=Counter(page_429=1)) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 12}
    (refused,) = [n for n, seen in enumerate(archive.seen) if seen.fault == "page_429"]
    refused_at = archive.seen[refused].at
    # what was under way when the refusal came back is allowed; then nothing, until the pause ends
    during = [seen for seen in archive.seen if 0.2 <= seen.at - refused_at < 1.4]
    assert during == []
    assert any(seen.at - refused_at >= 1.4 for seen in archive.seen)


def test_retry_after_is_honoured(crawl: Crawl) -> None:
    with imitate(history(2), faults=Counter(cdx_429_seconds=1)) as archive:
        crawl_imitation(crawl, archive, ARCHIVE_PAUSE=0.1)
    assert archive.seen[1].at - archive.seen[0].at >= 1.9
    assert crawl.outcomes() == {"text": 2}


def test_a_body_that_ends_too_early_is_asked_for_twice_and_named(crawl: Crawl) -> None:
    whole = page("whole")
    packed = gzip.compress(whole)
    declared = {"x-archive-orig-content-length": str(len(whole))}
    bodies = [
        (whole[:-200], declared),
        (packed[:-20], {"Content-Encoding": "gzip"}),
        (whole, declared),
        (whole, {"Content-Encoding": "gzip"}),
        (packed, {}),
        (gzip.compress(packed), {"Content-Encoding": "x-gzip"}),
    ]
    captures = [
        Captured(f"{2001 + n}0415120000", URL, body, headers=headers, digest=f"{n}")
        for n, (body, headers) in enumerate(bodies)
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive, select="all")
        assert len(archive.pages()) == len(bodies) + 2
    found = crawl.rows("SELECT outcome FROM captures ORDER BY timestamp")
    assert [outcome for (outcome,) in found] == ["damaged"] * 2 + ["text"] * 4
    assert crawl.rows("SELECT count(DISTINCT text_id) FROM captures") == [(1,)]


def test_what_could_not_be_played_is_asked_for_by_a_later_run(crawl: Crawl) -> None:
    captures = history(2)
    captures[1].playable = False
    captures[1].url = "http://site.example/privacy?new"
    with imitate(captures) as archive:
        address = f"site.example {captures[1].url}"
        given = {"WAYBACK_BASE_URL": archive.address, **QUICK}
        crawl.run(domains=address, settings=given)
        assert crawl.outcomes() == {"not_archived": 1}
        captures[1].playable = True
        crawl.run(domains=address, settings=given)
    assert crawl.outcomes() == {"text": 1}


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


def test_a_crawl_that_is_stopped_does_not_wait_for_a_pause(crawl: Crawl) -> None:
    with imitate(history(3), faults=Counter(page_429=ALWAYS)) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "ARCHIVE_PAUSE": 60}
        process = crawl.start(domains=f"site.example {URL}", settings=settings)
        while not archive.pages():
            time.sleep(0.1)
        time.sleep(1)
        asked = len(archive.pages())
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
        assert len(archive.pages()) == asked
    assert process.returncode == 1
    assert "shutdown after" in said
    assert crawl.outcomes() == {"pending": 3}


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


def test_an_archived_error_is_an_outcome_and_is_not_asked_again(crawl: Crawl) -> None:
    statuses = {429: "http_error", 404: "not_found", 503: "http_error"}
    captures = [
        # the index says 200, replay shows what was archived
        _replaying(Captured(f"{2001 + n}0101000000", URL, page("error")), status)
        for n, status in enumerate(statuses)
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
        assert len(archive.pages()) == 3
    found = crawl.rows("SELECT outcome FROM captures ORDER BY timestamp")
    assert [outcome for (outcome,) in found] == list(statuses.values())


def _replaying(captured: Captured, status: int) -> Captured:
    row = captured.row()
    captured.status = status
    captured.row = lambda: [*row[:5], f"DIGEST{status}", row[6]]  # type: ignore[method-assign]
    return captured


def test_a_near_miss_inside_the_window_keeps_both_timestamps(crawl: Crawl) -> None:
    captures = [
        Captured("20100501000000", URL, page("one"), playable=False),
        Captured("20100501090000", URL, page("two"), listed=False),
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.rows("SELECT outcome, timestamp, served_timestamp FROM captures") == [
        ("text", "20100501000000", "20100501090000")
    ]
    assert crawl.rows("SELECT timestamp FROM policies") == [("20100501090000",)]


def test_a_near_miss_outside_the_window_is_no_text_and_costs_one_request(crawl: Crawl) -> None:
    captures = [
        Captured("20100501000000", URL, page("one"), playable=False),
        Captured("20100801000000", URL, page("two"), listed=False),
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
        assert len(archive.pages()) == 1
    assert crawl.outcomes() == {"wrong_capture": 1}


def test_when_a_capture_cannot_be_played_another_of_its_digest_is(crawl: Crawl) -> None:
    captures = [
        Captured("20100501000000", URL, page("one"), digest="SAME", playable=False),
        Captured("20110501000000", URL, page("one"), digest="SAME"),
        Captured("20120501000000", URL, page("one"), digest="SAME"),
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
        assert len(archive.pages()) == 2
    assert crawl.outcomes() == {"wrong_capture": 1, "text": 1, "same_digest": 1}
    assert crawl.rows("SELECT first_seen::DATE::VARCHAR, captures FROM policies") == [
        ("2011-05-01", 2)
    ]


def test_archived_redirects_are_followed_inside_the_archive_in_their_three_forms(
    crawl: Crawl,
) -> None:
    target = "https://www.site.example/legal/privacy"
    with imitate([]) as archive:
        host = archive.address.removeprefix("http:")
        forms = [
            f"{archive.address}/web/20010601000000id_/{target}",
            f"/web/20020601000000id_/{target}",
            f"{host}/web/20030601000000id_/{target}",
            target,
        ]
        for n, location in enumerate(forms):
            moment = f"{2001 + n}0601000000"
            moved = Captured(moment, URL, status=301, location=location)
            archive.captures += [moved, Captured(f"{moment[:8]}000300", target, page(f"v{n}"))]
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 4}
    served = crawl.rows("SELECT DISTINCT served_url FROM captures")
    assert served == [(target,)]


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


def test_a_redirect_loop_ends(crawl: Crawl) -> None:
    other = "https://www.site.example/other"
    captures = [
        Captured("20100501000000", URL, status=302, location=other),
        Captured("20100501000000", other, status=302, location=URL),
    ]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive)
        assert len(archive.pages()) == 2
    assert crawl.outcomes() == {"redirect_lost": 1}


def test_a_page_that_is_too_large_is_named(crawl: Crawl) -> None:
    captures = [*history(1), Captured("20200101000000", URL, b"<p>" + b"x" * 300_000)]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive, DOWNLOAD_MAXSIZE=200_000)
    assert crawl.outcomes() == {"text": 1, "too_large": 1}


def test_a_page_whose_extraction_takes_too_long_is_named_and_the_rest_goes_on(
    crawl: Crawl,
) -> None:
    link = b'<p><a href="/page">a link</a> and some words</p>'
    heavy = b"<html><body>" + link * 70_000 + b"</body></html>"  # as many nodes as are read
    captures = [*history(3), Captured("20200101000000", URL, heavy)]
    with imitate(captures) as archive:
        crawl_imitation(crawl, archive, EXTRACT_TIMEOUT=2)
    assert crawl.outcomes() == {"text": 3, "extract_timeout": 1}


def test_the_archive_sees_few_connections_and_who_we_are(crawl: Crawl) -> None:
    with imitate(history(40), page_size=10) as archive:
        crawl_imitation(crawl, archive)
    assert crawl.outcomes() == {"text": 40}
    assert len({seen.connection for seen in archive.seen}) <= 5
    assert {seen.user_agent for seen in archive.seen if seen.user_agent} == {
        archive.seen[0].user_agent
    }
    assert "policy-history" in (archive.seen[0].user_agent or "")
