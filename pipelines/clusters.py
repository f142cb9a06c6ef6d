"""Step 9: the same text elsewhere. Texts that are nearly the same, of whatever site, in clusters.

Likeness is the Jaccard coefficient of the sets of word 5-grams, estimated by MinHash (Broder, "On
the resemblance and containment of documents", 1997). A text joins a cluster if it is like any of
its texts, so that no text outside a cluster is like one inside: versions of one policy, templates,
the policies of a family of companies.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rensa import RMinHash, RMinHashLSH

ALIKE = 0.8
GRAM = 5
_HASHES = 128  # the estimate's standard error is at most 0.045
_BANDS = 32  # of 4 hashes: nothing as alike as ALIKE is missed but one in ten million
_SEED = 1
_ENOUGH = 64  # texts of a cluster to find a text like them by; templates have many thousands


@dataclass(frozen=True, slots=True)
class Member:
    """A text in its cluster, which has the name of its first text.

    `similarity`: the estimated likeness to that first text, 0 to 1; it may be below ALIKE where
    texts between them lead from one to the other.
    """

    cluster: str
    text_id: str
    similarity: float


def clusters(texts: Iterable[tuple[str, str]]) -> list[Member]:
    """Return each text's cluster. `texts`: id and words without markup, the earliest first."""
    ids: list[str] = []
    hashes: list[RMinHash] = []
    first_of: list[int] = []
    near = RMinHashLSH(threshold=ALIKE, num_perm=_HASHES, num_bands=_BANDS)
    for place, (text_id, plain) in enumerate(texts):
        minhash = RMinHash(num_perm=_HASHES, seed=_SEED)
        minhash.update(_grams(plain))
        first_of.append(place)
        alike = [o for o in near.query(minhash) if minhash.jaccard(hashes[o]) >= ALIKE]
        for other in alike:
            one, two = sorted((_first(first_of, place), _first(first_of, other)))
            first_of[two] = one
        if len(alike) < _ENOUGH:
            near.insert(place, minhash)
        ids.append(text_id)
        hashes.append(minhash)
    firsts = [_first(first_of, place) for place in range(len(ids))]
    return [
        Member(ids[first], ids[place], round(hashes[place].jaccard(hashes[first]), 4))
        for place, first in enumerate(firsts)
    ]


def _first(first_of: list[int], place: int) -> int:
    """Return the first text of a text's cluster so far (disjoint sets, paths halved)."""
    while first_of[place] != place:
        first_of[place] = first_of[first_of[place]]
        place = first_of[place]
    return place


def _grams(plain: str) -> list[str]:
    words = re.findall(r"\w+", plain.casefold())
    last = max(1, len(words) - GRAM + 1)
    return [" ".join(words[n : n + GRAM]) for n in range(last)]
