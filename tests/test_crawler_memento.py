"""Replies of an archive's replay: a memento, a hop, a loss, or passing trouble."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archives import Archive
from crawler.outcomes import Outcome
from crawler.records import Loss, Memento, Reply
from crawler.replay.memento import (
    Hop,
    Trouble,
    live_trouble,
    read_replay,
    served_capture,
)
from crawler.replay.page_types import is_binary, is_html
from tests.factories import archive, capture, reply

WAYBACK = archive()
DAY = timedelta(days=1)
ASKED = capture("20150129034904", original="http://example.com/legal/privacy")
URL = "https://web.archive.org/web/20150129034904id_/http://example.com/legal/privacy"
EXACTLY = "Thu, 29 Jan 2015 03:49:04 GMT"
PAGE = b"<!DOCTYPE html><title>Privacy</title><p>We keep nothing."
HRM = b"<h2>Hrm.</h2> <p>The Wayback Machine has not archived that URL.</p>"
EXCLUDED = b"<h2>Sorry.</h2> <p>This URL has been excluded from the Wayback Machine.</p>"
RUNTIME_ERROR = "org.archive.util.io.RuntimeIOException: org.archive.wayback.exception."


def read(answer: Reply, missing: Outcome = Outcome.NOT_ARCHIVED) -> Memento | Hop | Loss:
    assert live_trouble(answer, WAYBACK) is None
    return read_replay(answer, ASKED, WAYBACK, DAY, missing)


def lost(answer: Reply, missing: Outcome = Outcome.NOT_ARCHIVED) -> Outcome:
    found = read(answer, missing)
    assert isinstance(found, Loss)
    assert found.capture is ASKED
    return found.outcome


def archived(status: int = 200, body: bytes = PAGE, **headers: str) -> Reply:
    given = {"content_type": "text/html", "memento_datetime": EXACTLY}
    return reply(URL, status, body, **{**given, **headers})


def redirect(location: str, status: int = 302) -> Reply:
    return archived(status, b"", location=location)


def near(timestamp: str, original: str = "https://www.example.com/legal/privacy") -> Reply:
    """The Wayback Machine's own redirect to the capture that it has instead."""
    return reply(
        URL,
        302,
        location=f"https://web.archive.org/web/{timestamp}id_/{original}",
        x_archive_redirect_reason=f"found capture at {timestamp}",
    )


def test_a_capture_is_taken_with_what_was_served() -> None:
    headers = (
        ("content-type", "text/html"),
        ("memento-datetime", "Thu, 29 Jan 2015 03:49:04 GMT"),
    )
    assert read(archived()) == Memento(
        ASKED, "20150129034904", "http://example.com/legal/privacy", headers, PAGE
    )


def test_the_link_header_names_the_address_that_was_served() -> None:
    link = (
        '<http://www.example.com:80/p?a=1&amp;b=2>; rel="original", '
        '<https://web.archive.org/web/timemap/link/http://example.com/>; rel="timemap"'
    )
    found = read(archived(link=link))
    assert isinstance(found, Memento)
    assert found.served_url == "http://www.example.com:80/p?a=1&b=2"


def test_the_date_header_names_the_capture_that_was_served() -> None:
    found = read(archived(memento_datetime="Thu, 29 Jan 2015 12:00:00 GMT"))
    assert isinstance(found, Memento)
    assert found.served_timestamp == "20150129120000"


@pytest.mark.parametrize("timestamp", ["20150128034904", "20150130034904", "20150129034904"])
def test_a_near_miss_inside_the_window_is_followed(timestamp: str) -> None:
    original = "https://www.example.com/legal/privacy"
    url = f"https://web.archive.org/web/{timestamp}id_/{original}"
    assert read(near(timestamp)) == Hop(url, Outcome.NOT_ARCHIVED)


@pytest.mark.parametrize("timestamp", ["20150128034903", "20150130034905", "20171124151315"])
def test_a_near_miss_outside_the_window_is_the_wrong_capture(timestamp: str) -> None:
    found = read(near(timestamp))
    assert isinstance(found, Loss)
    assert found.outcome is Outcome.WRONG_CAPTURE
    assert found.detail == f"served {timestamp} for 20150129034904"
    assert (found.served_timestamp, found.served_url) == (
        timestamp,
        "https://www.example.com/legal/privacy",
    )


