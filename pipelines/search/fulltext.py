"""Full-text search: the index of the texts' words, queries, and the words found shown in place.

The engine is tantivy. The index has the words of each text with their places, and a number for the
text; it knows nothing of versions, and keeps no text. Words are runs of letters and digits, without
case and Latin accents. Scripts that put no space between words are indexed sign by sign, so that
any run of signs is found: a run is a phrase.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import cast

import tantivy
from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from crawler.errors import InputError

FORMAT = f"2, tantivy {version('tantivy')}"  # of all that is written; another is made anew
_HEAP = 100_000_000  # bytes of words before they go to disk
_BATCH = 50_000_000  # letters; what waits to be indexed is in memory
_THREADS = 2
_BEFORE, _LONGEST = 80, 300  # letters of a snippet before the first word found, and in all
_GAP = "\u200b"  # parts words for the engine
_UNSPACED = re.compile(  # Thai, Lao, Burmese, Khmer; Japanese, Chinese
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_SYNTAX = 'search for words, "a phrase", word*, this OR that, this NOT that'
_TOO_DEEP = "too many NOTs or brackets, one in another"
_GRAMMAR = r"""
?start: any
?any: all ("OR" all)*
?all: part ("AND"? part)*
?part: ("NOT" | "-") part -> exclude
    | "(" any ")"
    | WORDS STAR? -> words
WORDS: /"[^"]*"|[“„][^“”]*[“”]|[^\s()"“”„*-][^\s()"“”„*]*/
STAR: /\*(?![^\s()])/
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow one another; with `prefix`, the last may go on."""

    words: tuple[str, ...]
    prefix: bool


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be there."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class Several:
    """Parts that must all be there, or one of which must."""

    parts: tuple["Query", ...]
    all: bool


Query = Words | Not | Several


def parse(text: str) -> Query:
    """Parse what a person searches for; InputError if it is none.

    Words and "phrases", all of which must be there; `word*`; OR, AND, NOT or a minus, brackets.
    """
    try:
        query = _Reader().transform(_parser().parse(text))
    except RecursionError:
        raise InputError(_TOO_DEEP) from None
    except UnexpectedInput as error:
        rest = text[error.pos_in_stream :] if error.pos_in_stream is not None else ""
        raise InputError(f"{text!r}: cannot be read from {rest!r} on; {_SYNTAX}") from None
    if query is None:
        raise InputError(f"{text!r}: has no word to search for; {_SYNTAX}")
    return query


@v_args(inline=True)
class _Reader(Transformer[Token, Query | None]):
    """Makes a query of its parse tree; what holds no letter or digit, such as &, is left out."""

    def words(self, words: str, star: str = "") -> Query | None:
        found = tuple(_analyzer().analyze(_separated(words)))
        return Words(found, bool(star)) if found else None

    def exclude(self, part: Query | None) -> Query | None:
        return Not(part) if part else None

    def any(self, *parts: Query | None) -> Query | None:
        return self._several(parts, False)

    def all(self, *parts: Query | None) -> Query | None:
        return self._several(parts, True)

    def _several(self, parts: Iterable[Query | None], every: bool) -> Query | None:
        left = tuple(part for part in parts if part)
        return Several(left, every) if len(left) > 1 else left[0] if left else None


class Index:
    """An index in a folder, made if the folder holds none; one process at a time may add to it.

    ValueError if the folder holds something that the engine cannot read.
    """

    def __init__(self, folder: Path) -> None:
        fields = tantivy.SchemaBuilder().add_unsigned_field("text", indexed=True, fast=True)
        fields.add_text_field("words", tokenizer_name="words")
        self.schema = fields.build()
        self.index = tantivy.Index(self.schema, str(folder))
        self.index.register_tokenizer("words", _analyzer())

    def add(self, texts: Iterable[tuple[int, str, str]]) -> Iterator[int]:
        """Add texts (number, title, body); yield each number.

        What is added is kept from time to time, so that who is killed can go on from there.
        """
        writer, waiting = self.index.writer(_HEAP, _THREADS), 0
        for number, title, body in texts:
            given = tantivy.Document()
            given.add_unsigned("text", number)
            for part in (title, body):  # no phrase reaches from one into the other
                given.add_text("words", _separated(part))
            writer.add_document(given)
            yield number
            waiting += len(body)
            if waiting > _BATCH:
                writer.commit()
                waiting = 0
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove texts."""
        writer = self.index.writer(_HEAP, _THREADS)
        gone = tantivy.Query.term_set_query(self.schema, "text", numbers)
        writer.delete_documents_by_query(gone)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def numbers(self) -> list[int]:
        """Return the texts that the index has."""
        return self._found(tantivy.Query.all_query())[0]

    def hits(
        self, query: Query, among: Sequence[int] | None = None
    ) -> tuple[list[int], list[float]]:
        """Return the texts that match, and how well (BM25), the best first; `among` those given."""
        try:
            asked = self._translated(query)
            if among is not None:
                these = tantivy.Query.term_set_query(self.schema, "text", among)
                unscored = tantivy.Query.const_score_query(these, 0.0)
                asked = tantivy.Query.boolean_query([(_MUST, asked), (_MUST, unscored)])
            return self._found(asked)
        except RecursionError:
            raise InputError(_TOO_DEEP) from None
        except ValueError as error:
            raise InputError(f"too many words begin so; give more letters ({error})") from None

    def _found(self, query: tantivy.Query) -> tuple[list[int], list[float]]:
        searcher = self.index.searcher()
        found = searcher.search(query, limit=max(1, searcher.num_docs), count=False).hits
        numbers = searcher.fast_field_values("text", [address for _, address in found])
        return cast(list[int], numbers), [score for score, _ in found]

    def _translated(self, query: Query) -> tantivy.Query:
        """Return a query as the engine takes it."""
        match query:
            case Words(words, prefix):
                return self._phrase(words, prefix)
            case Not(part):
                # bare, the engine drops it beside another in some parts of the index, score and all
                everything = tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0)
                parts = [(_MUST, everything), (_MUST_NOT, self._translated(part))]
            case Several(among, every):
                occur = _MUST if every else _SHOULD
                parts = [(occur, self._translated(part)) for part in among]
        return tantivy.Query.boolean_query(parts)

    def _phrase(self, words: Sequence[str], prefix: bool) -> tantivy.Query:
        if prefix and len(words) > 1:
            patterns = [*words[:-1], f"{words[-1]}.*"]  # letters and digits only
            return tantivy.Query.regex_phrase_query(self.schema, "words", [*patterns])
        if prefix:
            terms = self.index.searcher().terms_with_prefix("words", words[0])
            return tantivy.Query.boolean_query(
                [(_SHOULD, self._phrase([term], False)) for term, _ in terms]
            )
        if len(words) > 1:
            return tantivy.Query.phrase_query(self.schema, "words", [*words])
        return tantivy.Query.term_query(self.schema, "words", words[0])


