"""Checks a folder of evidence that `scrapy cite -o` wrote: `python verify.py [SHA256]`.

Needs that folder and Python 3.9 or newer, nothing else. Prints a line a check, and exits with 1 if
something is not as `evidence.json` says. SHA256 is that of `evidence.json`, or a file that begins
with it, as you got it from whoever made the folder.

Hashes prove that the folder agrees with itself, not who made it: who changes a file can make all
hashes anew. What stands against that is the SHA-256 of `evidence.json`, printed when the folder was
made and published or sent by another way, and the archive itself, which anyone can ask again.

The rule by which a sentence matches stands here too, because this file must run alone.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import unicodedata
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVIDENCE, SEAL, PAGES = "evidence.json", "evidence.sha256", "pages.warc.gz"
WRONG = (
    *(AttributeError, IndexError, KeyError, OSError, RecursionError, TypeError, ValueError),
    zlib.error,
)

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚‛‹›′ʼ＇", "'"),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    }
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_UNSEEN = "\u00ad\u200b\u2060\ufeff"  # soft hyphens, and spaces without width
# of a script that sets words apart
_LETTER = r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
_MARK = r"[*_~`\[\\]|\]\((?:[^()\s\\]|\\.)*\)"
_HEADER = (
    "> *The following text is extracted and transformed from the {domain} privacy policy that was "
    "archived on {date}. Please check the [original snapshot on {archive}]({url}) for "
    "the most accurate reproduction.*"
)


def find(sentence: str, text: str, *, markdown: bool = False) -> list[tuple[int, int]]:
    """Return where a sentence stands in a text: characters from 0, the end not included.

    Kinds of white space, of quotation marks and of dashes do not count, nor do soft hyphens; every
    other character does, and so does case. Words are found whole. With `markdown`, marks that may
    stand in between (emphasis, links, headings, lists) do not count either.
    """
    between = rf"(?:[{_UNSEEN}]|{_MARK})*" if markdown else f"[{_UNSEEN}]*"
    space = rf"(?:[\s{_UNSEEN}>#|]|{_MARK})+" if markdown else rf"[\s{_UNSEEN}]+"
    wanted = fold(sentence).strip()
    words = [_any_form(word, between) for word in wanted.split()]
    begin = rf"(?<!{_LETTER})" if re.match(_LETTER, wanted[0]) else ""
    end = rf"(?!{_LETTER})" if re.match(_LETTER, wanted[-1]) else ""
    pattern = re.compile(begin + space.join(words) + end)
    return [match.span() for match in pattern.finditer(fold(text))]


def fold(text: str) -> str:
    """Return a text of the same length with one kind of quotation marks and dashes."""
    return text.translate(_FOLDED)


def _any_form(word: str, between: str) -> str:
    """Return a pattern of a word, its accents composed or not; two hyphens are a dash."""
    given = re.sub("-+", "-", "".join(c for c in word if c not in _UNSEEN))
    forms = dict.fromkeys([given, *(unicodedata.normalize(f, given) for f in ("NFC", "NFD"))])
    patterns = (between.join("-+" if c == "-" else re.escape(c) for c in form) for form in forms)
    return f"(?:{'|'.join(patterns)})"


def checks(folder: Path, seal: str | None = None) -> Iterator[tuple[str, str | None]]:
    """Yield what was checked, and what differs or None, for each check of a folder."""
    raw = (folder / EVIDENCE).read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    sealed = f"{EVIDENCE}: its SHA-256 is in {SEAL}"
    yield _check(sealed, lambda: found, lambda: _seal(folder / SEAL))
    if seal is not None:
        yield _check(f"{EVIDENCE}: its SHA-256 is the one you gave", lambda: found, seal)
    evidence = json.loads(raw)
    files = evidence["files"]
    yield from _check_files(folder, files)
    read = {}
    for capture in evidence["captures"]:
        yield from _check_capture(folder, evidence, capture)
        if capture["page"] is not None:
            read[capture["page"]["offset"]] = capture["page"]
    for page in read.values():
        yield _check_page(folder, page)
    for number, period in enumerate(_periods(evidence), 1):
        yield _check_period(number, period, evidence["captures"])


def _check(name: str, value: Callable[[], Any], wanted: Any) -> tuple[str, str | None]:
    try:
        found, wanted = value(), wanted() if callable(wanted) else wanted
    except WRONG as error:
        return name, f"{type(error).__name__}: {error}"
    return name, None if found == wanted else f"is {found!r}, not {wanted!r}"


def _seal(path: Path) -> str:
    return path.read_text(encoding="utf-8").split()[0].lower()


def _check_files(folder: Path, files: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    there = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    for name, wanted in files.items():
        label = f"{name}: SHA-256"
        if name not in there:
            yield label, "the file is missing"
            continue
        yield _check(label, lambda name=name: _sha256(folder / name), wanted)  # type: ignore[misc]
    for name in sorted(there - set(files) - {EVIDENCE, SEAL}):
        yield f"{name}: is listed", f"the file is not listed in {EVIDENCE}"


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _check_capture(
    folder: Path, evidence: dict[str, Any], capture: dict[str, Any]
) -> Iterator[tuple[str, str | None]]:
    """Check a capture's document and text: header, identity, the sentence in its place."""
    document, text = capture["document"], capture["text"]
    sentence, said = evidence["sentence"], capture["passages"]
    where = f"the sentence at {len(said)} place(s)" if said else "the sentence nowhere"

    def lines() -> list[str]:
        return _text(folder / document).split("\n")

    def text_id() -> str:
        title, body = "\n".join(lines()[2:]).split("\n\n", 1)
        return hashlib.sha256(f"{title[2:]}\n{body[:-1]}".encode()).hexdigest()

    date = "-".join(re.findall(r"^(\d{4})(\d\d)(\d\d)", capture["served_timestamp"])[0])
    place, url = capture["archive_title"], capture["snapshot_url"]
    header = _HEADER.format(domain=evidence["domain"], date=date, archive=place, url=url)
    yield _check(f"{document}: header", lambda: lines()[0], header)
    yield _check(f"{document}: text_id", text_id, capture["text_id"])
    yield _check(
        f"{text}: {where}",
        lambda: [[*span] for span in find(sentence, _text(folder / text))],
        [passage["text"] for passage in said],
    )
    for passage in said:
        quoted = [*passage["text"]], passage["quoted"]
        yield _check(
            f"{text}: the words at {quoted[0]}",
            lambda at=quoted[0]: _text(folder / text)[slice(*at)],  # type: ignore[misc]
            quoted[1],
        )
    for span in capture["document_passages"]:
        yield _check(
            f"{document}: the sentence at {span}",
            lambda at=span: tuple(at) in find(sentence, _text(folder / document), markdown=True),  # type: ignore[misc]
            True,
        )
    if capture["page"] is not None:
        source = capture["read_from"] or capture
        yield _check(
            f"{document}: the page is of the capture named",
            lambda: [capture["page"]["date"], capture["page"]["uri"]],
            [_warc_date(source["served_timestamp"]), source["served_url"]],
        )


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _warc_date(timestamp: str) -> str:
    return re.sub(r"(....)(..)(..)(..)(..)(..)", r"\1-\2-\3T\4:\5:\6Z", timestamp)