def test_a_near_miss_may_change_the_scheme_of_the_archive() -> None:
    place = "web.archive.org/web/20150129034904id_/http://example.com/"
    found = read(reply(URL, 302, location=f"http://{place}"))
    assert found == Hop(f"https://{place}", Outcome.NOT_ARCHIVED)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://web.archive.org/web/20150129034904id_/http://example.com/legal/new",
        "/web/20150129034904id_/http://example.com/legal/new",
        "//web.archive.org/web/20150129034904id_/http://example.com/legal/new",
        "http://example.com/legal/new",
        "//example.com/legal/new",
        "/legal/new",
    ],
)
def test_an_archived_redirect_is_followed_inside_the_archive(status: int, location: str) -> None:
    assert read(redirect(location, status)) == Hop(
        "https://web.archive.org/web/20150129034904id_/http://example.com/legal/new",
        Outcome.TARGET_NOT_ARCHIVED,
    )


@pytest.mark.parametrize("location", ["new", "./new", "../legal/new"])
def test_an_archived_redirect_relative_to_its_page_is_followed(location: str) -> None:
    assert read(redirect(location)) == Hop(
        "https://web.archive.org/web/20150129034904id_/http://example.com/legal/new",
        Outcome.TARGET_NOT_ARCHIVED,
    )


def test_an_archived_redirect_to_a_query_is_followed() -> None:
    assert read(redirect("?page=2")) == Hop(f"{URL}?page=2", Outcome.TARGET_NOT_ARCHIVED)


@pytest.mark.parametrize("location", ["mailto:a@example.com", "javascript:void(0)", "http://[bad"])
def test_an_archived_redirect_to_no_address_is_lost(location: str) -> None:
    assert lost(redirect(location)) is Outcome.REDIRECT_LOST


def test_an_archived_redirect_too_far_away_is_the_wrong_capture() -> None:
    answer = archived(301, b"", location="/x", memento_datetime="Fri, 24 Nov 2017 15:13:15 GMT")
    assert lost(answer) is Outcome.WRONG_CAPTURE


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, Outcome.NOT_FOUND),
        (410, Outcome.NOT_FOUND),
        (403, Outcome.HTTP_ERROR),
        (429, Outcome.HTTP_ERROR),
        (500, Outcome.HTTP_ERROR),
        (503, Outcome.HTTP_ERROR),
    ],
)
def test_an_archived_error_is_what_the_site_said(status: int, outcome: Outcome) -> None:
    found = read(archived(status, b"", x_archive_orig_retry_after="6"))
    assert found == Loss(
        ASKED, outcome, f"HTTP {status}", "20150129034904", "http://example.com/legal/privacy"
    )


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (429, "rate_limited"),
        (400, "http_400"),
        (403, "http_403"),
        (500, "http_500"),
        (502, "http_502"),
        (503, "http_503"),
        (504, "http_504"),
        (200, "not_a_memento"),
    ],
)
def test_an_error_without_a_date_is_the_archives_own_trouble(status: int, cause: str) -> None:
    assert live_trouble(reply(URL, status, b"<h1>maintenance</h1>"), WAYBACK) == Trouble(cause)


def test_the_view_that_hides_a_redirect_is_no_memento() -> None:
    body = b"<p>Got an HTTP 301 response at crawl time</p><a href='/web/x'>Impatient?</a>"
    answer = reply(URL, 200, body, x_archive_src="x.warc.gz", content_type="text/html")
    assert live_trouble(answer, WAYBACK) == Trouble("not_a_memento")


@pytest.mark.parametrize(
    "missing", [Outcome.NOT_ARCHIVED, Outcome.TARGET_NOT_ARCHIVED, Outcome.FRAMESET]
)
def test_what_was_never_archived_is_called_after_what_led_there(missing: Outcome) -> None:
    assert lost(reply(URL, 404, HRM, content_type="text/html"), missing) is missing
    near = "https://web.archive.org/web/20150129034900id_/http://example.com/legal/privacy"
    assert read(reply(URL, 302, location=near), missing) == Hop(near, missing)


def test_a_page_of_frames_leads_to_the_frame_with_its_content() -> None:
    frames = b"<frameset cols='20%,*'><frame src=/menu.htm><frame src='text.htm'></frameset>"
    assert read(archived(body=frames)) == Hop(
        "https://web.archive.org/web/20150129034904id_/http://example.com/legal/text.htm",
        Outcome.FRAMESET,
    )


