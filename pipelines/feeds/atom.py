"""Changes of policies as an Atom feed (RFC 4287). Pure.

Archived text is hostile: Jinja2 escapes it inside an entry, and the whole entry is escaped again,
as text of `type="html"`; what XML cannot have is replaced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from shlex import quote
from typing import Any, TextIO

from feedgenerator import Atom1Feed
from feedgenerator.django.utils.encoding import iri_to_uri

from pipelines.feeds.news import Change
from pipelines.inert import in_xml
from pipelines.templating import template
from pipelines.versioning.changes import Kind
from pipelines.versioning.comparison import Passage, compare_passages
from pipelines.versioning.diffs import fragment
from pipelines.versioning.history import saying

LONGEST = 20_000  # characters of a comparison in an entry; `scrapy diff` shows all


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its identity (a URI), title, its own address and the page it belongs to, its entries.

    The addresses may be relative. `updated` is UTC without a zone.
    """

    id: str
    title: str
    address: str
    page: str
    updated: datetime
    changes: Sequence[Change]


class _Atom(Atom1Feed):  # type: ignore[misc]
    """The library's feed with the mark of who wrote it, and both snapshots of an entry."""

    def latest_post_date(self) -> datetime:
        """Never now, as the library says of a feed without entries."""
        updated: datetime = self.feed["updated"]
        return updated

    def add_root_elements(self, handler: Any) -> None:
        """Begin with the mark."""
        handler.processingInstruction(*self.feed["mark"])
        super().add_root_elements(handler)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Add the snapshot before."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("link", "", {"rel": "related", "href": item["before"]})


def write_atom(
    feed: Feed, mark: tuple[str, str], text: Callable[[str], str], stream: TextIO
) -> None:
    """Write a feed; `text` gives the text of a `text_id`, `mark` is a processing instruction."""
    atom = _Atom(
        title=in_xml(feed.title),
        link=feed.page,
        description=None,
        feed_url=feed.address,
        feed_guid=feed.id,
        author_name="policy-history",
        updated=feed.updated,
        mark=mark,
    )
    for change in feed.changes:
        passages = compare_passages(text(change.from_text_id), text(change.to_text_id))
        said = saying(passages)
        atom.add_item(
            title=in_xml(title(change)),
            link=change.new_snapshot,
            before=iri_to_uri(change.old_snapshot),
            unique_id=change.id,
            pubdate=change.published,
            updateddate=change.updated,
            categories=[in_xml(change.domain), *marks(change)],
            description=said and in_xml(escape(" ".join(said))),
            content=in_xml(content(change, passages)),
        )
    atom.write(stream, "utf-8")


def content(change: Change, passages: Sequence[Passage]) -> str:
    """Return an entry's HTML: what is known of the change, and the comparison."""
    comparison, is_cut = fragment(passages, LONGEST)
    return template("entry.html").render(
        change=change,
        kind=Kind(change.kind).meaning,
        comparison=comparison,
        command=diff_command(change) if is_cut else None,
        longest=LONGEST,
    )


def title(change: Change) -> str:
    """Say what changed when, as far as is known, and how much."""
    after, before = change.changed_after.date(), change.changed_before.date()
    when = f"on {before}" if after == before else f"between {after} and {before}"
    words = f"+{change.words_added:,} -{change.words_removed:,} words"
    said = [f"{change.domain}: changed {when}", words, *marks(change)]
    return ", ".join(word for word in said if word != Kind.SUBSTANTIVE)


def marks(change: Change) -> list[str]:
    """Return the words for what kind of change it is."""
    others = {
        "back-dated": change.backdated,
        "silent": change.silent,
        "stood before": change.returned,
    }
    return [change.kind, *(mark for mark, holds in others.items() if holds)]


def diff_command(change: Change) -> str:
    """Return the command that prints the whole comparison, for a shell."""
    options = {
        "--from": change.old_timestamp,
        "--to": change.new_timestamp,
        "--policy-url": change.policy_id,
        "--language": change.language,
        "--archive": change.archive,
    }
    given = [word for name, value in options.items() if value for word in (name, value)]
    return " ".join(map(quote, ("scrapy", "diff", change.domain, *given)))
