"""An import from beginning to end: read, say what each text is, write."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from crawler.records import Extracted, Text
from pipelines.imports.found import Imported, Unusable
from pipelines.imports.writing import Row, rows_to_write, write_rows
from pipelines.pool import ProcessPool, WorkerDied
from pipelines.reading import make_text
from pipelines.storage.store import Store

NAMED = 20


@dataclass(slots=True)
class Report:
    """What an import did: documents read, captures new in the corpus, captures that got a text.

    `unusable` counts the files that cannot be used; `named` has the first of them.
    """

    documents: int = 0
    new: int = 0
    filled: int = 0
    unusable: int = 0
    named: list[Unusable] = field(default_factory=list)

    def lose(self, file: Unusable) -> None:
        """Take note of a file that cannot be used."""
        self.unusable += 1
        if len(self.named) < NAMED:
            self.named.append(file)


async def import_all(
    store: Store,
    pool: ProcessPool,
    found: Iterator[Imported | Unusable],
    source: str,
    batch_size: int,
) -> Report:
    """Write what is found, a transaction a batch; what the corpus has already costs nothing."""
    report = Report()
    while batch := list(islice(found, batch_size)):
        documents = []
        for one in batch:
            if isinstance(one, Imported):
                documents.append(one)
            else:
                report.lose(one)
        report.documents += len(documents)
        rows, others = await asyncio.to_thread(rows_to_write, store, documents, source)
        for one in others:
            report.lose(one)
        texts = await _texts(pool, rows, report)
        ready = [row for row in rows if row.imported.extracted in texts]
        if ready:
            await asyncio.to_thread(write_rows, store, ready, texts, source)
            await asyncio.to_thread(store.publication.publish_if_due)
        report.new += sum(row.is_new for row in ready)
        report.filled += sum(not row.is_new for row in ready)
    return report


async def _texts(pool: ProcessPool, rows: list[Row], report: Report) -> dict[Extracted, Text]:
    """Return what is to be said of the texts of these rows, made in the pool's processes."""
    names = {row.imported.extracted: row.imported.name for row in rows}
    made = await asyncio.gather(
        *(pool.run(make_text, extracted) for extracted in names), return_exceptions=True
    )
    texts = {}
    for (extracted, name), text in zip(names.items(), made, strict=True):
        if isinstance(text, Text):
            texts[extracted] = text
        elif isinstance(text, (TimeoutError, MemoryError, WorkerDied, ValueError)):
            report.lose(Unusable(name, f"its text cannot be read: {text!r}"[:300]))
        else:
            raise text
    return texts
