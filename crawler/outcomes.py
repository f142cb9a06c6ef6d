"""The closed list of what can become of a capture, and of the listing of a policy's captures.

Everything that shows these lists (the SQL table `outcomes`, the data dictionary, the summary)
is made from this module.
"""

from enum import StrEnum

from crawler.closed_lists import ClosedList


class Outcome(StrEnum):
    """What became of one capture. Every capture that the index knows has exactly one.

    `meaning` says it in a sentence. `unplayable`: the archive lists the capture but did not give
    it, so another capture may stand in for it. `again`: a later run asks for it again, while
    nothing stands in for it.
    """

    meaning: str
    unplayable: bool
    again: bool

    @property
    def of_page(self) -> bool:
        """Whether it says what was captured, so that it holds for every capture of the digest."""
        return self in _OF_PAGE

    def __new__(
        cls, value: str, meaning: str = "", unplayable: bool = False, again: bool = False
    ) -> "Outcome":
        """Make a member from its SQL name and what is known about it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.unplayable = unplayable
        member.again = again
        return member

    TEXT = "text", "Fetched; its text is in `texts` (`text_id`)."
    SAME_DIGEST = (
        "same_digest",
        "Not fetched: the index gives it the digest of a capture of this policy that was; it has "
        "that capture's `text_id`, or none where that capture gave no text.",
    )
    NOT_SELECTED = "not_selected", "Not fetched: the rule of `select` passed over it."
    PENDING = (
        "pending",
        "Listed, not fetched yet: the run was stopped or goes on; start it again.",
        False,
        True,
    )
    NOT_FOUND = "not_found", "The site answered the archive's crawler with 404 or 410."
    HTTP_ERROR = "http_error", "The site answered the archive's crawler with another 4xx or 5xx."
    SOFT_404 = "soft_404", "A page that says, with status 200, that there is no such page."
    BLOCKED = "blocked", "A captcha or bot wall that the archive's crawler was shown."
    LOGIN = "login", "A page that asks who you are before it shows anything."
    CONSENT_WALL = "consent_wall", "A page that asks for consent before it shows anything."
    PARKED = "parked", "A parked domain: for sale, or nothing but advertisements."
    SCRIPT_SHELL = "script_shell", "A shell that a script was to fill: the page has no text itself."
    NOT_POLICY = (
        "not_policy",
        "Read as something else than a privacy policy; its score is in `detail`.",
    )
    EMPTY = "empty", "An HTML page in which no main text was found."
    UNSUPPORTED_TYPE = "unsupported_type", "Neither HTML nor PDF: an image, plain text and so on."
    EXTRACT_FAILED = "extract_failed", "The extractor raised an error, or its process died twice."
    EXTRACT_TIMEOUT = "extract_timeout", "Extraction took longer than EXTRACT_TIMEOUT."
    TOO_LARGE = (
        "too_large",
        "The body is larger than DOWNLOAD_MAXSIZE, or its tree than any policy's.",
    )
    DAMAGED = "damaged", "The body ends too early or cannot be decoded.", True, True
    WRONG_CAPTURE = (
        "wrong_capture",
        "The archive served a capture further away than MEMENTO_WINDOW.",
        True,
        True,
    )
    REDIRECT_LOST = (
        "redirect_lost",
        "An archived redirect that goes in circles, goes on too long or leads to no address.",
    )
    TARGET_NOT_ARCHIVED = (
        "target_not_archived",
        "An archived redirect whose target the archive does not have.",
    )
    FRAMESET = "frameset", "A page of frames; the archive does not have the frame with its content."
    NOT_ARCHIVED = "not_archived", "Listed in the index, but the archive has no page.", True, True
    EXCLUDED = "excluded", "The archive excludes this site or page.", True
    ROBOTS = "robots", "The archive withholds the page because of a robots.txt.", True
    ARCHIVE_ERROR = (
        "archive_error",
        "The archive could not be asked: live errors, timeouts, refused connections, after all "
        "retries.",
        False,
        True,
    )


_OF_PAGE = (
    Outcome.NOT_FOUND,
    Outcome.HTTP_ERROR,
    Outcome.SOFT_404,
    Outcome.BLOCKED,
    Outcome.LOGIN,
    Outcome.CONSENT_WALL,
    Outcome.PARKED,
    Outcome.SCRIPT_SHELL,
    Outcome.NOT_POLICY,
    Outcome.EMPTY,
    Outcome.UNSUPPORTED_TYPE,
    Outcome.EXTRACT_FAILED,
    Outcome.EXTRACT_TIMEOUT,
    Outcome.TOO_LARGE,
)


# Nobody has looked at such a capture.
NOT_FETCHED = (Outcome.PENDING, Outcome.NOT_SELECTED, Outcome.ARCHIVE_ERROR)


class Listing(ClosedList):
    """How the listing of one policy's captures ended, in the run that asked for it."""

    COMPLETE = "complete", "The index was read to its end; zero rows means that there are none."
    PARTIAL = "partial", "Some rows were read; the archive did not let us read to the end."
    FAILED = "failed", "The index could not be read; nothing is known about captures."
    EXCLUDED = "excluded", "The archive excludes the site."
    ROBOTS = "robots", "The archive withholds the site because of a robots.txt."
    NO_POLICY_URL = (
        "no_policy_url",
        "The domain list gives no address of this domain's policy, and none was found; "
        "`scrapy plan` looks for none.",
    )
    UNFINISHED = "unfinished", "The run ended before the listing did; start it again."
