"""`scrapy plan`: what a crawl would cost, from the index alone."""

from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.commands import crawl

if TYPE_CHECKING:
    import argparse


class Command(crawl.Command):
    """Lists as the crawl would, fetches nothing, and prints a line an archive."""

    def syntax(self) -> str:
        """How it is called."""
        return "[options] -a domains=FILE"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Ask the index only, and print what a crawl would cost"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Takes the arguments of `scrapy crawl policies`. The captures listed are stored; what "
            "is in the corpus already is not counted again."
        )

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Run the listing; exit status as for `scrapy crawl`."""
        from crawler.spiders.plan import PlanSpider

        assert self.settings is not None
        if args:
            raise UsageError("plan takes no arguments but -a", print_help=False)
        super().work([PlanSpider.name], opts)
        spider = getattr(self.crawler, "spider", None)
        if not isinstance(spider, PlanSpider):
            return
        slots = spider.settings.getdict("DOWNLOAD_SLOTS")
        budget = spider.budget.left
        for name, plan in spider.plans.items():
            archive = spider.archives[name]
            pauses = (slots[slot]["delay"] for slot in (archive.index_slot, archive.page_slot))
            unlisted = f" ({plan.unlisted:,} could not be listed to the end)" * bool(plan.unlisted)
            if budget is not None:
                plan.fetches = min(plan.fetches, budget)
            print(
                f"{name}: {plan.policies:,} policies{unlisted}, {plan.captures:,} captures known,"
                f" about {plan.fetches:,.0f} to fetch; {plan.queries:,} index queries;"
                f" {plan.hours(*pauses):,.1f} hours at its pace"
            )
