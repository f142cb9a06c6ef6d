"""Measures extraction against texts that are known to be right, and against other extractors.

    python tests/benchmarks/extraction.py [DATA_DIR] [-v]

DATA_DIR (or the environment's SHARED_DATA) holds `gold`, `reference`, `seeds` and `seed-archive`;
it is `../shared/data` beside the project otherwise. Words are compared as multisets, links counted
by their text.
"""

import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from rapidfuzz.distance import Indel

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipelines.extraction.extract import decode, extract
from pipelines.reading import read_page

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
HEADER = re.compile(r"^> \*The following text is extracted.*?/web/(\d{14})id_/([^)]*)\)[^\n]*\n")
Extractor = Callable[[bytes, str], str]


@dataclass(frozen=True)
class Pair:
    """A page and the text expected of it."""

    name: str
    page: bytes
    url: str
    expected: str

    @property
    def title(self) -> str:
        found = re.search(r"^# (.*)$", self.expected, re.M)
        return found[1] if found else ""

    @property
    def body(self) -> str:
        found = re.search(r"^# .*$", self.expected, re.M)
        return self.expected[found.end() if found else 0 :].strip("\n")


def pairs(kind: str, data: Path) -> Iterator[Pair]:
    """Yield the pairs of `gold`, `reference` or `seeds`."""
    pages = data / ("seed-archive" if kind == "seeds" else kind)
    for expected in sorted((data / kind).glob("*.md")):
        text = expected.read_text("utf-8")
        header = HEADER.match(text)
        url = unquote(header[2]) if header else "https://example.org/"
        yield Pair(expected.stem, (pages / f"{expected.stem}.html").read_bytes(), url, text)


def words(text: str) -> list[str]:
    text = HEADER.sub("", text.replace("\u00a0", " "))
    return re.findall(r"\w+", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text).lower())


def score(got: str, expected: str) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    one, other = words(got), words(expected)
    common = sum((Counter(one) & Counter(other)).values())
    precision, recall = common / max(1, len(one)), common / max(1, len(other))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def fold(text: str) -> str:
    return text.replace("\u00a0", " ").strip("\n")


def ours(page: bytes, url: str) -> str:
    text = extract(page, "text/html; charset=utf-8", url)
    return f"# {text.title}\n\n{text.body}\n" if text else ""


def whole(page: bytes, url: str) -> str:
    """All that a crawl does with a page: also language, dates, the judge's verdict, fingerprint."""
    text = read_page(page, "text/html; charset=utf-8", url)
    return f"# {text.extracted.title}\n\n{text.extracted.body}\n" if text else ""


def trafilatura(page: bytes, url: str, *, recall: bool = False) -> str:
    from trafilatura import extract as run

    html = decode(page, "text/html; charset=utf-8")
    return run(html, url, output_format="markdown", include_links=True, favor_recall=recall) or ""


def trafilatura_recall(page: bytes, url: str) -> str:
    return trafilatura(page, url, recall=True)


def readability(page: bytes, url: str) -> str:
    from html2text import HTML2Text
    from readability import Document

    writer = HTML2Text(bodywidth=0)
    writer.ignore_images = True
    return str(writer.handle(Document(decode(page, "text/html; charset=utf-8")).summary()))


def resiliparse(page: bytes, url: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(decode(page, "text/html; charset=utf-8"), main_content=True))


EXTRACTORS: dict[str, Extractor] = {
    "ours, everything on": whole,
    "ours": ours,
    "trafilatura": trafilatura,
    "trafilatura recall": trafilatura_recall,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
}


@dataclass(frozen=True)
class Result:
    """What one extractor made of one kind of pairs."""

    scores: dict[str, tuple[float, float, float]]
    texts: dict[str, str]
    seconds: float

    def row(self) -> str:
        p, r, f = (statistics.mean(s[i] for s in self.scores.values()) for i in range(3))
        ones = [s[2] for s in self.scores.values()]
        good = sum(f1 >= 0.99 for f1 in ones) / len(ones)
        bad = sum(f1 < 0.9 for f1 in ones) / len(ones)
        return f"{p:9.4f} {r:9.4f} {f:9.4f} {good:9.2f} {bad:9.2f} {len(ones) / self.seconds:9.1f}"


def run(extractor: Extractor, material: list[Pair]) -> Result:
    """Extract all pages and score the texts."""
    start = time.process_time()
    texts = {pair.name: extractor(pair.page, pair.url) for pair in material}
    seconds = max(time.process_time() - start, 1e-6)
    return Result({p.name: score(texts[p.name], p.expected) for p in material}, texts, seconds)


def fidelity(pair: Pair, got: str) -> tuple[bool, float, bool]:
    """Return whether the titles are identical, the bodies' similarity, and their identity."""
    made = Pair(pair.name, b"", "", got)
    one, other = fold(made.body), fold(pair.body)
    return made.title == pair.title, Indel.normalized_similarity(one, other), one == other


def fidelity_text(title: bool, similarity: float, body: bool) -> str:
    whole = title and body  # the header line is made of the address and the date alone
    return f" title {title} similarity {similarity:.4f} whole {whole}"


def main() -> None:
    arguments = [a for a in sys.argv[1:] if a != "-v"]
    data = Path(arguments[0]) if arguments else DATA
    header = ("precision", "recall", "F1", ">= .99", "< .9", "docs/s")
    for kind in ("gold", "reference", "seeds"):
        material = list(pairs(kind, data))
        print(f"\n{kind} ({len(material)} pages)".ljust(23), *(f"{h:>9}" for h in header))
        for name, extractor in EXTRACTORS.items():
            extractor(material[0].page, material[0].url)  # imports and models are not measured
            result = run(extractor, material)
            print(f"  {name:19}", result.row())
            if name == "ours":
                mine = result
        if kind != "gold":
            rows = {pair.name: fidelity(pair, mine.texts[pair.name]) for pair in material}
            print(
                f"  ours: titles identical {sum(r[0] for r in rows.values())} of {len(rows)}, "
                f"mean similarity {statistics.mean(r[1] for r in rows.values()):.4f}, "
                f"bodies identical {sum(r[2] for r in rows.values())} of {len(rows)}"
            )
        if kind == "seeds" or "-v" in sys.argv:
            for name, (precision, recall, f1) in sorted(mine.scores.items(), key=lambda s: s[1][2]):
                more = "" if kind == "gold" else fidelity_text(*rows[name])
                print(f"    {name:36} P {precision:.4f} R {recall:.4f} F1 {f1:.4f}{more}")


if __name__ == "__main__":
    main()
