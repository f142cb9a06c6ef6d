"""What leads to an address: by which route, found where, in which words. Pure."""

from dataclasses import dataclass

from crawler.closed_lists import ClosedList


class Route(ClosedList):
    """How an address came to be known."""

    LISTED = "listed", "The domain list names it."
    INDEX = "index", "The archive's index of the whole site has an address with such a name."
    HOME = "home", "A capture of the site's home page, or of a frame of it, links to it."
    HUB = "hub", "A page that the home page links to, such as its legal notice, links to it."
    SITEMAP = "sitemap", "A sitemap in the archive names it."
    SEAL = "seal", "A page of another host that is about the site, such as a seal's, links to it."
    REDIRECT = "redirect", "A capture of an address already known was answered from it."
    CANONICAL = "canonical", "The page at an address already known names it as its canonical one."


class Kind(ClosedList):
    """What an address is to its site."""

    MAIN = "main", "It had the site's privacy policy."
    SUB = "sub", "A policy for some only: of an app, for children or applicants, of a region."
    LANGUAGE = "language", "A policy in another language than the main one."
    OTHER = "other", "A policy that stood beside the main one, with another text."
    COPY = "copy", "It had the text of the main policy while that stood elsewhere."
    UNSEEN = (
        "unseen",
        "No capture of it could be had: nobody knows what it holds. `policy_url` is null if that is"
        " so of the whole site: it may have a policy.",
    )
    REFUSED = "refused", "What it had was read, and is no privacy policy."
    UNREAD = (
        "unread",
        "Nobody has looked at it: others spoke louder, or the site's requests were used up.",
    )
    NOTHING = "nothing", "All that was asked was answered, and no policy of the site found."


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe that a policy is at an address.

    `timestamp` is of the capture that says so (14 digits; of the index: the first), `found_at` its
    address (None: the index), `says` the words. `score` grows with what it is worth: 3 is a clear
    name, below 1 is next to nothing.
    """

    policy_url: str
    route: Route
    timestamp: str
    found_at: str | None
    says: str
    score: float
