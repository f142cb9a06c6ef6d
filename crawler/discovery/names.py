"""What sites call their privacy policy, and the pages beside it, in each language.

`data/policy_names.csv` has the names; data/README.md says what its columns mean.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote, unquote

Where = Literal["address", "link"]
Means = Literal["policy", "subject", "hub", "other", "sub"]

NAMES = Path(__file__).parents[2] / "data" / "policy_names.csv"

_OF_POLICIES: tuple[Means, ...] = ("policy", "subject")
_UNDECOMPOSED = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"ə": "e", "ي": "ی", "ك": "ک", "\u200c": " "}
)
_KEY = 2  # characters by which names are looked up
_NO_LETTERS = re.compile("[^a-z0-9]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI")  # scripts, by Unicode's names
_LONG = 6  # letters of a name that is no other word's beginning
_SEPARATOR = ".?"  # nothing, or a hyphen or the like; %20 is too rare for what it would cost
_RAW = 4  # characters of names that a pattern has as they are, too


@dataclass(frozen=True, slots=True)
class Name:
    """A line of the list: a term, where it stands and what it says of the page behind it.

    A `policy` is named itself, a `subject` only what policies are about; a `hub` usually leads to
    the policy; `other` is a neighbour that is not it; `sub` makes it one of several of a site.
    """

    language: str
    term: str
    where: Where
    means: Means


@cache
def names() -> tuple[Name, ...]:
    """Return all names, in the order of the file."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        return tuple(
            Name(row["language"], row["term"], cast(Where, row["where"]), cast(Means, row["means"]))
            for row in csv.DictReader(file)
        )


@cache
def address_pattern() -> str:
    """Return a regular expression that any key or address holds which names a policy or subject.

    Alternatives without brackets around them, to be searched for in lower-case text; Java, Python
    and RE2 read it alike. Names in other scripts are percent-encoded, as keys have them. It says
    yes too often: it is for an index to leave out what is surely none.
    """
    kept: dict[str, re.Pattern[str]] = {}
    for term in sorted(_terms_of_policies(), key=_length):
        spellings = [quote(term.replace(" ", gap)).lower() for gap in ("", "-")]
        if not any(all(map(known.search, spellings)) for known in kept.values()):
            kept[term] = re.compile(_pattern(term))
    short = [term for term in kept if not term.isascii() and len(term) <= _RAW]
    return "|".join([*sorted(known.pattern for known in kept.values()), *sorted(short)])


def names_in(text: str, where: Where) -> list[Name]:
    """Return the names in a link's text, or in the path of an address; the longest first.

    Case, accents, punctuation and percent-encoding do not count. Names of policies and subjects
    may go on (`datenschutz` in "Datenschutzhinweise"), short and other ones are whole words. In
    addresses words may run together: `privacy` and `kids` are in /kidsprivacy. Scripts without
    spaces between words have no word boundaries.
    """
    spaced = f" {_fold(unquote(text) if where == 'address' else text)} "
    texts = [spaced, spaced.replace(" ", "")]
    if where == "address":
        texts.append(re.sub(" +", " ", _run_together().sub(r" \g<0>", spaced)))
    index = _index(where)
    found = {
        name
        for text in texts
        for key in {text[start : start + _KEY] for start in range(len(text))} & index.keys()
        for needle, name in index[key]
        if needle in text
    }
    return sorted(found, key=lambda name: (-len(name.term), name.language, name.term, name.means))


def _terms_of_policies() -> set[str]:
    return {name.term for name in names() if name.where == "address" and _of_policy(name)}


def _of_policy(name: Name) -> bool:
    return name.means in _OF_POLICIES


def _length(term: str) -> tuple[int, str]:
    return len(term.replace(" ", "")), term  # of equal ones, one with spaces holds the other


def _pattern(term: str) -> str:
    return _SEPARATOR.join(quote(word).lower() for word in term.split())


@cache
def _index(where: Where) -> dict[str, list[tuple[str, Name]]]:
    """What is looked for, by its beginning: with spaces around words, or in text without any."""
    index: dict[str, list[tuple[str, Name]]] = {}
    for name in names():
        if name.where == where:
            for needle in _needles(name):
                index.setdefault(needle[:_KEY], []).append((needle, name))
    return index


def _needles(name: Name) -> Iterable[str]:
    term = _fold(name.term)
    joined = term.replace(" ", "")
    if any(unicodedata.name(letter, "").startswith(_UNSPACED) for letter in term):
        return [joined]
    end = "" if _of_policy(name) and len(joined) >= _LONG else " "
    spellings = {term, joined} if name.where == "address" else {term}
    return [f" {spelling}{end}" for spelling in spellings]


@cache
def _run_together() -> re.Pattern[str]:
    """What begins a word of an address wherever it stands."""
    joined = {_fold(term).replace(" ", "") for term in _terms_of_policies()}
    long = sorted((term for term in joined if len(term) >= _LONG), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long)))


def _fold(text: str) -> str:
    """Lower case without accents, and nothing but letters and digits between single spaces."""
    if text.isascii():
        return " ".join(_NO_LETTERS.sub(" ", text.lower()).split())
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", plain))
    kinds = ((letter, unicodedata.category(letter)) for letter in plain)
    return " ".join(
        "".join(
            letter if kind[0] in "LNM" else " " for letter, kind in kinds if kind != "Cf"
        ).split()
    )