def sought(query: Query) -> list[Words]:
    """Return the words of a query that are sought, not excluded."""
    match query:
        case Words():
            return [query]
        case Not():
            return []
        case Several(parts, _):
            return [words for part in parts for words in sought(part)]


def snippet(wanted: Sequence[Words], text: str) -> list[tuple[str, bool]]:
    """Return the part of a text that has most of what is wanted, in pieces: is each one of it?

    In one line, as `seen` makes it; the beginning of the text if nothing is found.
    """
    text = _separated(text)
    tokens = _analyzer().pre_tokenize(text).tokens
    if not tokens:
        return []
    words = [token.text for token in tokens]
    found = sorted(
        (tokens[place].char_offset_from, tokens[place + len(part.words) - 1].char_offset_to, n)
        for n, part in enumerate(wanted)
        for place in _places(part, words)
    )
    centre = _densest(found) if found else 0
    first = bisect_left(tokens, centre - _BEFORE, key=lambda token: token.char_offset_from)
    begin = tokens[first].char_offset_from
    last = bisect_right(tokens, begin + _LONGEST, key=lambda token: token.char_offset_to) - 1
    end = tokens[max(first, last)].char_offset_to
    pieces, place = [("… " if first else "", False)], begin
    for start, stop, _ in found:
        if place <= start and stop <= end:
            pieces += [(seen(text[place:start]), False), (seen(text[start:stop]), True)]
            place = stop
    rest = " …" if end < tokens[-1].char_offset_to else ""
    pieces.append((seen(text[place:end]) + rest, False))
    return [piece for piece in pieces if piece[0]]


def _places(words: Words, tokens: list[str]) -> Iterator[int]:
    """Yield where words stand in a text."""
    *leading, last = words.words
    for place in _prefixed(last, tokens) if words.prefix else _equal(last, tokens):
        begin = place - len(leading)
        if begin >= 0 and tokens[begin:place] == leading:
            yield begin


def _prefixed(word: str, tokens: list[str]) -> Iterator[int]:
    return (place for place, token in enumerate(tokens) if token.startswith(word))


def _equal(word: str, tokens: list[str]) -> Iterator[int]:
    place = -1
    with suppress(ValueError):
        while True:
            place = tokens.index(word, place + 1)
            yield place


def _densest(found: Sequence[tuple[int, int, int]]) -> int:
    """Return the start of the first stretch, a snippet long, that has most of what is wanted."""
    reach = _LONGEST - _BEFORE

    def different(n: int) -> int:
        end = found[n][0] + reach
        near = found[n : bisect_left(found, (end, 0, 0))]
        return len({which for _, stop, which in near if stop <= end})

    return found[max(range(len(found)), key=different)][0]


def seen(text: str) -> str:
    """Return a text in a line, without signs that cannot be seen: they may be meant to deceive."""
    return _SPACE.sub(" ", _UNSEEN.sub(lambda sign: " " if sign[0].isspace() else "", text))


def _separated(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return text if text.isascii() else _UNSPACED.sub(rf"\1{_GAP}", text)


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return words.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold()).build()


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")