@pytest.mark.parametrize("missing", [Outcome.NOT_ARCHIVED, Outcome.TARGET_NOT_ARCHIVED])
@pytest.mark.parametrize(
    "answer",
    [
        reply(URL, 200, EXCLUDED),
        reply(URL, 403, EXCLUDED),
        reply(URL, 403, (RUNTIME_ERROR + "AdministrativeAccessControlException").encode()),
        reply(
            URL,
            403,
            x_archive_wayback_runtime_error=RUNTIME_ERROR
            + "AdministrativeAccessControlException: Blocked Site Error",
        ),
        reply(URL, 451),
        reply(URL, 451, b'{"message": "Unavailable For Legal Reasons"}'),
    ],
)
def test_an_excluded_page_is_known_in_all_its_forms(answer: Reply, missing: Outcome) -> None:
    assert lost(answer, missing) is Outcome.EXCLUDED


@pytest.mark.parametrize(
    "answer",
    [
        reply(
            URL,
            403,
            x_archive_wayback_runtime_error="RobotAccessControlException: Blocked By Robots",
        ),
        reply(URL, 403, (RUNTIME_ERROR + "RobotAccessControlException").encode()),
        reply(URL, 200, (RUNTIME_ERROR + "RobotAccessControlException").encode()),
    ],
)
def test_a_page_withheld_for_a_robots_txt_is_known(answer: Reply) -> None:
    assert lost(answer) is Outcome.ROBOTS


@pytest.mark.parametrize("body", [EXCLUDED, b"<title>Blocked By Robots</title>"])
def test_an_archived_page_may_say_what_the_archive_says(body: bytes) -> None:
    assert isinstance(read(archived(body=body)), Memento)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/png", b"\x89PNG"),
        ("text/plain", b"We keep nothing."),
        ("application/json", b'{"privacy": true}'),
    ],
)
def test_what_is_neither_html_nor_pdf_is_of_an_unsupported_type(
    content_type: str, body: bytes
) -> None:
    found = read(archived(body=body, content_type=content_type))
    assert isinstance(found, Loss)
    assert (found.outcome, found.detail) == (Outcome.UNSUPPORTED_TYPE, content_type)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", b""),
        ("TEXT/HTML;charset=ISO-8859-1", b"x"),
        ("application/xhtml+xml", b"x"),
        ("text/plain", PAGE),
        ("application/octet-stream", b"\xef\xbb\xbf<HTML>"),
        (None, PAGE),
        ("", b"<!-- saved --><body>"),
    ],
)
def test_html_is_known_by_its_header_or_its_start(content_type: str | None, body: bytes) -> None:
    assert is_html(content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body", "is_one"),
    [
        ("text/html", bytes(range(256)) * 20, True),
        ("text/html", b"\x89PNG\r\n\x1a\n" + bytes(400), True),
        ("text/html", PAGE + b"\x00\x0b", False),
        ("text/html", "<html>プライバシー".encode("iso-2022-jp") * 50, False),
        ("text/html", "\ufeffprivacy".encode("utf-16-le"), False),
        ("text/html; charset=UTF-16LE", "privacy".encode("utf-16-le"), False),
        ("text/html", b"", False),
    ],
)
def test_a_page_of_bytes_that_no_text_has_is_binary(
    content_type: str, body: bytes, is_one: bool
) -> None:
    assert is_binary(content_type, body) is is_one


@pytest.mark.parametrize("date", ["", "junk", "Fri, 31 Dec 9999 23:59:59 -0500"])
def test_a_date_that_cannot_be_read_names_no_capture(date: str) -> None:
    assert served_capture(archived(memento_datetime=date), WAYBACK) is None


URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["example.com", "www.example.com:80", "xn--bcher-kva.de", "mailto:a@b"]),
    st.text("azAZ09/?&=%:;@~.-_+,*'!$()").map(lambda rest: f"/{rest}"),
)
TIMESTAMPS = st.from_regex(r"[0-9]{14}", fullmatch=True)
ARCHIVES = st.sampled_from([WAYBACK, archive("http://localhost:8080/demo")])


@given(ARCHIVES, TIMESTAMPS, URLS)
def test_a_replay_address_leads_back_to_the_capture(
    where: Archive, timestamp: str, original: str
) -> None:
    assert where.parse_replay_url(where.replay_url(timestamp, original)) == (timestamp, original)


