"""Extraction alone: the pages of WARC files, all in memory, through the stage that reads them.

    python alone.py PROCESSES WARC...

Prints pages and seconds, those of starting the processes not counted.
"""

import asyncio
import sys
import time
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from crawler.records import Memento
from pipelines.pool import ProcessPool
from pipelines.stages import ExtractPipeline
from tests.factories import capture

AT_ONCE = 16  # pages that wait, as in a crawl


def pages(warcs: list[str]) -> list[Memento]:
    """All pages with status 200."""
    found = []
    for warc in warcs:
        with open(warc, "rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response" and record.http_headers.get_statuscode() == "200":
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    headers, body = (
                        tuple(record.http_headers.headers),
                        record.content_stream().read(),
                    )
                    found.append(Memento(capture(), "20150129034904", url, headers, body))
    return found


async def main() -> None:
    """Read them all; print."""
    processes, mementos = int(sys.argv[1]), pages(sys.argv[2:])
    stage = ExtractPipeline(ProcessPool(processes, 60, 2000))
    room = asyncio.Semaphore(AT_ONCE)

    async def read(memento: Memento) -> None:
        async with room:
            await stage.process_item(memento)

    first = Memento(capture(), "20150129034904", "http://example.com/", (), b"<p>to begin")
    await asyncio.gather(*(stage.process_item(first) for _ in range(processes)))
    began = time.monotonic()
    await asyncio.gather(*map(read, mementos))
    print(len(mementos), time.monotonic() - began)
    await stage.close_spider()


if __name__ == "__main__":
    asyncio.run(main())
