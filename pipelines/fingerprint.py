"""Step 8: what makes two texts the same: the words of the policy, without the page's noise.

Case, punctuation, markup, links and the breaks between words do not count. Sentences count in
their order; short lines (headings, list items, menus) whatever their order. Lines that change
without anybody changing the policy do not count at all: counters, today's date, copyright years,
buttons, cookie banners. Every other word, number and date does, and so does the title not.
"""

import re
import unicodedata
from hashlib import blake2b

PROSE = 8  # words; a shorter line may be a heading, a list item or a menu's entry
_EDGE = 3  # lines at either end of a text, where banners stand
_SHORT = 15  # words of the longest line that is taken for noise

_WEEKDAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
)
_NOISE = re.compile(
    r"^\W*(?:"
    r"(?:©|\(c\)|copyright\b|all rights reserved).*"
    r"|(?:today is|today's date|it is now|current (?:date|time)|local time|heute ist"
    rf"|nous sommes le|hoy es)\b.*|(?:{_WEEKDAY})\b\W.{{0,40}}\d.*"
    r"|\d{1,2}:\d\d(?::\d\d)?.{0,20}"
    r"|.{0,40}\b(?:visitors?|hits|page ?views|besucher|visiteurs|visitas)\b[\W_]*[\d.,' ]+"
    r"|(?:you are |sie sind )?(?:our |the )?(?:visitor|besucher|guest)\b.{0,20}[\d.,']{2,}.*"
    r"|[\d.,']+ (?:\w+ ){0,3}(?:online|visitors?|hits|views|besucher|visiteurs)\b.*"
    r"|(?:page|seite) (?:generated|rendered|loaded|erzeugt) in\b.*"
    r"|(?:print|share|tweet|e-?mail|like|save)"
    r"(?: (?:this|it|page|on|to|a|friend|\w+book|policy)){0,4}"
    r"|(?:back|go|return) to (?:the )?top|top of (?:the )?page|nach oben|haut de page"
    r"|skip to .{0,30}"
    r")\W*$",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"\bcookies?\b.{0,300}\b(?:accept|agree|consent|continu\w+|got it|zustimm\w+|akzeptier\w+"
    r"|accept\w+|poursuiv\w+)\b|\b(?:by (?:continuing|using)|en poursuivant|durch die weitere)\b"
    r".{0,200}\bcookies?\b",
    re.IGNORECASE,
)
_LONGEST_BANNER = 60  # words


def fingerprint(plain: str) -> str:
    """Return 32 hex digits that are equal for texts with the same words of policy.

    `plain` is a text without markup, a line a block.
    """
    lines = [line for line in plain.splitlines() if re.search(r"\w", line)]
    prose: list[str] = []
    short: list[str] = []
    for place, line in enumerate(lines):
        words = _words(line)
        at_edge = min(place, len(lines) - 1 - place) < _EDGE
        if _is_noise(line, len(words), at_edge):
            continue
        (prose if len(words) >= PROSE else short).append(" ".join(words))
    said = "\n".join([*prose, "", *sorted(short)])
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _words(line: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", line).casefold())


def _is_noise(line: str, words: int, at_edge: bool) -> bool:
    if words <= _SHORT and _NOISE.match(line.strip()[:400]):
        return True
    return at_edge and words <= _LONGEST_BANNER and bool(_BANNER.search(line[:1000]))
