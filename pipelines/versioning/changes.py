"""Step 8: what lies between two versions of a policy: how much, and of what kind."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from crawler.closed_lists import ClosedList
from pipelines.text.words import words as words_of

MOST_COMPARED = 2.5e9  # words of one text times those of the other; each pair takes a bit of memory
MOST_EDITED = 20  # words; more of them are no longer an editor's hand
SPELLED_ALIKE = 70.0  # rapidfuzz ratio of two words that are one in two spellings

# Words that carry no right, no duty and no direction, and words of which one alone turns a clause
# around.
_LIGHT = frozenset(
    "a an the of in on at as and that this these those it its is are be been which also please "
    "such der die das des dem den ein eine einer eines und le la les l une des de du d et "
    "ce cette ces que el los las y lo il i gli e di della".split()
)
_WEIGHTY = re.compile(
    r"\d|^(?:not|no|never|nor|none|neither|without|except|only|unless|may|must|will|shall|can|cannot"
    r"|should|would|might|could|don|doesn|won|isn|aren|nicht|kein\w*|nie|ohne|nur|außer|darf|dürfen"
    r"|muss|müssen|können|kann|wird|werden|ne|pas|jamais|sans|sauf|seulement|aucun\w*|peut|peuvent"
    r"|doit|doivent|pouvons|pourr\w+|ni|nunca|sin|solo|sólo|puede\w*|debe\w*|non|mai|senza"
    r"|può|possono|deve|devono|niet|geen|nooit|zonder|mag|mogen|moet|moeten"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|hundred"
    r"|thousand|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|\w+zehn|\w+zig|\w+ßig|hundert|tausend"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quinze|vingt|trente|soixante|cent"
    r"|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|veinte|treinta|sesenta|noventa"
    r"|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dodici|venti|trenta|sessanta|novanta)$"
)


class Kind(ClosedList):
    """What kind of change it is."""

    SUBSTANTIVE = "substantive", "What the policy says has changed."
    EDITORIAL = (
        "editorial",
        "Other spelling, other small words or another order; of the words that came, went or moved "
        "none is a number, a negation or a modal verb.",
    )
    TECHNICAL = "technical", "May be ours: one of the two texts is doubtful."


@dataclass(frozen=True, slots=True)
class Change:
    """How two texts differ: words only in the new, only in the old, likeness 0 to 1, kind.

    Words that moved count as added and as removed, but in texts of more than some 50,000 words. The
    likeness is rapidfuzz's normalized Indel similarity of the word sequences.
    """

    words_added: int
    words_removed: int
    similarity: float
    kind: Kind


def compare(old: str, new: str, doubtful: bool) -> Change:
    """Compare two texts without markup; `doubtful` says that one of them may be incomplete."""
    before, after = _words(old), _words(new)
    removed, added = _difference(before, after)
    if doubtful:
        kind = Kind.TECHNICAL
    else:
        kind = Kind.EDITORIAL if is_editorial(removed, added) else Kind.SUBSTANTIVE
    whole = len(before) + len(after)
    similarity = 1 - (len(removed) + len(added)) / whole if whole else 1.0
    return Change(len(added), len(removed), similarity, kind)


def compare_all(given: list[tuple[str, str, bool]]) -> list[Change]:
    """As `compare`, pair by pair."""
    return list(starmap(compare, given))


def _difference(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    """Return the words that went and those that came."""
    if len(before) * len(after) > MOST_COMPARED:
        one, other = Counter(before), Counter(after)
        return list((one - other).elements()), list((other - one).elements())
    removed: list[str] = []
    added: list[str] = []
    for step in Indel.opcodes(before, after):
        if step.tag == "delete":
            removed += before[step.src_start : step.src_end]
        elif step.tag == "insert":
            added += after[step.dest_start : step.dest_end]
    return removed, added


def is_editorial(removed: list[str], added: list[str]) -> bool:
    """Whether words that went and came are no more than an editor's: see Kind.EDITORIAL.

    A word in another spelling begins as it did: `unlimited` is not `limited`.
    """
    if any(_WEIGHTY.search(word) for word in (*removed, *added)):
        return False
    gone, come = Counter(removed) - Counter(added), Counter(added) - Counter(removed)
    if gone.total() + come.total() > MOST_EDITED:
        return False
    left, right = sorted(gone.elements()), sorted(come.elements())
    unmatched = list(right)
    for word in left:
        same_start = (w for w in unmatched if w[:2] == word[:2])
        alike = next((w for w in same_start if ratio(word, w) >= SPELLED_ALIKE), None)
        if alike is not None:
            unmatched.remove(alike)
        elif word not in _LIGHT:
            return False
    return all(word in _LIGHT for word in unmatched)


@lru_cache(maxsize=2)  # the new text of a comparison is the old one of the next
def _words(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text).casefold()
    return words_of(re.sub(r"\be-(?=mail)", "e", text))
