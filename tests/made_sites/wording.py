"""The texts of the made sites, in many languages, and how they change with the years.

`texts/` has a file for each language, all written for this project: short words of menus, then
the paragraphs of a policy. `zh-hant` and `pt-br` are variants; their ISO 639-1 code is the
part before the hyphen.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TEXTS = Path(__file__).with_name("texts")
_MIDDLE = ("collect", "use", "cookies", "share", "safe", "keep")
_MONTHS = ("36", "24", "18", "12", "30", "6")


@dataclass(frozen=True)
class Company:
    """Who speaks in a text."""

    name: str
    host: str

    @property
    def mail(self) -> str:
        return f"privacy@{self.host.removeprefix('www.')}"


@cache
def words(language: str) -> Mapping[str, str]:
    """Return the words and paragraphs of a language by their keys; English for what it lacks."""
    lines = (_TEXTS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    own = dict(line.split(": ", 1) for line in lines if line)
    return own if language == "en" else {**words("en"), **own}


def languages() -> list[str]:
    """Return all languages there are texts in."""
    return sorted(file.stem for file in _TEXTS.glob("*.txt"))


def say(language: str, key: str, company: Company, months: str = "12") -> str:
    """Return the paragraph `key` as the company says it."""
    text = words(language)[key].replace("{name}", company.name).replace("{host}", company.host)
    return text.replace("{mail}", company.mail).replace("{n}", months)


def policy(language: str, company: Company, year: int, kind: str = "") -> list[str]:
    """Return the paragraphs of a policy in the wording of a year.

    `kind` is the key of a paragraph that says what it is about, if not the site as a whole.
    """
    middle = list(_MIDDLE)
    random.Random(f"{company.name} {kind}").shuffle(middle)
    keys = ["who", *middle]
    keys += ["rights"] if year >= 2005 else []
    keys += ["law"] if year >= 2018 else []
    keys += ["children"] if year >= 2001 else []
    keys += ["changes"]
    if kind:
        keys.insert(1, kind)
    stretch = (year + len(company.name)) // 3
    return [say(language, key, company, _MONTHS[stretch % len(_MONTHS)]) for key in keys]