def _check_page(folder: Path, page: dict[str, Any]) -> tuple[str, str | None]:
    """Check a record of the WARC file: address, date, and the hashes of its payload."""

    def facts() -> list[Any]:
        headers, payload = _record(folder / PAGES, page["offset"], page["length"])
        sha1 = base64.b32encode(hashlib.sha1(payload).digest()).decode()
        return [
            *(headers.get(name) for name in ("warc-target-uri", "warc-date")),
            headers.get("warc-payload-digest") in (None, f"sha1:{sha1}"),
            len(payload),
            hashlib.sha256(payload).hexdigest(),
        ]

    wanted = [page["uri"], page["date"], True, page["bytes"], page["sha256"]]
    return _check(f"{PAGES}: the record at byte {page['offset']}", facts, wanted)


def _record(path: Path, offset: int, length: int) -> tuple[dict[str, str], bytes]:
    """Return the headers of a WARC record, names in lower case, and its HTTP payload."""
    with path.open("rb") as file:
        file.seek(offset)
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        plain = member.decompress(file.read(length))
    if not member.eof or member.unused_data:
        raise ValueError(f"no record of {length} bytes")
    head, block = plain.split(b"\r\n\r\n", 1)
    rows = (line.split(":", 1) for line in head.decode("utf-8").split("\r\n")[1:])
    headers = {name.lower(): value.strip() for name, value in rows}
    return headers, block[: int(headers["content-length"])].split(b"\r\n\r\n", 1)[1]


def _periods(evidence: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for history in evidence["histories"]:
        yield from history["periods"]


def _check_period(
    number: int, period: dict[str, Any], captures: list[dict[str, Any]]
) -> tuple[str, str | None]:
    """Check that a period's captures are in the folder, that they hold the sentence or do not, and
    that what is said of it names no other time."""

    def facts() -> list[bool]:
        cited = [(end, at, captures[at["capture"] - 1]) for end, at in period["ends"].items()]
        said = " ".join(period["says"])
        moments = {"".join(filter(str.isdigit, time)) for time in _TIME.findall(said)}
        return [
            moments <= {at["served_timestamp"] for _, at, _ in cited},
            *(
                at["served_timestamp"] == capture["served_timestamp"]
                and bool(capture["passages"]) == (end in ("first", "last"))
                for end, at, capture in cited
            ),
        ]

    name = f"{EVIDENCE}: period {number} agrees with its captures"
    return _check(name, lambda: all(facts()), True)


def main() -> int:
    """Check the folder that this file lies in; return the exit status."""
    parser = argparse.ArgumentParser(description="Check this folder of evidence.")
    parser.add_argument("sha256", nargs="?", help="SHA-256 of evidence.json, or a file with it")
    given = parser.parse_args().sha256
    if given and not Path(given).is_file() and not re.fullmatch("[0-9a-fA-F]{64}", given):
        parser.error(f"{given}: neither a file nor a SHA-256, which has 64 hexadecimal digits")
    folder = Path(__file__).resolve().parent
    failed = number = 0
    try:
        seal = _seal(Path(given)) if given and Path(given).is_file() else given and given.lower()
        for name, wrong in checks(folder, seal):
            number += 1
            failed += wrong is not None
            _say(f"ok    {name}" if wrong is None else f"FAIL  {name}: {wrong}")
    except WRONG as error:
        failed += 1
        _say(f"FAIL  {EVIDENCE}: cannot be read: {type(error).__name__}: {error}")
    _say(f"{number} checks, {failed} failed" if failed else f"{number} checks, all passed")
    return 1 if failed else 0


def _say(line: str) -> None:
    """Print a line of which an archived page may have written a part."""
    shown = "".join(c if c.isprintable() else "?" for c in line)
    print(shown.encode("ascii", "backslashreplace").decode())


if __name__ == "__main__":
    sys.exit(main())
