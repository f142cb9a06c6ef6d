"""Step 7: the date that a policy states of itself, with the phrase it came from.

Dates are found first, for they are rare, and believed where the words beside them are a cue
(`date_cues`). Month names are those of dateparser; what stands where in a date is our rule, because
a guess here is a wrong version date in somebody's paper. htmldate is not used: it dates pages by
their markup, that is the page's date and not the policy's.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import import_module
from typing import Literal, NamedTuple

from pipelines.text import date_cues as cues
from pipelines.text.words import fold

Kind = Literal["effective", "updated"]


class StatedDate(NamedTuple):
    """A date, the words that state it, and whether the text took effect or was changed then."""

    date: date
    phrase: str
    kind: Kind


class _Found(NamedTuple):
    stated: StatedDate
    place: int


_LONGEST = 400_000
_MOST_DATES = 300
_REACH = 90
_EDGE = 2500
_EARLIEST = date(1995, 1, 1)
_AHEAD = timedelta(days=366)
_DAY_FIRST_SITES = frozenset(
    ("uk", "ie", "au", "nz", "in", "za", "sg", "fr", "de", "at", "ch", "be", "nl", "lu", "es", "pt",
     "it", "gr", "ro", "bg", "pl", "cz", "sk", "hr", "si", "dk", "no", "fi", "ee", "lv", "br", "ar",
     "mx", "cl", "tr", "ru", "ua", "eu")
)  # fmt: skip
_MONTH_FIRST_SITES = frozenset(("us", "gov", "mil", "edu"))
_DAY_FIRST_LANGUAGES = frozenset(
    ("fr", "de", "es", "it", "pt", "nl", "da", "no", "nb", "fi", "pl", "cs", "sk", "ro", "bg", "el",
     "hr", "sr", "sl", "et", "lv", "ca", "tr", "ru", "uk", "ga", "mt", "he", "vi", "id")
)  # fmt: skip
_LANGUAGES = sorted({"en", "sv", "hu", "lt", "ar", *_DAY_FIRST_LANGUAGES} - {"no"})

_MONTHS = (
    "january february march april may june july august september october november december"
).split()

_WORD = r"[^\W\d_]{2,16}"
_OF = r"(?:de |del |of |da |d['’])?"
_DATE = re.compile(
    r"(?<![\d/.\-])(?:"
    r"(?P<era>令和|平成)?(?P<cy>\d{1,4})\s?[年년]\s?(?P<cm>\d{1,2})\s?[月월]\s?(?P<cd>\d{1,2})\s?[日일]"
    r"|(?P<iy>(?:19|20)\d\d)\s?(?P<isep>[-./])\s?(?P<im>\d{1,2})\s?(?P=isep)\s?(?P<id>\d{1,2})(?![\d/])"
    r"|(?P<na>\d{1,2})\s?(?P<nsep>[-./])\s?(?P<nb>\d{1,2})\s?(?P=nsep)\s?(?P<ny>(?:19|20)\d\d|\d\d)"
    r"(?![\d/])"
    rf"|(?P<wd>\d{{1,2}})(?:st|nd|rd|th|er|º|ª)?\.?[\s-]{{0,2}}{_OF}(?P<wm>{_WORD})\.?,?[\s-]{{0,2}}{_OF}"
    r"(?P<wy>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<mm>{_WORD})\.?\s{{0,2}}(?P<md>\d{{1,2}})(?:\s?(?:st|nd|rd|th))?\s?[,.]?\s{{0,2}}"
    r"(?P<my>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<yy>(?:19|20)\d\d)\.?\s(?:m\.\s|gada\s)?(?:(?P<yd1>\d{{1,2}})\.\s)?(?P<ym>{_WORD})"
    r"(?:\s(?P<yd2>\d{1,2}))?"
    r")",
)
# both begin with a set of characters, because re finds those several times faster
_YEAR = re.compile(r"[\d年년](?:(?<=1)9\d\d|(?<=2)0\d\d|(?<=\d)\s?[./-]\s?\d\d(?!\d)|(?<=[年년]))")
_MARKUP = re.compile(
    r"[\]h<*_`>|#\\\[](?:(?<=\])\([^)\s]{0,500}\)|(?<=h)ttps?://[^\s)>\]]{1,500}"
    r"|(?<=[*_`>|#\\\[\]])[*_`>|#\\\[\]]*|(?<=<)[^<>]{0,200}>)"
)
_FILLER = (
    r"[\s:.,;()–—\-=~/\"'’“”«»：]{0,12}"
    r"(?:(?:the earlier of|on|at|as of|as at|of|from|since|is|was|the|in|date|dated|version"
    r"|le|du|depuis|est|vom|am|den|der|ist|seit|ab|zum|el|del|a|es|d[ií]a|il|in data|al|em|de|op"
    r"|van|per|dnia|z dnia|z|dne|dňa|от|с|від|з|la|pe|data|στις|την|tarihi|vào|ngày|pada|日|于|於"
    r"|为|為|は|일|on or after|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
    r"[\s:.,;()–—\-“”«»：]{0,6}){0,3}$"
)


def _pattern(alternatives: tuple[str, ...]) -> re.Pattern[str]:
    joined = "|".join(alternatives)
    return re.compile(rf"(?:(?<!\w)|(?<=[\u3040-\u9fff\uac00-\ud7af]))(?:{joined}){_FILLER}", re.I)


_BEFORE: tuple[tuple[Kind, bool, re.Pattern[str]], ...] = (
    ("updated", True, _pattern(cues.UPDATED_FIRMLY)),
    ("effective", True, _pattern(cues.EFFECTIVE_FIRMLY)),
    ("effective", False, _pattern(cues.EFFECTIVE_LOOSELY)),
    ("updated", False, _pattern(cues.UPDATED_LOOSELY)),
)
_BEHIND: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("updated", re.compile(rf"\s?[(（]?(?:{'|'.join(cues.UPDATED_BEHIND)})", re.I)),
    ("effective", re.compile(rf"\s?[(（]?(?:{'|'.join(cues.EFFECTIVE_BEHIND)})", re.I)),
)


def stated_date(
    text: str,
    captured: date | None = None,
    language: str | None = None,
    site: str | None = None,
) -> StatedDate | None:
    """Return the date that a policy states of itself; None rather than a guess.

    `captured` is when the page was archived: a date more than a year later is a mistake.
    `language` (ISO 639-1) and `site` (host name) say what 03/04/2019 means, if anything does.

    "Last updated" goes before "effective", because it is about this wording, which is what a
    history of versions asks for; a policy may take effect later, or since long before. Dates at
    the beginning go before those at the end, and both before those inside, which may be a
    section's or a list's; of several in one place the latest counts.
    """
    text = _MARKUP.sub(" ", text[:_LONGEST])
    dates = list(_dates(text))
    order = _day_first(dates, language, site)
    found = list(_all(text, dates, captured, language, order))
    beginning = [one for one in found if one.place < _EDGE]
    end = [one for one in found if one.place > len(text) - _EDGE]
    for group, kind in (
        (beginning, "updated"),
        (end, "updated"),
        (beginning + end, "effective"),
        (found, "updated"),
        (found, "effective"),
    ):
        if stated := [one.stated for one in group if one.stated.kind == kind]:
            return max(stated, key=lambda one: one.date)
    return None


def _all(
    text: str,
    dates: list[re.Match[str]],
    captured: date | None,
    language: str | None,
    day_first: bool | None,
) -> Iterator[_Found]:
    for match in dates:
        if (cue := _cue(text, match)) is None:
            continue
        kind, start, end = cue
        read = _read(match, language, day_first)
        if read is None and kind == "updated" and captured is not None:
            read = _not_in_future(match, captured)
        if read is None or not _EARLIEST <= read <= (captured or date.max - _AHEAD) + _AHEAD:
            continue
        phrase = " ".join(text[start:end].split())
        yield _Found(StatedDate(read, phrase, kind), match.start())


def _dates(text: str) -> Iterator[re.Match[str]]:
    """Find at most 300 dates, looking only around what may be a year: that is ten times faster."""
    end = count = 0
    for year in _YEAR.finditer(text):
        if year.start() < end:
            continue
        for match in _DATE.finditer(text, max(end, year.start() - 34), year.end() + 24):
            yield match
            end = match.end()
            count += 1
            if count >= _MOST_DATES:
                return


def _not_in_future(match: re.Match[str], captured: date) -> date | None:
    """Of two readings take the one before the capture, where the other is after it."""
    readings = {_read(match, None, day_first) for day_first in (True, False)}
    past = {read for read in readings if read is not None and read <= captured}
    return past.pop() if len(past) == 1 and None not in readings else None


def _cue(text: str, match: re.Match[str]) -> tuple[Kind, int, int] | None:
    """Return what the words beside a date make of it, and where the phrase begins and ends."""
    offset = max(0, match.start() - _REACH)
    before = text[offset : match.start()]
    for kind, firm, pattern in _BEFORE:
        if cue := pattern.search(before):
            start = offset + cue.start()
            if _is_about_document(text, start, match.end(), firm):
                return kind, start, match.end()
    behind = text[match.end() : match.end() + 40]
    for kind, pattern in _BEHIND:
        if cue := pattern.match(behind):
            return kind, match.start(), match.end() + cue.end()
    return None


def _is_about_document(text: str, start: int, end: int, firm: bool) -> bool:
    """Whether the sentence around a cue and its date speaks of this document, not of a law, an old
    version, a list.

    A cue in capitals or with a capital begins something of its own; a loose one only if nothing but
    the document is spoken of behind it ("Effective May 25, 2018, the GDPR applies").
    """
    line = text[max(0, start - 200) : start].rpartition("\n")[2]
    sentence = re.split(r"[.!?;。] ", line)[-1].strip(" \t\u00a0-–—:•.,(")
    begins = text[start].isupper()
    if firm and begins:
        return True
    other = cues.OTHER_SUBJECT.search(sentence) and not cues.DOCUMENT.search(sentence)
    if other or cues.COOKIE_LIST.search(sentence):
        return False
    behind = re.split(r"[.!?;\n]", text[end : end + 120])[0].strip(" ,)")
    if not firm and begins and len(behind) > 8 and not cues.DOCUMENT.search(behind):
        return False
    if cues.ANOTHER_MATTER.search(sentence[-60:] if firm else sentence[-100:]):
        return cues.REPLACES.search(sentence) is not None
    return firm or begins or not sentence or cues.DOCUMENT.search(sentence) is not None


def _read(match: re.Match[str], language: str | None, day_first: bool | None) -> date | None:
    """Return the day that a match of `_DATE` means, None where it may be another."""
    part = match.groupdict()
    if part["cy"]:
        era = {"令和": 2018, "平成": 1988}.get(part["era"], 0)
        return _date(era + int(part["cy"]), int(part["cm"]), int(part["cd"]))
    if part["iy"]:
        return _date(int(part["iy"]), int(part["im"]), int(part["id"]))
    if part["na"]:
        return _numeric(part, day_first, dotted_day_first=language != "en")
    year = part["wy"] or part["my"] or part["yy"]
    day = part["wd"] or part["md"] or part["yd1"] or part["yd2"]
    name = part["wm"] or part["mm"] or part["ym"]
    month = _month(fold(name), language) if day else None
    return _date(int(year), month, int(day)) if month else None


def _numeric(
    part: dict[str, str], day_first: bool | None, *, dotted_day_first: bool
) -> date | None:
    """Read 25/05/2018 and its like; a two-digit year only where nothing else can be meant."""
    first, second, year = int(part["na"]), int(part["nb"]), int(part["ny"])
    if len(part["ny"]) == 2:
        if part["nsep"] == "-" or max(first, second) <= 12:
            return None
        year += 2000 if year < 70 else 1900
    if second > 12:
        return _date(year, first, second)
    if first > 12 or first == second or (part["nsep"] == "." and dotted_day_first):
        return _date(year, second, first)
    if day_first is None:
        return None
    return _date(year, second, first) if day_first else _date(year, first, second)


def _day_first(dates: list[re.Match[str]], language: str | None, site: str | None) -> bool | None:
    """Whether 03/04/2019 is in April, by other dates of the text, then the site, the language."""
    first = second = 0
    for match in dates:
        if match["na"] and (match["nsep"] != "." or language == "en"):
            first += 12 < int(match["na"]) <= 31
            second += 12 < int(match["nb"]) <= 31
    if first or second:
        return None if first and second else first > 0
    ending = (site or "").rpartition(".")[2].lower()
    if ending in _DAY_FIRST_SITES:
        return True
    if ending in _MONTH_FIRST_SITES:
        return False
    return True if language in _DAY_FIRST_LANGUAGES else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=5000)
def _month(name: str, language: str | None) -> int | None:
    """Return the number of a month by its name: in the text's language, in English, in any.

    Names that mean different months ("listopad": October or November) need the language.
    """
    language = "nb" if language == "no" else language
    for code in (language, "en"):
        if code in _LANGUAGES and (month := _months(code).get(name)):
            return month
    months = {month for code in _LANGUAGES if (month := _months(code).get(name))}
    return months.pop() if len(months) == 1 else None


@cache
def _months(language: str) -> dict[str, int]:
    """Return the months by their names and abbreviations, folded, in a language (ISO 639-1)."""
    names = import_module(f"dateparser.data.date_translation_data.{language}").info
    return {fold(name): n for n, month in enumerate(_MONTHS, 1) for name in names[month]}
