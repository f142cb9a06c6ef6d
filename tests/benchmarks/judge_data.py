"""What the judge is trained and measured on: labelled documents, cuts of them, made-up pages."""

import csv
import gzip
import json
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.text.language import identify

HERE = Path(__file__).parent
LABELS = HERE.parents[2] / "shared" / "data" / "policy-labels.jsonl.gz"
VARIANTS = 3
CUTS = (60, 120, 250)
SECTION, SECTIONS = 100, 3
_HEADING = 8
_NAMES = ("Alderfen", "Brightwell", "Corvida", "Dunmore & Sons", "Eskvale", "Fennimore")


class Sample(NamedTuple):
    """One text; `group` keeps what belongs to one company, or to one made-up kind, in one fold.

    `given` is the label of the collection, `policy` the one after review (None: unclear). `kind`
    is `whole`, `cut` or `made up`, `weight` how much the sample counts in training.
    """

    name: str
    group: str
    given: bool
    policy: bool | None
    text: str
    language: str | None
    kind: str
    weight: float


def samples(path: Path = LABELS) -> list[Sample]:
    """Return everything, in groups that share no company and no text."""
    whole = list(_labelled(path))
    found = whole + list(_made_up())
    groups = dict(zip((s.name for s in found), _joined(found), strict=True))
    found += [cut for sample in whole for cut in _cuts(sample)]
    return [s._replace(group=groups[s.name]) for s in found]


def _labelled(path: Path) -> Iterator[Sample]:
    """Read the labelled documents, with the labels that `judge_review.csv` puts right."""
    meanings = {"policy": True, "other": False, "unclear": None}
    with (HERE / "judge_review.csv").open(encoding="utf-8", newline="") as file:
        review = {
            (row["name"], row["given"] == "policy"): meanings[row["judged"]]
            for row in csv.DictReader(file)
        }
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            name, given, text = row["name"], row["policy"], _plain(row["text"])
            policy = review.get((name, given), given)
            language = identify(text).code
            unique = f"{row['source']}/{name} ({given})"
            yield Sample(unique, _company(name), given, policy, text, language, "whole", 1.0)


def _cuts(sample: Sample) -> Iterator[Sample]:
    """Cut a document to its first words and to a few sections, so that length does not decide.

    A section begins with the document's first words, as a page's text has its title before it.
    """
    words = list(re.finditer(r"\S+", sample.text))
    texts = [sample.text[: words[n - 1].end()] for n in CUTS if len(words) > 1.3 * n]
    heading = " ".join(word[0] for word in words[:_HEADING])
    sections, section = [], ""
    for paragraph in re.split(r"\n+", sample.text):
        section += paragraph + "\n"
        if len(section.split()) >= SECTION:
            sections.append(f"{heading}\n{section}")
            section = ""
    random.Random(sample.name).shuffle(sections)
    for text in texts + sections[:SECTIONS]:
        yield sample._replace(text=text, kind="cut", weight=0.1)


def _made_up() -> Iterator[Sample]:
    """Make pages, policies and others: each kind thrice a language, with a choice of lines."""
    lines = (HERE / "judge_pages.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("# ")]
    for heading, body in zip(lines[::2], lines[1::2], strict=True):
        kind, language = heading.removeprefix("## ").split()
        first, *sentences = body.split(" | ")
        for variant in range(VARIANTS):
            dice = random.Random(f"{kind} {language} {variant}")
            chosen = [s for s in sentences if variant == 0 or dice.random() < 0.8]
            if variant:
                dice.shuffle(chosen)
            text = "\n\n".join([first, *chosen]).replace("{n}", dice.choice(_NAMES))
            while "{k}" in text:
                text = text.replace("{k}", str(dice.randrange(12, 99)), 1)
            policy = kind.startswith("policy-")
            name = f"made up/{kind} {language}"
            yield Sample(f"{name} {variant}", name, policy, policy, text, language, "made up", 0.5)


def _company(name: str) -> str:
    """Return the company of a document's name: google.co.uk and google.fr are one."""
    site = re.split(r"[/]|-privacy$|-terms$", name)[0].lower()
    parts = [part for part in site.split(".") if part not in ("www", "co", "com", "org", "net")]
    return re.sub(r"\W", "", parts[-2] if len(parts) > 1 and len(parts[-1]) <= 4 else parts[0])


def _plain(text: str) -> str:
    """Take tags and escaped tags out of a labelled text; the pipeline's texts have none."""
    return re.sub(r"&lt[;.].{0,2000}?&gt[;.]|<[^>]{0,2000}>", " ", text)


def _joined(found: list[Sample]) -> list[str]:
    """Return each sample's group, where groups that share a near-duplicate text are one."""
    leader = {sample.group: sample.group for sample in found}

    def top(group: str) -> str:
        while leader[group] != group:
            group = leader[group]
        return group

    seen: list[tuple[frozenset[int], str]] = []
    for sample in found:
        shingles = _shingles(sample.text)
        for other, group in seen:
            if len(shingles & other) > 0.5 * min(len(shingles), len(other)):
                leader[top(sample.group)] = top(group)
        seen.append((shingles, sample.group))
    return [top(sample.group) for sample in found]


def _shingles(text: str) -> frozenset[int]:
    """Every eighth of the word 8-grams, by hash: enough to tell copies."""
    words = text.lower().split()[:20_000]
    starts = range(max(1, len(words) - 7))
    grams = {zlib.crc32(" ".join(words[start : start + 8]).encode()) for start in starts}
    return frozenset(gram for gram in grams if gram % 8 == 0) or frozenset(grams)
