"""How long an archive is left alone, and what may be cached, without waiting for it."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.statscollectors import DummyStatsCollector

from crawler.errors import ArchiveTrouble, took_too_long
from crawler.middlewares.cache import MementoPolicy
from crawler.middlewares.politeness import OUTAGE_WAIT, PolitenessMiddleware
from tests.factories import archive, capture

REQUEST = Request("https://x.example/", meta={"download_slot": "wayback-page"})


def politeness(folder: Path) -> PolitenessMiddleware:
    """The middleware of a crawl whose memory of what archives allow is in `folder`."""
    wayback = archive()
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.set("DOWNLOAD_SLOTS", wayback.download_slots())
    slot = SimpleNamespace(lastseen=0.0, queue=[], delay=0.125)
    downloader = SimpleNamespace(slots={"wayback-page": slot})
    crawler: Any = SimpleNamespace(
        settings=settings, engine=SimpleNamespace(downloader=downloader, _slot=None)
    )
    crawler.stats = DummyStatsCollector(crawler)
    return PolitenessMiddleware(crawler, [wayback], folder / "allowance.sqlite")


def answered(middleware: PolitenessMiddleware, status: int = 429, **headers: str) -> float:
    """Let the archive answer; return for how many seconds it is left alone then."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Response(REQUEST.url, status=status, headers=named)

    async def come() -> None:
        middleware.response_downloaded(response, REQUEST)
        held_at_once = middleware.paused_until.get("web.archive.org", 0.0)
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        assert (held_at_once > 0) == bool(middleware.paused_until)

    asyncio.run(come())
    until = middleware.paused_until.get("web.archive.org", 0.0)
    slots = middleware.crawler.engine.downloader.slots  # type: ignore[union-attr]
    assert slots["wayback-page"].lastseen == until
    return max(0.0, until - monotonic())


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (None, 60),
        ("5", 60),
        ("300", 300),
        ("Wed, 31 Dec 2099 23:59:59 GMT", 24 * 3600),
        ("9" * 400, 24 * 3600),
        ("inf", 60),
        ("nan", 60),
        ("soon", 60),
    ],
)
def test_an_archive_is_left_alone_as_long_as_it_asks_for_but_not_for_ever(
    tmp_path: Path, retry_after: str | None, seconds: float
) -> None:
    headers = {"Retry_After": retry_after} if retry_after else {}
    assert answered(politeness(tmp_path), **headers) == pytest.approx(seconds, abs=3)


@pytest.mark.parametrize(("later", "seconds"), [(300, 300), (-300, 60)])
def test_an_archive_may_say_until_when_it_is_to_be_left_alone(
    tmp_path: Path, later: float, seconds: float
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=later), usegmt=True)
    paused = answered(politeness(tmp_path), Retry_After=date)
    assert paused == pytest.approx(seconds, abs=3)


def test_refusals_of_requests_sent_before_the_pause_count_once_but_may_ask_for_longer(
    tmp_path: Path,
) -> None:
    middleware = politeness(tmp_path)
    answered(middleware)
    assert answered(middleware) == pytest.approx(60, abs=3)
    assert answered(middleware, Retry_After="200") == pytest.approx(200, abs=3)
    assert answered(middleware, Retry_After="100") == pytest.approx(200, abs=3)


def test_a_503_that_says_until_when_is_a_refusal_too(tmp_path: Path) -> None:
    paused = answered(politeness(tmp_path), 503, Retry_After="300")
    assert paused == pytest.approx(300, abs=3)


def test_an_archived_429_is_no_refusal(tmp_path: Path) -> None:
    assert answered(politeness(tmp_path), Memento_Datetime="then") == 0


def failed(middleware: PolitenessMiddleware, *urls: str, error: type[Exception]) -> bool:
    """Let requests fail one after another; return whether the last of them was a refusal."""
    archive = next(iter(middleware.archives.values()))
    meta = {"download_slot": "wayback-page"}
    found = [middleware._is_shut_out(archive, Request(u, meta=meta), error("x")) for u in urls]
    assert not any(found[:-1])
    return found[-1]


FIVE = [f"https://web.archive.org/web/2015id_/http://x{n}.example/" for n in range(5)]


def test_an_archive_that_answers_nothing_any_more_is_left_alone(tmp_path: Path) -> None:
    assert not failed(politeness(tmp_path), *FIVE[:4], error=DownloadFailedError)
    assert failed(politeness(tmp_path), *FIVE, error=DownloadFailedError)
    assert failed(politeness(tmp_path), *FIVE, error=DownloadTimeoutError)


