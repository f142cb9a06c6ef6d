"""How well discovery finds the policies of made sites, from their bare domains.

    python tests/benchmarks/discovery.py [--without ROUTE] [--site DOMAIN] [--open] [--by-crawl]

Asks an imitation of the Wayback Machine (in this process, without a network) about every site of
`tests/made_sites`, and prints recall and precision of the main policy's addresses and of its moves,
and requests a site: of the sites that were at hand when the rules were written, of the third that
was held back, and of all. An address is right if its urlkey is. A move is right if one main address
follows the other. At the end each route is left out once: what is lost is what it alone finds.
`--open` leaves the held-back third out of sight. `--by-crawl` asks an imitation of Common Crawl,
with a crawl for each year, instead.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from crawler.archives.common_crawl import CommonCrawl, record_range
from crawler.archives.wayback import Wayback
from crawler.discovery.discover import Discoverer, Discovery
from crawler.discovery.evidence import Kind, Route
from crawler.discovery.index import key_of
from crawler.handlers.common_crawl import played
from crawler.replay.body import decode_body
from crawler.urlkeys import urlkey
from tests.archive_imitations import Server, yearly
from tests.imitation import _REPLAY, Imitation
from tests.made_sites import MadeSite, made_sites
from tests.wayback_dialect import replay

T = TypeVar("T")
ADDRESS = "http://archive.example"


class InThisProcess:
    """Stands for the pool of workers."""

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Work at once."""
        return function(*args)


@dataclass
class Tally:
    """What was found of some sites, and what is true."""

    sites: int = 0
    right: int = 0
    found: int = 0
    true: int = 0
    moves_right: int = 0
    moves_found: int = 0
    moves_true: int = 0
    requests: list[int] = field(default_factory=list)

    def add(self, site: MadeSite, discovery: Discovery) -> tuple[set[str], set[str]]:
        """Count a site; return the addresses missed and those that are wrong."""
        truth = distinct(key_of(stay.policy_url) for stay in site.main)
        found = distinct(key_of(f.policy_url) for f in discovery.found if f.kind is Kind.MAIN)
        moves, moves_found = set(pairwise(truth)), set(pairwise(found))
        self.sites += 1
        self.right += len({*truth} & {*found})
        self.found += len(found)
        self.true += len({*truth})
        self.moves_right += len(moves & moves_found)
        self.moves_found += len(moves_found)
        self.moves_true += len(moves)
        self.requests.append(discovery.requests)
        return {*truth} - {*found}, {*found} - {*truth}

    def line(self, name: str) -> str:
        """Say it in a line."""
        mean, most = sum(self.requests) / max(self.sites, 1), max(self.requests)
        right, moves = self.right, self.moves_right
        return (
            f"{name:24} {self.sites:5} {right / max(self.true, 1):8.3f}"
            f" {right / max(self.found, 1):10.3f} {moves / max(self.moves_true, 1):9.3f}"
            f" {moves / max(self.moves_found, 1):10.3f} {mean:7.1f} {most:5}"
        )


def distinct(keys: Iterable[str]) -> Sequence[str]:
    """Return the keys in order, each once in a row."""
    return list(dict.fromkeys(keys))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--without", choices=[*map(str, Route)], help="a route that is not used")
    parser.add_argument("--site", metavar="DOMAIN", help="only this one, with its story")
    parser.add_argument("--open", action="store_true", help="not the third that is held back")
    parser.add_argument("--by-crawl", action="store_true", help="of an archive like Common Crawl")
    given = parser.parse_args()
    settings = get_project_settings()
    settings.set("WAYBACK_BASE_URL", ADDRESS)
    sites = [s for s in made_sites() if not (given.open and s.held_back)]
    if given.site:
        tell(next(s for s in sites if s.domain == given.site), settings, given.by_crawl)
        return
    head = ("", "sites", "recall", "precision", "moves: r", "precision", "mean", "most")
    print("{:24} {:>5} {:>8} {:>10} {:>9} {:>10} {:>7} {:>5}".format(*head))
    routes = frozenset(Route) - {given.without}
    tallies = measure(sites, routes, settings, given.by_crawl, show=True)
    for name, tally in tallies.items():
        print(tally.line(name))
    if given.without or given.by_crawl:
        return
    for route in [route for route in Route if route is not Route.LISTED]:
        lost = measure(sites, frozenset(Route) - {route}, settings)["all"]
        print(lost.line(f"all, without {route}"), flush=True)


