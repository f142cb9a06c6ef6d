"""What `scrapy crawl policies -a ...` was given, checked before anything starts."""

from dataclasses import dataclass

from scrapy.settings import BaseSettings

from crawler import timestamps
from crawler.archives import Archive, open_archive
from crawler.domains import read_targets
from crawler.errors import InputError
from crawler.records import Target
from crawler.selection import Select

NAMES = ("domains", "archive", "since", "until", "select")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The spider's arguments, parsed: `since` and `until` are 14-digit timestamps or None."""

    targets: list[Target]
    archive: Archive
    since: str | None
    until: str | None
    select: Select
    given: dict[str, str]


def parse_arguments(given: dict[str, str], settings: BaseSettings) -> Arguments:
    """Parse the spider's arguments; InputError names what is wrong and lists what is good."""
    if unknown := sorted(set(given) - set(NAMES)):
        raise InputError(f"unknown argument {unknown[0]}; the arguments are {', '.join(NAMES)}")
    if "domains" not in given:
        raise InputError("domains is missing: -a domains=FILE, or names separated by commas")
    since = until = None
    if "since" in given:
        since = timestamps.bound(given["since"], end=False, option="since")
    if "until" in given:
        until = timestamps.bound(given["until"], end=True, option="until")
    if since and until and since > until:
        raise InputError(f"since={given['since']} is after until={given['until']}")
    name = given.get("select", Select.UNIQUE.value)
    try:
        select = Select(name)
    except ValueError:
        raise InputError(f"select={name}: use one of {', '.join(Select)}") from None
    archive = open_archive(given.get("archive", "wayback"), settings)
    return Arguments(read_targets(given["domains"]), archive, since, until, select, given)