def told(middleware: PolitenessMiddleware, site: int, status: int, attempts: int = 0) -> float:
    """Let the archive answer about a site; return for how many seconds it is left alone then."""
    about = {"capture": capture(f"2015010100000{site}", domain=f"x{site}.example")}
    meta = {**REQUEST.meta, "retry_times": attempts}
    request = Request(FIVE[site], meta=meta, cb_kwargs=about)
    headers = {"Memento-Datetime": "then"} if status == 200 else {}
    reply = Response(FIVE[site], status=status, headers=headers, request=request)

    async def come() -> None:
        middleware._retry = give_up  # type: ignore[method-assign]
        with suppress(ArchiveTrouble):
            await middleware.process_response(request, reply)
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(come())
    return max(0.0, middleware.paused_until.get("web.archive.org", 0.0) - monotonic())


async def give_up(request: Request, cause: str) -> None:
    """Make no retry."""


def test_an_archive_that_has_nothing_but_errors_is_left_alone(tmp_path: Path) -> None:
    middleware = politeness(tmp_path)
    assert [told(middleware, site, 503) for site in range(4)] == [0, 0, 0, 0]
    assert told(middleware, 4, 502) == pytest.approx(60, abs=3)


def test_a_site_that_an_archive_cannot_give_is_no_outage(tmp_path: Path) -> None:
    middleware = politeness(tmp_path)
    assert [told(middleware, 0, 503) for _ in range(9)] == [0] * 9


def test_pages_that_fail_again_and_again_are_no_outage(tmp_path: Path) -> None:
    middleware = politeness(tmp_path)
    assert [told(middleware, site, 503, attempts=1) for site in range(5)] == [0] * 5


def test_an_outage_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    middleware = politeness(tmp_path)
    for site in range(5):
        told(middleware, site, 503)
    assert told(middleware, 0, 503, attempts=1) > 0
    later = monotonic() + OUTAGE_WAIT
    monkeypatch.setattr("crawler.middlewares.politeness.monotonic", lambda: later)
    middleware.paused_until.clear()
    assert [told(middleware, site, 503, attempts=2) for site in range(5)] == [0] * 5
    assert [told(middleware, site, 503) > 0 for site in range(5)] == [*[False] * 4, True]


def test_a_page_in_between_shows_that_there_is_no_outage(tmp_path: Path) -> None:
    middleware = politeness(tmp_path)
    answers = [told(middleware, site, 503) for site in range(4)]
    answers += [told(middleware, 0, 200), told(middleware, 4, 503)]
    assert answers == [0] * 6


def test_one_page_that_always_fails_is_no_refusal(tmp_path: Path) -> None:
    assert not failed(politeness(tmp_path), *FIVE[:1] * 9, error=DownloadFailedError)


def test_an_answer_in_between_ends_the_row(tmp_path: Path) -> None:
    middleware = politeness(tmp_path)
    assert not failed(middleware, *FIVE[:4], error=DownloadFailedError)
    reply = Response(FIVE[0], status=200, headers={"Memento-Datetime": "then"})
    asyncio.run(middleware.process_response(REQUEST, reply))
    assert not failed(middleware, *FIVE[4:], error=DownloadFailedError)


def test_a_network_that_is_not_there_is_no_refusal_until_it_has_been(tmp_path: Path) -> None:
    middleware = politeness(tmp_path)
    assert not failed(middleware, *FIVE, error=CannotResolveHostError)
    middleware.answered.add("web.archive.org")
    middleware.unanswered.clear()
    assert failed(middleware, *FIVE, error=CannotResolveHostError)


def test_a_process_that_starts_later_waits_for_the_end_of_the_pause(tmp_path: Path) -> None:
    answered(politeness(tmp_path), Retry_After="300")
    later = politeness(tmp_path)
    waits: list[float] = []

    async def wait_until(moment: float) -> None:
        if moment:
            waits.append(moment - monotonic())
            raise IgnoreRequest

    later._wait_until = wait_until  # type: ignore[method-assign]
    with pytest.raises(IgnoreRequest):
        asyncio.run(later.process_request(REQUEST))
    assert waits == pytest.approx([300], abs=3)


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"Memento-Datetime": "then"}, True),
        ({}, False),
        ({"Memento-Datetime": "then", "X-Archive-Orig-Content-Length": "9"}, False),
    ],
)
def test_the_http_cache_keeps_whole_captures_only(headers: dict[str, str], kept: bool) -> None:
    response = Response("https://x.example/", status=200, headers=headers)
    policy = MementoPolicy(Settings())
    assert policy.should_cache_response(response, Request(response.url)) is kept


def test_errors_are_told_apart_without_all_of_scrapy_where_none_of_it_is_needed() -> None:
    assert took_too_long(DownloadTimeoutError("120 s"))
    assert took_too_long(ArchiveTrouble("http_504"))
    assert not took_too_long(ArchiveTrouble("http_503"))
    loaded = "import sys, crawler.errors, pipelines.manifest; print('scrapy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True)
    assert done.stdout == "False\n"
