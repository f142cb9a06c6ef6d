"""What a spider does when its own callbacks break: nothing waits for what will never come."""

from dataclasses import replace
from datetime import timedelta

from scrapy import Request
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.arguments import parse_arguments
from crawler.spiders.policies import PoliciesSpider
from tests.crawling import DEMO
from tests.factories import TARGET, capture


def broken(**given: object) -> Failure:
    failure = Failure(RuntimeError("a bug"))
    failure.request = Request("https://x.example/", cb_kwargs=given)  # type: ignore[attr-defined]
    return failure


def test_what_a_broken_callback_worked_on_is_not_waited_for() -> None:
    settings = Settings()
    settings.setmodule("crawler.settings")
    given = {"domains": str(DEMO / "domains.txt"), "archive": str(DEMO / "demo.warc.gz")}
    spider = PoliciesSpider(parse_arguments(given, settings), 500, timedelta(days=1), 8)
    one, target = capture(), replace(TARGET, archive="wayback")
    spider.unsettled[target] = {one.capture_id}
    spider.listing.add(target)

    spider.callback_failed(broken(capture=one), None)
    assert spider.unsettled[target] == set()
    assert spider.settled.is_set()

    spider.callback_failed(broken(target=target), None)
    assert spider.listing == set()
