"""A pywb collection: any, by its address, or one that has a name."""

from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from crawler import cdx
from crawler.archives import spans
from crawler.archives.base import Archive, delay, named_delays
from crawler.errors import NotAnIndexReply
from crawler.records import IndexPage, Reply, Target
from crawler.urlkeys import site_words

# What the UK Web Archive gives at most for a query (ukwa/ukwa-pywb, issue 49).
_MOST_ROWS = 10_000
# Address and replay. UK Web Archive: MemGator's docs/archives.json. Arquivo.pt: its wiki, "APIs",
# which gives the original bytes at another address than its index.
NAMED = {
    "arquivo": ("https://arquivo.pt/wayback", "https://arquivo.pt/noFrame/replay/"),
    "ukwa": (
        "https://www.webarchive.org.uk/wayback/archive",
        "https://www.webarchive.org.uk/wayback/archive/",
    ),
}


_TITLES = {"arquivo": "Arquivo.pt", "ukwa": "the UK Web Archive"}


class Pywb(Archive):
    """CDX at `/COLLECTION/cdx` as a JSON object a line, replay at `/COLLECTION/TIMESTAMPid_/URL`.

    pywb has no resume key: a full page is followed by one that starts at its last timestamp, and
    rows that come twice are known by their identity.
    """

    def __init__(self, address: str, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.name = self.base = address.rstrip("/")
        self.index_slot, self.page_slot = f"{self.base}#cdx", f"{self.base}#page"
        self.replay_prefix = self.home_url = f"{self.base}/"
        self.show(urlsplit(self.base).netloc)
        self.page_size = settings.getint("CDX_PAGE_SIZE")
        self.delays = (
            delay(settings, "ARCHIVE_CDX_RATE", self.base),
            delay(settings, "ARCHIVE_PAGE_RATE", self.base),
        )

    @classmethod
    def named(cls, name: str, settings: BaseSettings) -> "Pywb":
        """Return a collection of NAMED, by its name and with rates of its own."""
        address, replay_prefix = NAMED[name]
        archive = cls(address, settings)
        archive.name, archive.replay_prefix, archive.home_url = name, replay_prefix, None
        archive.show(_TITLES[name])
        archive.page_size = min(archive.page_size, _MOST_ROWS)
        archive.delays = named_delays(name, settings, address, replay_prefix)
        return archive

    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Ask for NDJSON of the exact address, without pywb's fuzzy matches."""
        return self._query(target.policy_url or "", resume_key or since, until, {})

    def home_index_url(self, domain: str, resume_key: str | None = None) -> str:
        """Ask for the first capture of each month and status."""
        query = self._query(str(self.home(domain).policy_url), resume_key, None, {})
        return f"{query}&collapseTime=6"  # waybackpy would make it `collapse`

    def site_index_url(self, domain: str, words: str, resume_key: str | None) -> str | None:
        """Ask for the rows that match, of all time or of the span that the resume key names."""
        rows = cdx.of_site(domain) | {"filter": f"~urlkey:{site_words(domain, words)}"}
        return self._query(str(self.home(domain).policy_url), *spans.bounds(resume_key), rows)

    def _query(self, url: str, since: str | None, until: str | None, rows: dict[str, str]) -> str:
        extra = {"output": "json", "limit": str(self.page_size), "allowFuzzy": "0", **rows}
        return cdx.query_url(f"{self.base}/cdx", url, since, until, extra)

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the JSON lines."""
        if reply.status == 404:  # how some versions say that there are none
            return spans.following(reply.url, IndexPage([], [], None))
        is_html = reply.headers.get("content-type", "").startswith("text/html")
        if is_html and not reply.body.strip():
            raise NotAnIndexReply("an empty page")
        rows = cdx.rows_asked_for(reply.url) or self.page_size
        page = cdx.read_ndjson_page(reply.body, target, rows)
        return spans.following(reply.url, page)

    def index_trouble(self, reply: Reply, target: Target) -> str | None:
        """As for any archive, but a 404 with a JSON message means no captures."""
        if reply.status == 404 and reply.body.lstrip().startswith(b"{"):
            return None
        return super().index_trouble(reply, target)
