"""A comparison of two versions, drawn for a terminal, as a web page or part of one, as Markdown.

Archived text is hostile: a terminal gets no control characters, HTML is escaped by Jinja2, and
Markdown's signs by backslashes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.text import Text

from pipelines.inert import shown
from pipelines.versioning.comparison import Passage, Stretch
from pipelines.versioning.history import Version

AROUND = 1  # unchanged paragraphs that are shown beside a changed one
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~&]|^\s*(?:[-+#=>]|\d+(?=[.)])))", re.MULTILINE)
_STYLES = {"delete": "red strike", "insert": "green bold underline", "equal": ""}
_PLAIN_MARKS = {"delete": ("[-", "-]"), "insert": ("{+", "+}"), "equal": ("", "")}
_MARKDOWN_MARKS = {"delete": ("~~", "~~"), "insert": ("**", "**"), "equal": ("", "")}


@dataclass(frozen=True, slots=True)
class Part:
    """Paragraphs to show, or unchanged ones to fold."""

    folded: bool
    passages: Sequence[Passage]


def write_diff(
    domain: str,
    old: Version,
    new: Version,
    passages: Sequence[Passage],
    form: str,
    stream: TextIO,
    between: int = 0,
) -> None:
    """Write the comparison of two versions of a site: `form` is terminal, html or markdown.

    `between` is the number of versions that stood between them.
    """
    found = list(parts(passages))
    match form:
        case "html":
            stream.write(_html(domain, old, new, found, between))
        case "markdown":
            stream.write(_markdown(domain, old, new, found, between))
        case _:
            _write_to_terminal(domain, old, new, found, stream, between)


def fragment(passages: Sequence[Passage], longest: int) -> tuple[str, bool]:
    """Return a comparison as HTML that needs no styles, and whether it was cut.

    It is cut after so many characters of text.
    """
    lines = []
    left = longest
    found = _lines(parts(passages))
    while left > 0 and (line := next(found, None)):
        said, stretches = line
        kept = []
        for stretch in stretches:
            if left > 0:
                kept.append(Stretch(stretch.tag, stretch.text[:left]))
            left -= len(stretch.text)
        lines.append((said, kept))
    is_cut = left < 0 or next(found, None) is not None
    from pipelines.templating import template

    return template("fragment.html").render(lines=lines), is_cut


def _lines(found: Iterable[Part]) -> Iterator[tuple[str, Sequence[Stretch]]]:
    """Yield what is said of a paragraph, or of those that are folded, and its words."""
    for part in found:
        if part.folded:
            yield f"… {_count(part)} unchanged …", []
            continue
        for passage in part.passages:
            said = f"[{note(passage)}] " if passage.moved else ""
            is_same = passage.old == passage.new
            yield said, [Stretch("equal", passage.new or "")] if is_same else passage.stretches()


def parts(passages: Sequence[Passage]) -> Iterator[Part]:
    """Divide a comparison into what is shown and unchanged stretches to fold."""
    shows = [False] * len(passages)
    for place, passage in enumerate(passages):
        if not passage.is_same:
            first, last = max(0, place - AROUND), place + AROUND + 1
            shows[first:last] = [True] * len(shows[first:last])
    for show, run in groupby(zip(shows, passages, strict=True), key=lambda pair: pair[0]):
        yield Part(not show, [passage for _, passage in run])


def summary(passages: Sequence[Passage]) -> str:
    """Say in a line how many paragraphs changed, came, went and moved."""
    kinds = {
        "changed": sum(p.old != p.new and None not in (p.old, p.new) for p in passages),
        "came": sum(p.old is None for p in passages),
        "went": sum(p.new is None for p in passages),
        "moved": sum(p.moved for p in passages),
        "unchanged": sum(p.is_same for p in passages),
    }
    return "paragraphs: " + ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())


def note(passage: Passage) -> str:
    """Say of a moved paragraph where it was."""
    return f"paragraph {passage.new_place:,}, was {passage.old_place:,}" if passage.moved else ""


def _bracket(new: Version, old: Version, between: int) -> str:
    """Say when the change was made, as far as is known, and whether other versions stood then."""
    if between:
        others = f"{between:,} version{'s' if between > 1 else ''}"
        return (
            f"more than once between {old.last_seen:%Y-%m-%d} and {new.first_seen:%Y-%m-%d}"
            f" (captures): {others} stood in between"
        )
    return f"between {old.last_seen:%Y-%m-%d} and {new.first_seen:%Y-%m-%d} (captures)"


def _write_to_terminal(
    domain: str,
    old: Version,
    new: Version,
    found: Sequence[Part],
    stream: TextIO,
    between: int,
) -> None:
    console = _Console(file=stream, highlight=False, soft_wrap=not stream.isatty(), emoji=False)
    marked = console.color_system is None or console.no_color
    head = f"--- {domain}  {old.first_seen:%Y-%m-%d} … {old.last_seen:%Y-%m-%d}  {old.snapshot_url}"
    tail = f"+++ {domain}  {new.first_seen:%Y-%m-%d} … {new.last_seen:%Y-%m-%d}  {new.snapshot_url}"
    console.print(Text(shown(f"{head}\n{tail}"), "bold"))
    console.print(Text(f"    {_bracket(new, old, between)}; {summary(_all(found))}\n"))
    for part in found:
        if part.folded:
            console.print(Text(f"    … {_count(part)} unchanged …\n", "dim"))
            continue
        for passage in part.passages:
            console.print(_coloured(passage, marked=marked))


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the command say what that means."""
        raise BrokenPipeError