def measure(
    sites: Sequence[MadeSite],
    routes: frozenset[Route],
    settings: Settings,
    by_crawl: bool = False,
    show: bool = False,
) -> dict[str, Tally]:
    """Ask about each site."""
    tallies = {"at hand": Tally(), "held back": Tally(), "all": Tally()}
    for site in sites:
        discovery = ask(site, routes, settings, by_crawl)
        missed, wrong = tallies["all"].add(site, discovery)
        tallies["held back" if site.held_back else "at hand"].add(site, discovery)
        if show and (missed or wrong) and not site.held_back:
            print(
                f"  {site.domain} ({', '.join(sorted(site.traps))}): missed {missed}, wrong {wrong}"
            )
    return {name: tally for name, tally in tallies.items() if tally.sites}


def ask(
    site: MadeSite, routes: frozenset[Route], settings: Settings, by_crawl: bool = False
) -> Discovery:
    """Ask an archive that has this site about it."""
    imitation = Imitation(list(site.captures), page_size=10_000)
    imitation.address = ADDRESS
    discoverer = Discoverer(
        archive=CommonCrawl(settings) if by_crawl else Wayback(settings),
        download=downloading_of_crawls(site) if by_crawl else downloading(imitation),
        pool=InThisProcess(),  # type: ignore[arg-type]
        threshold=settings.getfloat("POLICY_THRESHOLD"),
        most=settings.getint("DISCOVER_REQUESTS"),
        hops=settings.getint("REDIRECT_MAX_TIMES"),
        routes=routes,
    )
    return asyncio.run(discoverer.discover(site.domain))


def downloading(imitation: Imitation) -> Callable[[Request], Awaitable[Response]]:
    """Return what stands for the downloader."""

    async def download(request: Request) -> Response:
        parts = urlsplit(request.url)
        if parts.path.startswith("/cdx/"):
            answer = imitation.index(parts.query)
        else:
            place = _REPLAY.match(request.url.removeprefix(ADDRESS))
            assert place is not None, request.url
            url = unquote(place[2]) if "%3a" in place[2][:8].lower() else place[2]
            answer = replay(imitation.near(urlkey(url)), ADDRESS, place[1], url)
        headers: dict[str, Any] = dict(answer.headers)
        body = decode_body(headers, answer.body, 10**8, whole=False)
        return HtmlResponse(request.url, answer.status, headers, body, encoding="utf-8")

    return download


def downloading_of_crawls(site: MadeSite) -> Callable[[Request], Awaitable[Response]]:
    """Return the same for an archive with a crawl for each year."""
    imitation = yearly(site.captures)

    async def download(request: Request) -> Response:
        if (found := record_range(request.url)) is not None:
            _, first, length = found
            return played(request.url, imitation.file[first : first + length], 10**8)
        if request.url.startswith("commoncrawl://"):
            return Response(request.url, 404)
        parts = urlsplit(request.url)
        answer = imitation(Server(), f"{parts.path}?{parts.query}".rstrip("?"), {})
        return Response(request.url, answer.status, answer.headers, answer.body)

    return download


def tell(site: MadeSite, settings: Settings, by_crawl: bool) -> None:
    """Print what is true of a site, and what was found."""
    print("true:", *(f"  {s.since} {s.until} {s.policy_url}" for s in site.main), sep="\n")
    print("others:", dict(site.others))
    discovery = ask(site, frozenset(Route), settings, by_crawl)
    print(f"found, in {discovery.requests} requests:", *discovery.trouble)
    for found in discovery.found:
        print(f"  {found.kind:8} {found.score:5} {found.since} {found.until} {found.policy_url}")
        print(f"           {found.says[:150]}")
        for e in found.evidence[:5]:
            print(
                f"             {e.route} {e.score:.2f} {e.timestamp} {e.found_at} {e.says[:80]!r}"
            )


if __name__ == "__main__":
    main()
