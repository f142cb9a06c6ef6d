"""Step 8: which addresses of a site held one policy, one after the other. Pure.

A policy moves: to https, to another path, to another host. Addresses of one site belong to one
policy if one led to the other or names it as its canonical address, or if a text stood at both;
addresses that the domain list names together, also if each one's history begins after that of the
one before has ended. Another language is another policy, and so is an address that had other texts
at the same time, such as a site's cookie policy, even if both led to one page in the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crawler.closed_lists import ClosedList


class Evidence(ClosedList):
    """Why an address belongs to a policy."""

    REDIRECT = "redirect", "A capture of one address was answered from the other."
    CANONICAL = "canonical", "A page of one address names the other as its canonical address."
    SAME_TEXT = "same_text", "A text stood at both addresses."
    LISTED = (
        "listed_together",
        "The domain list names both, and in their language no two policies of the site had texts at"
        " a time.",
    )


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a site's policy, and what is known of its texts.

    `own` has the texts of the captures that it answered itself (of all captures, if it answered
    none), each with the 14-digit timestamps of its first and its last; `language` is that of most
    texts (None: unsure); `fingerprints` and `urlkeys` are those of all pages that its captures were
    answered from, `canonical` the urlkeys that these pages name as their canonical addresses.
    """

    policy_url: str
    urlkey: str
    own: Mapping[str, tuple[str, str]]
    language: str | None
    fingerprints: frozenset[str]
    urlkeys: frozenset[str]
    canonical: frozenset[str] = frozenset()

    @property
    def first(self) -> str:
        """When its first own text was seen."""
        return min(first for first, _ in self.own.values())

    @property
    def last(self) -> str:
        """When its last own text was seen."""
        return max(last for _, last in self.own.values())

    def standing(self, since: str, until: str) -> set[str]:
        """Return its own texts that stood in a time; each stands until the next is seen."""
        texts = sorted(self.own, key=lambda text: self.own[text])
        following = [*(self.own[text][0] for text in texts[1:]), self.last]
        return {
            text
            for text, next_first in zip(texts, following, strict=True)
            if self.own[text][0] <= until and max(next_first, self.own[text][1]) >= since
        }


@dataclass(frozen=True, slots=True)
class Place:
    """An address with its policy: the policy's first address, and why it belongs there.

    `evidence` and `beside`, the address that it was found to belong with, are None for the first.
    `until` is when a later address began that this one only repeats, if there is one: a site often
    leaves its old page where it was.
    """

    policy_url: str
    policy_id: str
    evidence: Evidence | None = None
    beside: str | None = None
    until: str | None = None


def lineage(addresses: Iterable[Address]) -> list[Place]:
    """Return the policy of each of one site's addresses."""
    left = sorted(addresses, key=lambda address: (address.first, address.policy_url))
    places: list[Place] = []
    groups: list[list[Address]] = []
    while left:
        group = [left.pop(0)]
        places.append(Place(group[0].policy_url, group[0].policy_url))
        for address in group:  # it grows
            for other in list(left):
                evidence = _evidence(address, other)
                if evidence is not None and not any(_apart(one, other) for one in group):
                    left.remove(other)
                    group.append(other)
                    id_ = group[0].policy_url
                    places.append(Place(other.policy_url, id_, evidence, address.policy_url))
        groups.append(group)
    handed_over = {a.policy_url: _handed_over(a, group) for group in groups for a in group}
    return [replace(p, until=handed_over[p.policy_url]) for p in _in_turn(places, groups)]


def _handed_over(address: Address, group: list[Address]) -> str | None:
    """Return when the first later address of a policy began; None if this one went on by itself."""
    for other in sorted(group, key=lambda one: one.first):
        if address.first < other.first <= address.last:
            later = {text for text, (first, _) in address.own.items() if first > other.first}
            if later <= other.own.keys():
                return other.first
    return None


def _apart(one: Address, other: Address) -> bool:
    """Whether two addresses hold two policies: in two languages, or different texts at one time."""
    if one.language and other.language and one.language != other.language:
        return True
    both = max(one.first, other.first), min(one.last, other.last)
    if both[0] > both[1]:
        return False
    ours, theirs = one.standing(*both), other.standing(*both)
    return 2 * len(ours & theirs) < min(len(ours), len(theirs))


def _evidence(one: Address, other: Address) -> Evidence | None:
    if other.urlkey in one.urlkeys or one.urlkey in other.urlkeys:
        return Evidence.REDIRECT
    if other.urlkey in one.canonical or one.urlkey in other.canonical:
        return Evidence.CANONICAL
    return Evidence.SAME_TEXT if one.fingerprints & other.fingerprints else None


def _in_turn(places: list[Place], groups: list[list[Address]]) -> list[Place]:
    """Join the groups of a language if each begins after the one before has ended.

    A group whose language is unsure is of the only one that the site has, if it has one.
    """
    languages = [next((a.language for a in group if a.language), None) for group in groups]
    known = {language for language in languages if language}
    only = known.pop() if len(known) == 1 else None
    by_language: dict[str | None, list[list[Address]]] = {}
    for language, group in zip(languages, groups, strict=True):
        by_language.setdefault(language or only, []).append(group)
    joined = {place.policy_url: place for place in places}
    for chain in by_language.values():
        last = [max(group, key=lambda address: address.last) for group in chain]
        if any(old.last >= new[0].first for old, new in zip(last, chain[1:], strict=False)):
            continue
        first = chain[0][0].policy_url
        for old, group in zip(last, chain[1:], strict=False):
            for address in group:
                place = joined[address.policy_url]
                joined[address.policy_url] = replace(place, policy_id=first)
            head = group[0].policy_url
            joined[head] = Place(head, first, Evidence.LISTED, old.policy_url)
    return list(joined.values())
