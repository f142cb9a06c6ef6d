"""What `scrapy crawl policies -a ...` was given, checked before anything starts."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from scrapy.settings import BaseSettings

from crawler import timestamps
from crawler.archives import Archive, open_archives
from crawler.domains import read_targets
from crawler.errors import InputError
from crawler.records import Target
from crawler.selection import Select
from crawler.selection.version_search import FULL, Rules

NAMES = ("domains", "archive", "since", "until", "select", "audit", "budget", "until_bracket")
SEARCH = ("audit", "budget", "until_bracket")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The spider's arguments, parsed.

    `targets` has each policy once for each archive. `since` and `until` are 14-digit timestamps or
    None; `search` says how far to search with `select=versions`; `budget` is the most page fetches
    of the run, None for no limit.
    """

    targets: list[Target]
    archives: list[Archive]
    since: str | None
    until: str | None
    select: Select
    search: Rules
    budget: int | None
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
    name = given.get("select", Select.VERSIONS.value)
    try:
        select = Select(name)
    except ValueError:
        raise InputError(f"select={name}: use one of {', '.join(Select)}") from None
    if select is not Select.VERSIONS and (wrong := [n for n in SEARCH if n in given]):
        raise InputError(f"{wrong[0]}={given[wrong[0]]}: only with select=versions")
    budget = _number(given, "budget", r"[1-9]\d{0,9}", "a number of fetches, 1 or more")
    days = _number(given, "until_bracket", r"([1-9]\d{0,4})d", "a number of days such as 30d")
    audit = _number(given, "audit", r"0?\.\d+|[01](\.0*)?", "a share from 0 to 1 such as 0.05")
    search = Rules(
        audit=FULL.audit if audit is None else audit,
        until_bracket=None if days is None else timedelta(days=days),
    )
    archives = open_archives(given.get("archive", "wayback"), settings)
    listed = read_targets(given["domains"])
    targets = [replace(t, archive=a.name) for t in listed for a in archives]
    fetches = None if budget is None else int(budget)
    return Arguments(targets, archives, since, until, select, search, fetches, given)


def _number(given: dict[str, str], name: str, form: str, meaning: str) -> float | None:
    """Return the number that an argument gives; None without one, InputError if it has no form."""
    if name not in given:
        return None
    if not re.fullmatch(form, given[name], re.ASCII):
        raise InputError(f"{name}={given[name]}: not {meaning}")
    return float(given[name].rstrip("d"))
