"""The plain records that pass from step to step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b, sha256
from uuid import UUID

from crawler.outcomes import Listing, Outcome

DOUBTFUL = 0.95  # every page of 64 that a person or the reference corpus read keeps more


@dataclass(frozen=True, slots=True)
class Target:
    """One policy to follow: the domain that names the document, and where the policy is.

    `policy_url` is None where the domain list gives no address. `line` is the line in the list;
    `archive` the archive that is asked, empty in the list.
    """

    domain: str
    policy_url: str | None
    line: int = field(default=0, compare=False)
    archive: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One row of an archive's index, for one policy.

    `timestamp` is 14 digits as the index has it; `original` is the address that was captured,
    verbatim. `statuscode`, `digest` and `length` (bytes of the stored record) are None where the
    index has "-". `location` says where the archive keeps it, if its address does not tell.
    """

    archive: str
    domain: str
    policy_url: str
    urlkey: str
    timestamp: str
    original: str
    mimetype: str
    statuscode: int | None
    digest: str | None
    length: int | None
    location: str | None = None

    @property
    def target(self) -> Target:
        """The policy it is of."""
        return Target(self.domain, self.policy_url, archive=self.archive)

    @property
    def capture_id(self) -> UUID:
        """Identity of the capture: the same row listed twice has the same one."""
        parts = (
            self.archive,
            self.domain,
            self.policy_url,
            self.timestamp,
            self.original,
            self.digest or "-",
        )
        return UUID(bytes=blake2b("\n".join(parts).encode(), digest_size=16).digest())

    @property
    def is_redirect(self) -> bool:
        """Whether the index says that the site answered with a redirect."""
        return self.statuscode is not None and 300 <= self.statuscode < 400


@dataclass(frozen=True, slots=True)
class MalformedRow:
    """A row of an index reply that cannot be used, as it came (cut at 2,000 characters)."""

    row: str
    reason: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One page of an index: rows, rows that cannot be used, and the opaque key of the next page."""

    captures: list[Capture]
    malformed: list[MalformedRow]
    resume_key: str | None


@dataclass(frozen=True, slots=True)
class KnownCapture:
    """A capture and what is known of it so far.

    `fingerprint` is that of its text, None while none is known; `served_exactly` says whether that
    text came from this very capture and not from one nearby. `chosen_by` is the rule by which it
    was chosen to be fetched, in this run or an earlier one. `lately` says whether it was fetched
    within UNPLAYABLE_DAYS; `language` is that of its text, None where unsure.
    """

    capture: Capture
    outcome: Outcome = Outcome.PENDING
    fingerprint: str | None = None
    served_exactly: bool = False
    chosen_by: str | None = None
    lately: bool = False
    language: str | None = None

    @property
    def has_text(self) -> bool:
        """Whether a text is known for it."""
        return self.fingerprint is not None

    @property
    def again(self) -> bool:
        """Whether to ask for it again: what could not be played lately cannot be played yet."""
        return self.outcome.again and not (self.outcome.unplayable and self.lately)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an archive answered: final address, status, headers (names in lower case), body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(slots=True)
class ListingEnd:
    """The end of one policy's listing: an item for the store."""

    target: Target
    status: Listing
    detail: str | None = None


@dataclass(slots=True)
class Memento:
    """A captured page as the archive served it: an item on its way to extraction.

    `served_timestamp` and `served_url` are what the archive says it served, which may differ from
    the capture asked for. `headers` are the reply's, names in lower case; `kept` says where the
    page is kept.
    """

    capture: Capture
    served_timestamp: str
    served_url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    kept: "PageAddress | None" = None

    @property
    def content_type(self) -> str | None:
        """The site's own Content-Type header."""
        return dict(self.headers).get("content-type")


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where a fetched page is kept: name of the WARC file, byte offset of its record."""

    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """What an extractor took from a page: the page's own title, and the main text as Markdown.

    `extractor` names the extractors and their versions; `kept` is the share of the page's
    policy-like words that the text keeps (0 to 1), and `audit` says more about it, as JSON.
    `canonical` is the address that the page says it should be known by.
    """

    title: str = field(repr=False)
    body: str = field(repr=False)
    extractor: str
    kept: float = 1.0
    audit: str = field(default="{}", repr=False)
    canonical: str | None = None

    @property
    def text_id(self) -> str:
        """The text's identity: the SHA-256 (hex) of title, line feed, body in UTF-8."""
        return sha256(f"{self.title}\n{self.body}".encode()).hexdigest()

    @property
    def doubtful(self) -> bool:
        """Whether so much of the page's policy is missing that a person should look."""
        return self.kept < DOUBTFUL


@dataclass(frozen=True, slots=True)
class Text:
    """A text and what can be said of it: all but `extracted` follows from its title and body.

    `text_id` is that of `extracted`; `plain` the body without markup, `words` its words;
    `fingerprint` is equal for texts whose words are the same (see `pipelines.text.fingerprint`).
    `language` is an ISO 639-1 code, None where unsure. `stated_date` is the date that the policy
    states of itself, `stated_phrase` the words that state it; None rather than a guess.
    `policy_score` is how likely it is a privacy policy, 0 to 1, and `policy_reasons` what spoke for
    and against; None in a language that the judge does not know.
    """

    text_id: str
    extracted: Extracted
    plain: str = field(repr=False)
    fingerprint: str
    words: int
    language: str | None
    language_confidence: float
    stated_date: date | None
    stated_phrase: str | None
    policy_score: float | None
    policy_reasons: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page says: its text, None if there is none.

    `tree` is equal for pages whose texts are equal, too: captures that differ in scripts and
    comments alone; None where a text follows from more than that. What is known is not made again:
    `same_as` is the known tree, or the known text's id, and there is no `text`. `canonical` is the
    address it should be known by.
    """

    text: Text | None
    tree: str | None = None
    canonical: str | None = None
    same_as: str | None = None


@dataclass(slots=True)
class Document:
    """A capture with its text: an item on its way to the judge and the store.

    `tree` identifies what of the page its text follows from, if it was read for that.
    """

    capture: Capture
    served_timestamp: str
    served_url: str
    text: Text
    kept: PageAddress | None = None
    tree: str | None = None


@dataclass(slots=True)
class Loss:
    """A capture without a text, and why: an item for the store."""

    capture: Capture
    outcome: Outcome
    detail: str | None = None
    served_timestamp: str | None = None
    served_url: str | None = None
    kept: PageAddress | None = None