def _coloured(passage: Passage, *, marked: bool) -> Text:
    """Return a paragraph as a terminal shows it; with `marked`, in wdiff's signs, too."""
    line = Text()
    if passage.moved:
        line.append(f"[{note(passage)}] ", "blue")
    if passage.is_same or (passage.moved and passage.old == passage.new):
        return line.append(f"{shown(passage.new or '')}\n")
    for stretch in passage.stretches():
        before, after = _PLAIN_MARKS[stretch.tag] if marked else ("", "")
        line.append(f"{before}{shown(stretch.text)}{after}", _STYLES[stretch.tag])
    return line.append("\n")


def _html(domain: str, old: Version, new: Version, found: Sequence[Part], between: int) -> str:
    from pipelines.templating import template

    return template("diff.html").render(
        domain=domain,
        old=old,
        new=new,
        parts=found,
        bracket=_bracket(new, old, between),
        summary=summary(_all(found)),
        count=_count,
        note=note,
    )


def _markdown(domain: str, old: Version, new: Version, found: Sequence[Part], between: int) -> str:
    lines = [f"# {_escaped(domain)}", ""]
    for name, version in (("from", old), ("to", new)):
        span = f"{version.first_seen:%Y-%m-%d} … {version.last_seen:%Y-%m-%d}"
        lines.append(f"- {name}: {span}, <{version.snapshot_url}>")
    lines += [f"- changed {_bracket(new, old, between)}", f"- {summary(_all(found))}", ""]
    for part in found:
        if part.folded:
            lines += [f"*… {_count(part)} unchanged …*", ""]
            continue
        for passage in part.passages:
            moved = f"*[{note(passage)}]* " if passage.moved else ""
            lines += [moved + _marked(passage), ""]
    return "\n".join(lines)


def _marked(passage: Passage) -> str:
    if passage.old == passage.new:
        return _escaped(passage.new or "")
    said = ""
    for stretch in passage.stretches():
        before, after = _MARKDOWN_MARKS[stretch.tag]
        words = _escaped(stretch.text)
        bare = words.strip()  # emphasis may not begin or end with a space
        said += words.replace(bare, f"{before}{bare}{after}", 1) if bare else words
    return said


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(_escape, shown(text))


def _escape(sign: re.Match[str]) -> str:
    """Return a sign that Markdown would read, so that it does not; of `1.` that is the stop."""
    return f"{sign[0]}\\" if sign[0][-1].isdigit() else f"{sign[0][:-1]}\\{sign[0][-1]}"


def _count(part: Part) -> str:
    number = len(part.passages)
    return f"{number:,} paragraph{'s' if number > 1 else ''}"


def _all(found: Sequence[Part]) -> list[Passage]:
    return [passage for part in found for passage in part.passages]
