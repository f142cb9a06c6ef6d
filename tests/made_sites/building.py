"""A made site is written call by call: what stood where, from when to when, captured how often."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from textwrap import wrap
from urllib.parse import quote, urljoin, urlsplit

from tests.made_sites.layouts import LAYOUTS, Front, Layout, footer_list
from tests.made_sites.pages import Frame, Link, charset, document, encoded, menu_of
from tests.made_sites.records import MadeSite, Stay
from tests.made_sites.wording import Company, policy, say, words
from tests.pdf_files import pdf
from tests.wayback_dialect import Captured

_ASIDE = ("about", "contact")  # pages that every site has
_FOLLOWED = 0.6  # of redirects
_FAILED = 0.3  # of home pages, once
_KNOWN_FOR = timedelta(days=300)
_NOISE_FROM = 2005  # pages that change with every capture
_PLAIN = str.maketrans({"(": "[", ")": "]", "’": "'", "\\": "/"})  # PDF's own brackets
Span = tuple[int | str, int | str]  # 2004, "200403" or a date in digits; both ends inclusive
Text = tuple[str, Sequence[str]]  # a title, paragraphs


def held_back(domain: str) -> bool:
    """Whether a site is kept for the last measurement; no choice of ours."""
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % 3 == 0


def address(url: str) -> str:
    """Return an address as an archive lists it, in ASCII."""
    return quote(url, safe="/:?&=#%~+,;!@$'()*")


def instant(digits: str) -> datetime:
    """Return the time of a timestamp."""
    return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}+00:00")


def timestamp(moment: datetime) -> str:
    """Return the 14 digits of a time."""
    return moment.strftime("%Y%m%d%H%M%S")


def _day(digits: int | str) -> datetime:
    whole = str(digits)
    return datetime.strptime(whole + "00000101"[len(whole) :], "%Y%m%d").replace(tzinfo=UTC)


def _after(digits: int | str) -> datetime:
    """The first day after a year, a month or a day."""
    days = {4: 366, 6: 31, 8: 1}[len(str(digits))]
    return _day(digits) + timedelta(days=days - (len(str(digits)) == 4))


class Site:
    """A site under way; an address that begins with a slash is on the host `base`."""

    def __init__(self, domain: str, language: str, name: str, *traps: str) -> None:
        self.domain, self.language, self.name = domain, language, name
        self.traps = set(traps)
        self.host = domain.encode("idna").decode()
        self.base = f"http://www.{self.host}"
        self.captures: list[Captured] = []
        self.main: list[Stay] = []
        self.others: dict[str, str] = {}
        self.chance = random.Random(domain)
        self.abroad: dict[str, random.Random] = {}
        self.menu = menu_of(language)
        self.extra: list[Link] = []  # links of every home page, such as to other policies

    def at(self, base: str) -> "Site":
        """Go on at another host or scheme."""
        self.base = base
        return self

    def url(self, path: str) -> str:
        """Return the whole address of a path, or an address as it is."""
        return address(urljoin(self.base + "/", path) if "://" not in path else path)

    def chance_of(self, path: str) -> random.Random:
        """Return the chance by which an address is captured: the same for all, if not our own."""
        url = self.url(path)
        if (urlsplit(url).hostname or "").endswith(self.host):
            return self.chance
        return self.abroad.setdefault(url, random.Random(url))

    def moments(self, span: Span, times: int, path: str = "/") -> list[str]:
        """Return as many timestamps between two dates, the first soon after the first."""
        chance = self.chance_of(path)
        first, last = _day(span[0]), _after(span[1])
        seconds = int((last - first).total_seconds()) - 1
        early = chance.randrange(seconds // (3 * times) + 1)
        rest = [chance.randrange(early, seconds) for _ in range(times - 1)]
        moments = sorted({early, *rest})
        return [timestamp(first + timedelta(seconds=at)) for at in moments]

    def home(
        self,
        since: int | str,
        until: int | str,
        layout: Layout = footer_list,
        link: str | None = None,
        text: str = "",
        *,
        path: str = "/",
        each_year: int = 3,
        language: str = "",
        footer: Sequence[Link] = (),
        head: str = "",
        says: Sequence[str] = (),
    ) -> None:
        """Capture the home page; `link` is where it leads for the policy, `text` the link's words.

        One year in five is missing, if it is not the first or the last.
        """
        self.traps.add(LAYOUTS[layout])
        language = language or self.language
        said = words(language)
        first, last = int(str(since)[:4]), int(str(until)[:4])
        text = text or self.chance.choice([said["policy"], said["link"]])
        links = [(said["terms"], "/terms.html"), (said["contact"], "/contact.html"), *footer]
        links += [*self.extra, *([(text, link)] if link else [])]
        for year in range(first, last + 1):
            if first < year < last and self.chance.random() < 0.2:
                continue
            span = (since if year == first else year, until if year == last else year)
            for moment in self.moments(span, each_year):
                noise = self.noise(year, path)
                frame = Frame(language, self.name, year, self.menu, links, head, noise)
                front = Front(frame, self.name, [*says, say(language, "shop", self.company)])
                for part, page in layout(front).items():
                    self.add(moment, urljoin(path, part), encoded(page, language, year), year)

    def noise(self, year: int, path: str) -> str:
        """What differs from capture to capture."""
        return f"<!-- {self.chance_of(path).getrandbits(48):x} -->" if year >= _NOISE_FROM else ""

    @property
    def company(self) -> Company:
        return Company(self.name, urlsplit(self.base).hostname or "")

    def add(
        self, moment: str, path: str, body: bytes, year: int, status: int = 200, language: str = ""
    ) -> None:
        """Add a capture of an HTML page."""
        name = charset(language or self.language, year)
        kind = "text/html" if year < 2009 else f"text/html; charset={name}"
        self.captures.append(
            Captured(moment, self.url(path), body, status=status, content_type=kind)
        )

    def policy(self, path: str, since: int | str, until: int | str, times: int = 12) -> None:
        """The main policy stood here."""
        moments = self._policy(path, (since, until), times)
        self.main.append(Stay(self.url(path), moments[0], moments[-1]))

    def other(
        self,
        path: str,
        what: str,
        since: int | str,
        until: int | str,
        times: int = 6,
        *,
        language: str = "",
        kind: str = "",
        name: str = "",
        title: str = "",
    ) -> None:
        """Another text that reads as a policy stood here.

        `kind` is the paragraph about what it is for, `name` whose it is, if not the site's.
        """
        host = urlsplit(self.url(path)).hostname or ""
        own = Company(name, host) if name else self.company
        self._policy(path, (since, until), times, own, language, kind, title)
        self.others[self.url(path)] = what

    def still(
        self, path: str, since: int | str, until: int | str, times: int = 4, canonical: str = ""
    ) -> None:
        """An old address served the policy on, though it had moved; it may name the new one."""
        head = f'<link rel="canonical" href="{self.url(canonical)}">' if canonical else ""
        self._policy(path, (since, until), times, head=head)

    def pdf(self, path: str, what: str, since: int | str, until: int | str, times: int = 4) -> None:
        """A policy in PDF: the main one if `what` is "main", else another, as in `other`."""
        moments = self.moments((since, until), times, path)
        for moment in moments:
            text = policy(self.language, self.company, int(moment[:4]))
            lines = [words(self.language)["policy"], *wrap("  ".join(text), 88)]
            body = pdf([line.translate(_PLAIN) for line in lines])
            self.captures.append(
                Captured(moment, self.url(path), body, content_type="application/pdf")
            )
        if what == "main":
            self.main.append(Stay(self.url(path), moments[0], moments[-1]))
        else:
            self.others[self.url(path)] = what

    def _policy(
        self,
        path: str,
        span: Span,
        times: int,
        company: Company | None = None,
        language: str = "",
        kind: str = "",
        title: str = "",
        head: str = "",
    ) -> list[str]:
        language, company = language or self.language, company or self.company
        moments = self.moments(span, times, path)
        for moment in moments:
            year = int(moment[:4])
            heading = title or words(language)["policy"]
            text = policy(language, company, year, kind)
            self.text_page(
                moment, path, (heading, text), language=language, name=company.name, head=head
            )
        return moments

    def text_page(
        self,
        moment: str,
        path: str,
        text: Text,
        *,
        links: Sequence[Link] = (),
        status: int = 200,
        language: str = "",
        name: str = "",
        head: str = "",
    ) -> None:
        """Capture a page with a text, and links at its foot."""
        year, language = int(moment[:4]), language or self.language
        frame = Frame(
            language,
            name or self.name,
            year,
            self.menu,
            [(words(language)["contact"], "/contact.html"), *links],
            head,
            self.noise(year, path) if self.chance_of(path).random() < 0.5 else "",
        )
        body = encoded(document(frame, *text), language, year)
        self.add(moment, path, body, year, status, language)

    def page(
        self,
        path: str,
        since: int | str,
        until: int | str,
        text: Text | str,
        times: int = 4,
        *,
        links: Sequence[Link] = (),
        status: int = 200,
        language: str = "",
        head: str = "",
    ) -> None:
        """Another page stood here; a text by its key is in the site's language."""
        if isinstance(text, str):
            said = words(language or self.language)
            title = said.get(text.removesuffix("_text"), self.name)
            title = title if len(title) < 60 else self.name
            text = (title, [say(language or self.language, text, self.company)])
        for moment in self.moments((since, until), times, path):
            self.text_page(
                moment, path, text, links=links, status=status, language=language, head=head
            )

    def redirect(
        self,
        path: str,
        target: str,
        since: int | str,
        until: int | str,
        times: int = 4,
        status: int = 301,
    ) -> None:
        """The address led elsewhere."""
        leads_to = self.url(target)
        for moment in self.moments((since, until), times, path):
            self.captures.append(
                Captured(
                    moment,
                    self.url(path),
                    b"<html><body>Moved</body></html>" if times % 2 else b"",
                    status=status,
                    location=f"/web/{moment}id_/{leads_to}",
                    content_type="text/html",
                )
            )

    def gone(self, path: str, since: int | str, until: int | str, times: int = 2) -> None:
        """The address was answered with 404."""
        self.page(path, since, until, "missing", times, status=404)

    def raw(
        self, path: str, since: int | str, until: int | str, body: bytes, kind: str, times: int = 3
    ) -> None:
        """Something that is not HTML stood here: text, XML, PDF."""
        for moment in self.moments((since, until), times, path):
            self.captures.append(Captured(moment, self.url(path), body, content_type=kind))

    def made(self) -> MadeSite:
        """Return the site, with the pages aside that every site has."""
        self._aside()
        for moved in [capture for capture in self.captures if capture.location]:
            if self.chance.random() < _FOLLOWED:
                self._follow(moved)
        self.captures.sort(key=lambda capture: (capture.timestamp, capture.url))
        if "revisits" in self.traps:
            self._revisit()
        return MadeSite(
            domain=self.domain,
            language=self.language.partition("-")[0],
            captures=tuple(self.captures),
            main=tuple(self.main),
            others=dict(self.others),
            traps=frozenset(self.traps),
            held_back=held_back(self.domain),
        )

    def _follow(self, moved: Captured) -> None:
        """Capture the target seconds after a redirect, as crawlers do, if it is known by then."""
        target = (moved.location or "").partition("id_/")[2]
        known = [c for c in self.captures if (c.url, c.status) == (target, 200)]
        if not known:
            return
        moment = timestamp(instant(moved.timestamp) + timedelta(seconds=self.chance.randint(1, 9)))
        nearest = min(known, key=lambda c: abs(instant(c.timestamp) - instant(moment)))
        if abs(instant(nearest.timestamp) - instant(moment)) < _KNOWN_FOR:
            self.captures.append(replace(nearest, timestamp=moment))
            self.main = [
                replace(stay, since=min(stay.since, moment), until=max(stay.until, moment))
                if stay.policy_url == target and stay.since <= nearest.timestamp <= stay.until
                else stay
                for stay in self.main
            ]

    def _revisit(self) -> None:
        """List captures of a page that had not changed as revisits, as crawlers do since 2009."""
        seen: set[tuple[str, bytes]] = set()
        for at, capture in enumerate(self.captures):
            page = (capture.url, capture.body)
            if page in seen and capture.timestamp >= "2009" and capture.status == 200:
                self.captures[at] = replace(
                    capture, revisit=True, body=b"", digest=capture.row()[5]
                )
            seen.add(page)

    def _aside(self) -> None:
        own = [c for c in self.captures if (urlsplit(c.url).hostname or "").endswith(self.host)]
        earliest = min(own, key=lambda capture: capture.timestamp)
        first, host = earliest.timestamp[:4], urlsplit(earliest.url)
        self.base = f"{host.scheme}://{host.netloc}"
        last = max(capture.timestamp for capture in own)[:4]
        there = {urlsplit(capture.url).path for capture in own}
        for key in _ASIDE:
            if f"/{key}.html" not in there:
                text = (words(self.language)[key], [say(self.language, "shop", self.company)])
                self.page(f"/{key}.html", first, last, text, times=2)
        if "/terms.html" not in there:
            self.page("/terms.html", first, last, "terms_text", times=3)
        self.raw("/style.css", first, last, b"body { margin: 0 }", "text/css", times=2)
        if "/robots.txt" not in there:
            self.raw(
                "/robots.txt", first, last, b"User-agent: *\nDisallow: /cgi-bin/\n", "text/plain"
            )
        if self.chance.random() < _FAILED:
            self.page("/", first, last, "missing", 1, status=503)
        self.redirect(f"http://{host.netloc.removeprefix('www.')}/", "/", first, last, 2)
        self.raw("/img/logo.gif", first, last, b"GIF89a\x01\x00\x01\x00", "image/gif", times=2)
