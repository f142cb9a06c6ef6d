"""What an inquiry comes to: the site's main policy with its moves, and what else it found. Pure.

Policies in another language than the main one, or for some only, are kept apart. Of two with
different texts at one time, that which more speaks for is the main one; a policy whose pages begin
when another's end is the same one moved.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler import timestamps
from crawler.discovery.evidence import Evidence, Kind, Route
from crawler.discovery.index import key_of, meaning, part_of
from crawler.discovery.inquiry import FAINT, Inquiry

OVERLAP = 0.34  # of the shorter life: sites leave old pages where they were
LONGEST_OVERLAP = timedelta(days=900)
_SEPARATOR = re.compile(r"\s[-–—|:·»]+\s|\|")
UNREAD = 20  # addresses that nobody looked at which are named


@dataclass(frozen=True, slots=True)
class Found:
    """An address, what it is to its site, and why. `since` and `until` (14 digits) bound the
    captures of its pages that the index has; None if it was not asked, or has none."""

    domain: str
    policy_url: str
    kind: Kind
    since: str | None
    until: str | None
    score: float
    says: str
    evidence: tuple[Evidence, ...]


def conclude(inquiry: Inquiry) -> list[Found]:
    """Return the addresses of a site: the main policy's in time order, then the others."""
    kinds = _kinds(inquiry)
    found = [
        _found(inquiry, key, kind, inquiry.pages[key].reading.title) for key, kind in kinds.items()
    ]
    refused = {key: why for key, why in inquiry.refused.items() if key not in kinds}
    found += [_found(inquiry, key, Kind.REFUSED, why) for key, why in refused.items()]
    unread = [*inquiry.evidence, *(address.urlkey for address in inquiry.book.ranked())]
    unseen = {k: why for k, why in inquiry.unseen.items() if k not in kinds and k not in refused}
    found += [_found(inquiry, key, Kind.UNSEEN, why) for key, why in unseen.items()]
    known = kinds.keys() | refused.keys() | unseen.keys()
    unread = [key for key in dict.fromkeys(unread) if key not in known]
    unread = [key for key in unread if inquiry.score(key) >= FAINT]
    unread.sort(key=lambda key: -inquiry.score(key))
    found += [_found(inquiry, key, Kind.UNREAD, "") for key in unread[:UNREAD]]
    order = list(Kind)
    return sorted(found, key=lambda f: (order.index(f.kind), f.since or "9", -f.score))


def looked_at(inquiry: Inquiry) -> str:
    """Return in words what there was to look at, where no policy was found."""
    named, homes, seen = len(inquiry.book.ranked()), len(inquiry.homes), len(inquiry.sights)
    return (
        f"addresses in the index that are named like a policy's: {named:,};"
        f" captures of the home page: {homes:,}, of which looked at: {seen:,}"
    )


def _kinds(inquiry: Inquiry) -> dict[str, Kind]:
    """Return what each address that had a policy is to the site."""
    kinds: dict[str, Kind] = {}
    by_score = sorted(inquiry.pages, key=lambda key: (-_weight(inquiry, key), key))
    whole = [key for key in by_score if not _part(inquiry, key)]
    kinds |= {key: Kind.SUB for key in by_score if key not in whole}
    language = next((lang for key in whole if (lang := inquiry.pages[key].reading.language)), None)
    main: list[str] = []
    for key in whole:
        page = inquiry.pages[key]
        if page.reading.language not in (None, language):
            kinds[key] = Kind.LANGUAGE
            continue
        beside = [other for other in main if _beside(inquiry, key, other)]
        same = [
            other
            for other in beside
            if inquiry.pages[other].reading.fingerprint == page.reading.fingerprint
        ]
        if not beside:
            main.append(key)
        kinds[key] = Kind.COPY if same else Kind.OTHER if beside else Kind.MAIN
    return kinds


def _weight(inquiry: Inquiry, key: str) -> float:
    """Return how much speaks for an address to be the main one: home pages more than its name."""
    homes = {
        e.timestamp
        for e in inquiry.evidence.get(key, [])
        if e.route in (Route.HOME, Route.HUB, Route.REDIRECT)
    }
    return inquiry.score(key) + 2.0 * bool(homes) + 0.5 * min(len(homes), 4)


def _part(inquiry: Inquiry, key: str) -> str | None:
    """Return what makes a policy one for some only."""
    page = inquiry.pages[key]
    says = [e.says for e in inquiry.evidence.get(key, []) if e.route is not Route.REDIRECT]
    return (
        part_of(page.address.policy_url, "address")
        or next(filter(None, map(_part_of_title, _SEPARATOR.split(page.reading.title))), None)
        or next((part for text in says if (part := part_of(text, "link"))), None)
    )


def _part_of_title(piece: str) -> str | None:
    """Return the same of a piece of a title, unless it only names the site (`Pine Software`)."""
    return part_of(piece, "link") if meaning(piece, "link") is not None else None


def _beside(inquiry: Inquiry, one: str, other: str) -> bool:
    """Whether two policies stood beside each other for long, so that neither is the other moved."""
    if _is_turned(inquiry, one, other):
        return False
    mine, theirs = _life(inquiry, one), _life(inquiry, other)
    if mine is None or theirs is None:
        return False
    shared = min(mine[1], theirs[1]) - max(mine[0], theirs[0])
    shorter = min(mine[1] - mine[0], theirs[1] - theirs[0])
    return shared > timedelta() and (shared >= OVERLAP * shorter or shared > LONGEST_OVERLAP)


def _is_turned(inquiry: Inquiry, one: str, other: str) -> bool:
    """Whether home pages led first to one and only later to the other, or one led to the other."""
    mine = sorted(sight.timestamp for sight in inquiry.sights if sight.key == one)
    theirs = sorted(sight.timestamp for sight in inquiry.sights if sight.key == other)
    if mine and theirs:
        return mine[-1] < theirs[0] or theirs[-1] < mine[0]
    pair = {one, other}
    return any(
        e.route in (Route.REDIRECT, Route.CANONICAL) and {key, key_of(e.found_at or "")} == pair
        for key in pair
        for e in inquiry.evidence.get(key, [])
    )


def _life(inquiry: Inquiry, key: str) -> tuple[datetime, datetime] | None:
    """Return the time in which an address had pages, as far as the index was asked, or was linked.

    Where all of the index was, what it does not have says more than what a home page links to.
    """
    address = inquiry.pages[key].address
    if address.since is None or address.until is None:
        return None
    moments = [address.since, address.until]
    if not inquiry.whole and not address.redirects:
        moments += [sight.timestamp for sight in inquiry.sights if sight.key == key]
    return timestamps.parse(min(moments)), timestamps.parse(max(moments))


def _found(inquiry: Inquiry, key: str, kind: Kind, says: str) -> Found:
    address, page = inquiry.address(key), inquiry.pages.get(key)
    address = address or (page.address if page else None)
    evidence = list(inquiry.evidence.get(key, []))
    indexed = inquiry.book.get(key)
    if indexed is not None and indexed.since is not None:
        name = f"{indexed.pages:,} captures until {indexed.until}"
        evidence.append(
            Evidence(indexed.policy_url, Route.INDEX, indexed.since, None, name, indexed.score)
        )
    url = address.policy_url if address else evidence[0].policy_url
    return Found(
        domain=inquiry.domain,
        policy_url=url,
        kind=kind,
        since=address.since if address else None,
        until=address.until if address else None,
        score=round(inquiry.score(key), 2),
        says=says[:300],
        evidence=tuple(evidence),
    )
