"""Two texts of a policy side by side: which paragraphs changed, in which words, which moved. Pure.

Paragraphs are the lines of a text without markup. The longest common sequence of equal paragraphs
stands; between its parts, paragraphs that are alike are one that changed; of the rest, those that
are alike wherever they stand have moved. rapidfuzz finds sequences and likeness.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

ALIKE = 55.0  # rapidfuzz ratio of a paragraph and what it became
MOVED_ALIKE = 75.0  # the same, for one that stands elsewhere: by chance many are a little alike
MOVED_WORDS = 5  # fewer come twice by chance
MOST_PAIRS = 250_000  # of paragraphs compared between two equal ones; more were rewritten
MANY_SIGNS = 1e8  # of all paragraphs times those of the others; threads pay from here on
MOST_TOKENS = 2e8  # of one paragraph times those of the other; a pair takes a bit or more
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that both paragraphs have, or one of them: `tag` is equal, delete or insert."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as it was (`old`), as it became (`new`), or both; None where it is not.

    `old_place` and `new_place` are its numbers, from 1. `stretches` are its words, if it changed.
    `moved` tells that paragraphs between its two places stayed; such a passage stands at its new
    place.
    """

    old: str | None
    new: str | None
    old_place: int | None
    new_place: int | None
    moved: bool = False

    @property
    def is_same(self) -> bool:
        """Whether nothing happened to it."""
        return self.old == self.new and not self.moved

    def stretches(self) -> list[Stretch]:
        """Return its words in order, those that went before those that came."""
        if self.old is None or self.new is None:
            tag = "insert" if self.old is None else "delete"
            return [Stretch(tag, self.new or self.old or "")]
        return list(_joined(_word_steps(_TOKEN.findall(self.old), _TOKEN.findall(self.new))))


def compare_passages(old: str, new: str) -> list[Passage]:
    """Return the paragraphs of both texts in the order of the new one, each once."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Passage] = []
    for step in Indel.opcodes(before, after):
        left, right = range(step.src_start, step.src_end), range(step.dest_start, step.dest_end)
        if step.tag == "equal":
            pairs = zip(left, right, strict=True)
            found += [Passage(before[i], after[j], i + 1, j + 1) for i, j in pairs]
        else:
            found += [Passage(before[i], None, i + 1, None) for i in left]
            found += [Passage(None, after[j], None, j + 1) for j in right]
    return _with_moves([p for gap in _gaps(found) for p in _aligned(gap)])


def _gaps(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    """Yield runs of equal passages, and what lies between them."""
    for _, run in groupby(passages, key=lambda p: p.old is not None and p.new is not None):
        yield list(run)


def _aligned(gap: list[Passage]) -> list[Passage]:
    """Make one passage of two that are alike, in their order."""
    gone = [p for p in gap if p.new is None]
    come = [p for p in gap if p.old is None]
    if not gone or not come or len(gone) * len(come) > MOST_PAIRS:
        return gap
    likeness = _likeness(gone, come, ALIKE)
    aligned: list[Passage] = []
    left = right = 0
    for i, j in _best_pairs(likeness):
        aligned += gone[left:i] + come[right:j]
        aligned.append(Passage(gone[i].old, come[j].new, gone[i].old_place, come[j].new_place))
        left, right = i + 1, j + 1
    return aligned + gone[left:] + come[right:]


def _likeness(gone: list[Passage], come: list[Passage], least: float) -> NDArray[np.float32]:
    """Return how alike each of the one is to each of the other; 0 below `least`."""
    old, new = [p.old or "" for p in gone], [p.new or "" for p in come]
    threads = -1 if sum(map(len, old)) * sum(map(len, new)) > MANY_SIGNS else 1
    return cdist(old, new, scorer=ratio, score_cutoff=least, workers=threads)


def _best_pairs(likeness: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Return the pairs, in order on both sides, whose likenesses have the largest sum."""
    rows, columns = likeness.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        paired = best[i, :-1] + likeness[i]
        best[i + 1, 1:] = np.maximum.accumulate(np.maximum(best[i, 1:], paired))
    pairs = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def _with_moves(passages: list[Passage]) -> list[Passage]:
    """Make one passage of two that stand at different places and are alike."""
    gone = [p for p in passages if p.new is None and _is_long(p.old)]
    come = [p for p in passages if p.old is None and _is_long(p.new)]
    if not gone or not come or len(gone) * len(come) > MOST_PAIRS:
        return passages
    likeness = _likeness(gone, come, MOVED_ALIKE)
    order = np.argsort(-likeness, axis=None, kind="stable")
    taken: dict[int, Passage] = {}
    left: set[int] = set()
    for place in order[: int((likeness > 0).sum())]:
        i, j = divmod(int(place), len(come))
        if i not in left and id(come[j]) not in taken:
            left.add(i)
            taken[id(come[j])] = gone[i]
    moved_away = {id(gone[i]) for i in left}
    return [
        Passage(was.old, p.new, was.old_place, p.new_place, moved=True)
        if (was := taken.get(id(p))) is not None
        else p
        for p in passages
        if id(p) not in moved_away
    ]


def _is_long(text: str | None) -> bool:
    return len((text or "").split()) >= MOVED_WORDS


def _word_steps(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """Yield what stays, goes and comes; of paragraphs too long for that, all goes and comes."""
    if len(old) * len(new) > MOST_TOKENS:
        yield Stretch("delete", "".join(old))
        yield Stretch("insert", "".join(new))
        return
    for step in Indel.opcodes(old, new):
        words = new[step.dest_start : step.dest_end]
        if step.tag == "delete":
            words = old[step.src_start : step.src_end]
        yield Stretch(step.tag, "".join(words))


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join what changed on both sides of a mere space or sign, so that it can be read."""
    for is_equal, run in groupby(_filled(list(stretches)), key=lambda s: s.tag == "equal"):
        parts = list(run)
        if is_equal:
            yield Stretch("equal", "".join(s.text for s in parts))
            continue
        gone = "".join(s.text for s in parts if s.tag == "delete")
        come = "".join(s.text for s in parts if s.tag == "insert")
        end = _common_end(gone, come)
        cut = len(end)
        found = (
            Stretch("delete", gone[: len(gone) - cut]),
            Stretch("insert", come[: len(come) - cut]),
            Stretch("equal", end),
        )
        yield from (stretch for stretch in found if stretch.text)


def _common_end(one: str, other: str) -> str:
    """Return the spaces and signs that both end with."""
    length = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b or a.isalnum() or a == "_":
            break
        length += 1
    return one[len(one) - length :]


def _filled(stretches: list[Stretch]) -> Iterator[Stretch]:
    """Yield stretches; an equal one without a word, between changes, as gone and come."""
    for place, stretch in enumerate(stretches):
        inside = 0 < place < len(stretches) - 1
        if stretch.tag == "equal" and inside and not re.search(r"\w", stretch.text):
            yield Stretch("delete", stretch.text)
            yield Stretch("insert", stretch.text)
        else:
            yield stretch
