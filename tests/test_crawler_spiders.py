"""What a spider waits for: all of a round, and nothing that will never come."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.arguments import parse_arguments
from crawler.records import Target
from crawler.spiders.policies import AT_ONCE, PoliciesSpider
from tests.crawling import DEMO
from tests.factories import TARGET, capture


def broken(**given: object) -> Failure:
    failure = Failure(RuntimeError("a bug"))
    failure.request = Request("https://x.example/", cb_kwargs=given)  # type: ignore[attr-defined]
    return failure


def policies_spider() -> PoliciesSpider:
    settings = Settings()
    settings.setmodule("crawler.settings")
    given = {"domains": str(DEMO / "domains.txt"), "archive": str(DEMO / "demo.warc.gz")}
    return PoliciesSpider(parse_arguments(given, settings), 500, timedelta(days=1), 8)


def test_a_round_is_chosen_after_only_when_all_of_it_is_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spider = policies_spider()
    asked: list[Request] = []
    engine = SimpleNamespace(crawl=asked.append)
    spider.crawler = cast(Crawler, SimpleNamespace(engine=engine))
    chosen: list[int] = []

    async def choose(target: Target) -> None:
        chosen.append(len(asked))

    monkeypatch.setattr(spider, "_choose", choose)
    (archive,) = spider.archives
    captures = [capture(f"2015010100000{n}", archive=archive) for n in range(3)]
    target = replace(TARGET, archive=archive)
    spider.tried[target] = set()
    others = {uuid4() for _ in range(AT_ONCE - 1)}
    spider.unsettled[replace(target, domain="other.example")] = others
    spider.budget.wait(target, [(0, one) for one in captures])
    asked += spider._turns()
    for place, one in enumerate(captures):
        assert len(asked) == place + 1, "the others leave one place"
        asyncio.run(spider._settle(one))
        assert bool(chosen) == (place == 2)


def test_what_a_broken_callback_worked_on_is_not_waited_for() -> None:
    spider = policies_spider()
    one, target = capture(), replace(TARGET, archive="wayback")
    spider.unsettled[target] = {one.capture_id}
    spider.listing.add(target)

    spider.callback_failed(broken(capture=one), None)
    assert spider.unsettled[target] == set()
    assert spider.settled.is_set()

    spider.callback_failed(broken(target=target), None)
    assert spider.listing == set()
