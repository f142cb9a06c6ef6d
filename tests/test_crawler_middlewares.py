"""How long an archive is left alone, and what may be cached, without waiting for it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.statscollectors import DummyStatsCollector

from crawler.middlewares.cache import MementoPolicy
from crawler.middlewares.politeness import PolitenessMiddleware
from tests.factories import archive


def politeness() -> PolitenessMiddleware:
    settings = Settings()
    settings.setmodule("crawler.settings")
    crawler: Any = SimpleNamespace(
        settings=settings, engine=SimpleNamespace(downloader=SimpleNamespace(slots={}))
    )
    crawler.stats = DummyStatsCollector(crawler)
    return PolitenessMiddleware(crawler, archive())


def refused(middleware: PolitenessMiddleware, retry_after: str | None = None) -> float:
    """Refuse a request; return for how many seconds the archive is left alone."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    middleware.response_downloaded(Response("https://x.example/", status=429, headers=headers))
    return middleware.paused_until - monotonic()


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
    retry_after: str | None, seconds: float
) -> None:
    assert refused(politeness(), retry_after) == pytest.approx(seconds, abs=3)


@pytest.mark.parametrize(("later", "seconds"), [(300, 300), (-300, 60)])
def test_an_archive_may_say_until_when_it_is_to_be_left_alone(later: float, seconds: float) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=later), usegmt=True)
    assert refused(politeness(), date) == pytest.approx(seconds, abs=3)


def test_refusals_of_requests_sent_before_the_pause_count_once_but_may_ask_for_longer() -> None:
    middleware = politeness()
    refused(middleware)
    assert refused(middleware) == pytest.approx(60, abs=3)
    assert refused(middleware, "200") == pytest.approx(200, abs=3)
    assert refused(middleware, "100") == pytest.approx(200, abs=3)


def test_each_refusal_after_a_pause_doubles_it_up_to_an_hour() -> None:
    middleware = politeness()
    pauses = []
    for _ in range(8):
        pauses.append(refused(middleware))
        middleware.paused_until = 0
    assert pauses == pytest.approx([60, 120, 240, 480, 960, 1920, 3600, 3600], abs=3)


def test_a_503_that_says_until_when_is_a_refusal_too() -> None:
    middleware = politeness()
    headers = {"Retry-After": "300"}
    middleware.response_downloaded(Response("https://x.example/", status=503, headers=headers))
    assert middleware.paused_until - monotonic() == pytest.approx(300, abs=3)


def test_an_archived_429_is_no_refusal() -> None:
    middleware = politeness()
    memento = Response("https://x.example/", status=429, headers={"Memento-Datetime": "then"})
    middleware.response_downloaded(memento)
    assert middleware.paused_until == 0


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
