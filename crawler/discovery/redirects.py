"""Route 4: where an address already known leads: by itself, or as the archive has it. Pure.

What a page calls its canonical address, the extraction reads (`pipelines.extraction.extract`).
"""

import re

from crawler.archives.base import Archive
from crawler.discovery.index import is_address, key_of
from crawler.discovery.pages import Parsed, web_address
from crawler.outcomes import Outcome
from crawler.replay.memento import Hop
from pipelines.extraction.links import resolve

_REFRESH = re.compile(r"""[\s\d.;,]*url\s*=\s*['"]?([^'">]+)""", re.I)
_LOCATION = re.compile(
    rb"""(?:window|document|top|self)\.location(?:\.href)?\s*=\s*['"]([^'"]{1,500})['"]""", re.I
)
_SHORT = 2_000  # bytes of a page that does nothing but lead on


def leads_on(parsed: Parsed) -> str | None:
    """Return where a page sends its readers by itself (meta refresh, a script); None: it stays."""
    for meta in parsed.tree.css("meta[http-equiv=refresh i][content]"):
        if match := _REFRESH.match(meta.attributes["content"] or ""):
            return web_address(resolve(parsed.base, match[1].strip()))
    page = parsed.page
    if len(page) <= _SHORT and (found := _LOCATION.search(page.encode(errors="replace"))):
        return web_address(resolve(parsed.base, found[1].decode(errors="replace")))
    return None


def leaves(hop: Hop, key: str, archive: Archive) -> str | None:
    """Return the address to which the site's own redirect leaves the one of `key`; None: it stays.

    A redirect of the archive's, to the capture that it has, is none of the site's.
    """
    place = archive.serving(hop.url).parse_replay_url(hop.url)
    if place is None or hop.missing is not Outcome.TARGET_NOT_ARCHIVED:
        return None
    return place[1] if key_of(place[1]) != key and is_address(place[1]) else None