@given(ARCHIVES, TIMESTAMPS, st.text(st.characters(exclude_categories=["Cs"])))
def test_any_original_makes_one_ascii_replay_address(
    where: Archive, timestamp: str, rest: str
) -> None:
    url = where.replay_url(timestamp, f"http://example.com/{rest}")
    assert url.isascii()
    assert url.isprintable()
    assert not set(url) & set(' "#<>[]\\^`{|}')
    place = where.parse_replay_url(url)
    assert place is not None
    assert where.replay_url(*place) == url


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://web.archive.org/web/2015id_/http://a.com/", ("2015", "http://a.com/")),
        ("https://web.archive.org/web/2015/http://a.com/", ("2015", "http://a.com/")),
        ("https://web.archive.org/web/2015if_/http://a.com/", ("2015", "http://a.com/")),
        (
            "https://web.archive.org/web/2015id_/http%3A//a.com%3A80/x%20y",
            ("2015", "http://a.com:80/x y"),
        ),
        ("https://web.archive.org/web/2015id_/", None),
        ("https://web.archive.org/web/http://a.com/", None),
        ("https://web.archive.org/save/http://a.com/", None),
        ("https://web.archive.org.evil.com/web/2015id_/http://a.com/", None),
        ("http://a.com/https://web.archive.org/web/2015id_/http://a.com/", None),
        ("", None),
    ],
)
def test_a_replay_address_is_told_from_others(url: str, place: tuple[str, str] | None) -> None:
    assert WAYBACK.parse_replay_url(url) == place


LOCATIONS = st.text(max_size=30) | st.builds(
    "{}{}".format,
    st.sampled_from(["/", "//", "http://", "https://web.archive.org/web/", "/web/2015id_/", "?"]),
    st.text("ab/.:[]?#%@ 019é", max_size=20),
)


@given(LOCATIONS, st.booleans())
def test_a_redirect_anywhere_is_a_hop_inside_the_archive_or_a_loss(
    location: str, live: bool
) -> None:
    answer = reply(URL, 302, location=location) if live else redirect(location)
    if live_trouble(answer, WAYBACK) is not None:
        assert live
        return
    found = read(answer)
    if isinstance(found, Hop):
        assert WAYBACK.parse_replay_url(found.url) is not None
    else:
        assert isinstance(found, Loss)


@pytest.mark.parametrize(
    "location", ["https://archive.org/account/login", "http://[bad", "/", "", "mailto:a@b.example"]
)
def test_a_live_redirect_out_of_the_archive_is_its_own_trouble(location: str) -> None:
    answer = reply(URL, 302, location=location)
    assert live_trouble(answer, WAYBACK) == Trouble("sent_elsewhere")


@pytest.mark.parametrize("link", ['<http://[x/>; rel="original"', '<>; rel="original"', "junk"])
def test_a_redirect_from_an_address_that_is_none_is_followed_or_lost(link: str) -> None:
    for location in ("new", "/new", "http://example.com/new", "http://[bad", "?q"):
        assert isinstance(read(archived(302, b"", location=location, link=link)), Hop | Loss)


@pytest.mark.parametrize("content_type", ["application/pdf", "text/html", "text/plain", ""])
def test_a_pdf_is_taken_whatever_its_header_says(content_type: str) -> None:
    found = read(archived(body=b"%PDF-1.4", content_type=content_type))
    assert isinstance(found, Memento)


# Whatever comes: trouble, a hop inside the archive, a loss, or a capture

VALUES = {
    "memento-datetime": st.sampled_from([EXACTLY, "", "then", "Fri, 31 Dec 9999 23:59:59 GMT"]),
    "location": LOCATIONS,
    "link": st.sampled_from(['<http://[x/>; rel="original"', "<>", f'<{URL}>; rel="original"']),
    "content-type": st.sampled_from(["text/html", "text/html; charset=\xff", "image/png", ""]),
    "x-archive-wayback-runtime-error": st.sampled_from([RUNTIME_ERROR, "RobotAccessControl"]),
}
PIECES = st.sampled_from(
    [
        *(b"<frameset><frame src='http://[x'>", b"<frame src=//>", b"</frameset>", b"<html>"),
        *(PAGE, HRM, EXCLUDED, b"%PDF-", b"\x00\xff"),
    ]
)
BODIES = st.binary(max_size=60) | st.lists(PIECES, max_size=4).map(b"".join)


@given(
    st.sampled_from([200, 206, 301, 302, 304, 403, 404, 429, 451, 503]),
    st.fixed_dictionaries({}, optional=VALUES),
    BODIES,
)
def test_only_what_is_an_archived_capture_is_taken_whatever_a_reply_says(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    answer = Reply(URL, status, headers, body)
    if live_trouble(answer, WAYBACK) is not None:
        assert "memento-datetime" not in headers
        return
    found = read(answer)
    if isinstance(found, Memento):
        assert headers["memento-datetime"] == EXACTLY
        assert status == 200
    elif isinstance(found, Hop):
        assert WAYBACK.parse_replay_url(found.url) is not None
