"""Step 7: what makes two texts the same: the words of the policy, without the page's noise.

Case, punctuation, markup, links and the breaks between words do not count. Sentences count in
their order; short lines (headings, list items, menus) whatever their order. Lines that change
without anybody changing the policy do not count at all: counters, today's date, copyright years,
buttons, cookie banners. Every other word, number and date does, and so does the title not.
"""

import re
import unicodedata
from hashlib import blake2b

from pipelines.text.words import words as words_of

PROSE = 8  # words; a shorter line may be a heading, a list item or a menu's entry
_EDGE = 3  # lines at either end of a text, where banners stand
_SHORT = 15  # words of the longest line that is taken for noise

_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag"
    r"|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
)
_DATE = r"(?:the |le |den )?(?:\w+\W+){0,2}\d{1,4}(?:st|nd|rd|th)?(?:\W+\w+){0,5}"
_COUNTED = r"(?:visitors?|hits|page ?views|besucher|visiteurs|visitas)"
_NUMBER = r"\d(?:[\d.,']*\d)?"
_NOISE = re.compile(
    r"^\W*(?:"
    r"(?:©|\(c\)|copyright\b)\W*(?:copyright|\(c\)|by)?\W*(?:19|20)\d\d\b.*"
    r"|(?:©|copyright\b).*\ball rights reserved|all rights reserved"
    r"|(?:today is|today's date(?: is)?|it is now|current (?:date|time)|local time|heute ist"
    rf"|nous sommes le|hoy es)\W+{_DATE}|{_WEEKDAY}\W+{_DATE}"
    r"|\d{1,2}:\d\d(?::\d\d)?(?:\W*[ap]\.?m\b)?(?:\W*(?:gmt|utc|[a-z]{2,3}t)\b)?"
    rf"|(?:\w+ ){{0,3}}{_COUNTED}\W*{_NUMBER}"
    r"|(?:you are |sie sind )?(?:our |the |der )?(?:visitor|besucher|guest)\W*(?:number|no|nr)?\W*"
    rf"{_NUMBER}(?: since .{{0,30}})?|you are (?:our |the )?{_NUMBER}\w* (?:visitor|guest)"
    rf"|{_NUMBER} (?:\w+ ){{0,2}}(?:online|{_COUNTED})(?: (?:online|now|today|so far))?"
    r"|(?:page|seite) (?:generated|rendered|loaded|erzeugt) in\b.{0,40}"
    r"|(?:print|share|tweet|e-?mail|like|save)"
    r"(?: (?:this|it|page|on|to|a|friend|\w+book|policy)){0,4}"
    r"|(?:back|go|return) to (?:the )?top|top of (?:the )?page|nach oben|haut de page"
    r"|skip to (?:the )?(?:\w+ )?\w+"
    r")\W*$",
    re.IGNORECASE,
)
# What a line says of anybody's rights and duties is never noise, a year in it or not.
_SAYS = re.compile(
    r"\b(?:we|our|us|your|may|must|shall|will|can|cannot|do|does|not|no|never|collect\w*|use[sd]?"
    r"|shar(?:es|ed|ing)|sells?|sold|keeps?|kept|disclos\w+|wir|unser\w*|nous|notre|nos|nosotros)\b",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"\b(?:by (?:continuing|using|browsing|closing)|en poursuivant|durch die weitere)\b"
    r".{0,200}\bcookies?\b|\bcookies?\b.{0,200}\b(?:by (?:continuing|using|browsing|closing)|got it"
    r"|accept all|click\w* (?:on )?\W?(?:ok|accept|agree)\w*|en poursuivant|durch die weitere)\b",
    re.IGNORECASE,
)
# What a banner promises or reserves is the policy's.
_OF_POLICY = re.compile(
    r"\d|\b(?:not|never|without|shar\w+|sell|sold|third|partners?|advertis\w+|keep|kept|stor\w+"
    r"|days?|months?|nicht|ohne|dritt\w+|sans|tiers|partag\w+)\b",
    re.IGNORECASE,
)
_LONGEST_BANNER = 60  # words
_WORD = re.compile(r"\w+")


def fingerprint(plain: str) -> str:
    """Return 32 hex digits that are equal for texts with the same words of policy.

    `plain` is a text without markup, a line a block.
    """
    lines = [line for line in plain.splitlines() if _WORD.search(line)]
    prose: list[str] = []
    short: list[str] = []
    for place, line in enumerate(lines):
        words = _words(line)
        at_edge = min(place, len(lines) - 1 - place) < _EDGE
        if _is_noise(line, len(words), at_edge):
            continue
        (prose if len(words) >= PROSE else short).append(" ".join(words))
    said = "\n".join([" ".join(prose), "", *sorted(short)])
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _words(line: str) -> list[str]:
    return words_of(unicodedata.normalize("NFKC", line).casefold())


def _is_noise(line: str, words: int, at_edge: bool) -> bool:
    short = line.strip()[:400]
    if words <= _SHORT and _NOISE.match(short):
        return not _SAYS.search(short)
    if not at_edge or words > _LONGEST_BANNER or not _BANNER.search(line[:1000]):
        return False
    return not _OF_POLICY.search(line)
