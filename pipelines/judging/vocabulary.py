"""The judge's vocabulary: where a text names which concept.

`judge_words.csv` has the words of each concept in English, French and German, the languages of
the labelled texts that the judge learnt from; a star stands for any ending.
"""

import csv
from functools import cache
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from pipelines.text.words import fold
from pipelines.text.words import words as words_of

_FILE = Path(__file__).with_name("judge_words.csv")
_LONGEST_WORD = 40
_MOST_KEPT = 50_000
_KEY = 2  # letters of a phrase's second word by which it is looked up

Rest = tuple[tuple[str, bool], ...]  # the words after the first; may anything follow in them?


class Found(NamedTuple):
    """The concepts of a text, each with its place in words, in order; and how many words."""

    places: list[tuple[int, str]]
    words: int


def find(text: str, language: str) -> Found:
    """Return where the concepts stand in a text of one of `languages()`."""
    words = words_of(fold(text))
    vocabulary = _vocabulary()[language]
    places: list[tuple[int, str]] = []
    begun = [*map(vocabulary.__getitem__, words)]
    for place, what in compress(enumerate(begun), begun):
        assert what is not None  # most are: compress passes over them faster than a loop
        alone, phrases = what
        for concept in alone:
            places.append((place, concept))  # noqa: PERF401 - twice as fast as a generator each
        if phrases and place + 1 < len(words):
            for rest, concept in phrases.get(words[place + 1][:_KEY], ()):
                if _follows(rest, words, place + 1):
                    places.append((place, concept))
    return Found(places, len(words))


def languages() -> frozenset[str]:
    """Return the languages that have a vocabulary (ISO 639-1)."""
    return frozenset(_vocabulary())


def _follows(rest: Rest, words: list[str], place: int) -> bool:
    following = words[place : place + len(rest)]
    return len(following) == len(rest) and all(
        word.startswith(stem) if is_open else word == stem
        for (stem, is_open), word in zip(rest, following, strict=True)
    )


Begun = tuple[tuple[str, ...], dict[str, list[tuple[Rest, str]]]]  # concepts, phrases by _KEY


class _Vocabulary(dict[str, Begun | None]):
    """What a word is and begins in one language, kept once it was looked up; most are nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.whole: dict[str, list[tuple[Rest, str]]] = {}
        self.stems: dict[str, list[tuple[Rest, str]]] = {}

    def add(self, term: str, concept: str) -> None:
        (first, is_open), *rest = [(w.rstrip("*"), w.endswith("*")) for w in term.split()]
        (self.stems if is_open else self.whole).setdefault(first, []).append((tuple(rest), concept))

    def __missing__(self, word: str) -> Begun | None:
        found = list(self.whole.get(word, ()))
        for length in range(2, min(len(word), _LONGEST_WORD) + 1):
            found += self.stems.get(word[:length], ())
        phrases: dict[str, list[tuple[Rest, str]]] = {}
        for rest, concept in found:
            if rest:
                phrases.setdefault(rest[0][0][:_KEY], []).append((rest, concept))
        alone = tuple(concept for rest, concept in found if not rest)
        begun = (alone, phrases) if found else None
        if len(self) < _MOST_KEPT:
            self[word] = begun
        return begun


@cache
def _vocabulary() -> dict[str, _Vocabulary]:
    vocabulary: dict[str, _Vocabulary] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words = vocabulary.setdefault(row["language"], _Vocabulary())
            for term in row["terms"].split(";"):
                words.add(fold(term), row["concept"])
    return vocabulary
