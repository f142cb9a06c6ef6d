"""Step 9 for an import: texts and captures into the corpus, without undoing what it has.

A capture that the corpus has with a text, or of which a crawl has found what it is, stays as it
is; one that it has without takes the text. Blocking, like the store.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace

from crawler.records import Capture, Extracted, Text
from pipelines.imports.found import Imported, Seen, Unusable
from pipelines.storage import schema
from pipelines.storage.duck import columns, transaction, unnest
from pipelines.storage.same_page import adopt, share_texts
from pipelines.storage.store import TELLING, Store

_ADDRESSES = """
    SELECT archive, domain, urlkey, min(policy_url) FROM captures
    WHERE (archive, domain, urlkey) IN (
        SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))
    GROUP BY ALL"""
_KNOWN = f"""
    SELECT archive, domain, timestamp, original, urlkey, capture_id::VARCHAR,
        listed_in IS NOT NULL, text_id IS NOT NULL OR outcome IN {TELLING},
        if(source = ? AND fetched_at IS NULL, text_id, NULL)
    FROM captures
    WHERE (archive, domain, timestamp) IN (
        SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))"""
_ARCHIVE = """
    INSERT INTO archives SELECT ?, ?, ? WHERE NOT EXISTS (FROM archives WHERE archive = ?)"""
_SET = (
    *("capture_id", "outcome", "detail", "text_id", "canonical_url", "served_timestamp"),
    *("served_url", "source"),
)
_TYPES = {column.name: column.type.split()[0] for column in schema.CAPTURES.columns}


@dataclass(frozen=True, slots=True)
class Row:
    """A capture on its way into the corpus; `is_new` if the corpus does not have it."""

    imported: Imported
    seen: Seen
    capture_id: str
    is_new: bool


@dataclass(slots=True)
class _Known:
    """A capture that the corpus has, or will have with this batch.

    It is settled if no import is to change it; `ours` is the text that this import gave it.
    """

    original: str
    urlkey: str
    capture_id: str
    is_listed: bool
    is_settled: bool
    ours: str | None


def rows_to_write(
    store: Store, batch: Sequence[Imported], source: str
) -> tuple[list[Row], list[Unusable]]:
    """Return what of a batch the corpus does not have, and what has another text for a capture.

    The first text that the import `source` has for a capture counts, in whatever batch it was.
    """
    captures = _addressed(store, batch)
    known = _known(store, [seen.capture for _, seen in captures], source)
    rows = []
    lost: dict[str, Unusable] = {}
    for imported, seen in captures:
        capture, text_id = seen.capture, imported.extracted.text_id
        same_second = known.setdefault(_key(capture), [])
        found = _find(same_second, capture)
        if found is None:
            id_ = str(capture.capture_id)
            rows.append(Row(imported, seen, id_, True))
            new = _Known(capture.original, capture.urlkey, id_, False, True, text_id)
            same_second.append(new)
        elif not found.is_settled:
            rows.append(Row(imported, seen, found.capture_id, False))
            found.is_settled, found.ours = True, text_id
        elif found.ours not in (None, text_id):
            reason = f"another text for the same capture, {capture.timestamp} {capture.original}"
            lost.setdefault(imported.name, Unusable(imported.name, reason[:300]))
    return rows, list(lost.values())


def write_rows(
    store: Store, rows: Sequence[Row], texts: dict[Extracted, Text], source: str
) -> None:
    """Write captures and their texts, of which there must be some, in one transaction."""
    archives = {
        (row.seen.capture.archive, row.imported.title, row.imported.snapshots) for row in rows
    }
    values = [
        (
            row.capture_id,
            row.seen.outcome,
            row.seen.detail,
            texts[row.imported.extracted].text_id,
            row.seen.canonical_url,
            row.seen.served_timestamp,
            row.seen.served_url,
            source,
        )
        for row in rows
    ]
    with transaction(store.db, len(texts)):
        for archive in sorted(archives, key=lambda one: (one[0], one[1], one[2] or "")):
            store.db.execute(_ARCHIVE, [*archive, archive[0]])
        store.add_texts({text.text_id: text for text in texts.values()}.values())
        _insert(store, [row.seen.capture for row in rows if row.is_new])
        assignments = ", ".join(f"{name} = given.{name}" for name in _SET[1:])
        store.db.execute(
            f"UPDATE captures SET {assignments} FROM ({unnest([_TYPES[n] for n in _SET])})"
            f" AS given({', '.join(_SET)}) WHERE captures.capture_id = given.capture_id",
            columns(values),
        )
        ids = [row.capture_id for row in rows]
        adopt(store.db, ids)
        share_texts(store.db, [row.seen.capture.capture_id for row in rows if not row.is_new])


def _addressed(store: Store, batch: Sequence[Imported]) -> list[tuple[Imported, Seen]]:
    """Return all captures, with the policy's address where the source does not say it.

    It is the one under which the corpus has the captured address; else the first that was captured.
    """
    given = [(imported, seen) for imported in batch for seen in imported.captures]
    keys = {
        (c.archive, c.domain, c.urlkey) for _, seen in given if not (c := seen.capture).policy_url
    }
    addresses: dict[tuple[str, str, str], str] = {}
    if keys:
        found = store.db.execute(_ADDRESSES, columns(sorted(keys))).fetchall()
        addresses = {(archive, domain, key): url for archive, domain, key, url in found}
    named = []
    for imported, seen in given:
        c = seen.capture
        if not c.policy_url:
            url = addresses.setdefault((c.archive, c.domain, c.urlkey), c.original)
            seen = replace(seen, capture=replace(c, policy_url=url))
        named.append((imported, seen))
    return named


def _known(
    store: Store, captures: Sequence[Capture], source: str
) -> dict[tuple[str, str, str], list[_Known]]:
    """Return what the corpus has of the seconds of these captures."""
    known: dict[tuple[str, str, str], list[_Known]] = {}
    keys = sorted({_key(capture) for capture in captures})
    if keys:
        for row in store.db.execute(_KNOWN, [source, *columns(keys)]).fetchall():
            known.setdefault(row[:3], []).append(_Known(*row[3:]))
    return known


def _find(known: list[_Known], capture: Capture) -> _Known | None:
    """Return what is known of a capture: of itself, or of its address if it has no digest.

    An index may list it under another form of its address; what was imported says its own. Of
    several, those that are settled count first.
    """
    id_ = str(capture.capture_id)
    for one in known:
        if one.capture_id == id_:
            return one
    if capture.digest is not None:
        return None
    same = [one for one in known if one.original == capture.original]
    listed = [one for one in known if one.is_listed and one.urlkey == capture.urlkey]
    return min(same or listed, key=lambda o: (not o.is_settled, o.capture_id), default=None)


def _insert(store: Store, captures: Sequence[Capture]) -> None:
    """Add captures that no index has listed; their text comes next."""
    if not captures:
        return
    names = ["capture_id", *(field.name for field in fields(Capture))]
    rows = [(str(capture.capture_id), *astuple(capture)) for capture in captures]
    store.db.execute(
        f"INSERT INTO captures ({', '.join(names)}, outcome) SELECT *, 'pending'"
        f" FROM ({unnest([_TYPES[name] for name in names])})",
        columns(rows),
    )


def _key(capture: Capture) -> tuple[str, str, str]:
    return capture.archive, capture.domain, capture.timestamp
