"""Step 8: the same text elsewhere. Texts that are nearly the same, of whatever site, in clusters.

Likeness is the Jaccard coefficient of the sets of word 5-grams, estimated by MinHash (Broder, "On
the resemblance and containment of documents", 1997). A text joins a cluster if it is like any of
its texts, so that no text outside a cluster is like one inside: versions of one policy, templates,
the policies of a family of companies.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rensa import RMinHash, RMinHashLSH

from pipelines.text.words import words as words_of

ALIKE = 0.8
GRAM = 5
_HASHES = 128  # the estimate's standard error is at most 0.045
_BANDS = 32  # of 4 hashes: nothing as alike as ALIKE is missed but one in ten million
_SEED = 1
_AT_ONCE = 256  # candidates compared at a time; templates have many thousands


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
    values = np.empty((_AT_ONCE, _HASHES), dtype=np.uint32)
    cluster = np.arange(_AT_ONCE)  # of each text, by the place of its first text
    members: dict[int, list[int]] = {}
    near = RMinHashLSH(threshold=ALIKE, num_perm=_HASHES, num_bands=_BANDS)
    for place, (text_id, plain) in enumerate(texts):
        if place == len(cluster):
            values = np.concatenate([values, np.empty_like(values)])
            cluster = np.concatenate([cluster, np.arange(place, 2 * place)])
        minhash = RMinHash(num_perm=_HASHES, seed=_SEED)
        minhash.update(_grams(plain))
        values[place] = minhash.digest()
        members[place] = [place]
        others = np.array(near.query(minhash), dtype=np.intp)
        while len(others):
            some, others = others[:_AT_ONCE], others[_AT_ONCE:]
            alike = some[(values[some] == values[place]).mean(axis=1) >= ALIKE]
            for found in set(cluster[alike].tolist()):
                one, two = sorted((found, int(cluster[place])))
                cluster[members[two]] = one
                members[one] += members.pop(two)
            others = others[cluster[others] != cluster[place]]
        near.insert(place, minhash)
        ids.append(text_id)
    return [
        Member(ids[first], text_id, round(float((values[place] == values[first]).mean()), 4))
        for place, (text_id, first) in enumerate(zip(ids, cluster.tolist(), strict=False))
    ]


def _grams(plain: str) -> list[str]:
    words = words_of(plain.casefold())
    last = max(1, len(words) - GRAM + 1)
    return [" ".join(words[n : n + GRAM]) for n in range(last)]
