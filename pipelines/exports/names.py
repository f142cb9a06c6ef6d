"""The names of files and folders that an export writes. Pure.

Names come from archived pages' domains, which are hostile: what is returned is lower-case ASCII
that has no meaning to a file system or to git, whatever is given, and differs where the input does.
"""

import re
from hashlib import sha256
from urllib.parse import quote

_PLAIN = re.compile(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)*")
_LONGEST = 150  # with label, timestamp and ending well below 255, what a name may have anywhere


def site_name(domain: str) -> str:
    """Return a domain's name as a file or folder: itself, if it looks like a domain."""
    if _PLAIN.fullmatch(domain) and len(domain) <= _LONGEST:
        return domain
    readable = quote(domain.lower(), safe="", errors="replace").lower().lstrip(".")
    return f"{readable[:_LONGEST]}~{_short(domain)}".replace("..", "%2e.")


def letters(name: str) -> str:
    """Return the folders that a site's name is in: `s/so/sof` for `softperfect.com`.

    A dot in them is written as `_` (`t/t_/t_c` for `t.co`).
    """
    start = re.sub(r"[^a-z0-9_-]", "_", name[:3])
    return f"{start[:1]}/{start[:2]}/{start}"


def label(main: bool, archive: str, policy_id: str, language: str | None) -> str:
    """Return what a policy's file has behind the site's name: nothing, for the site's main policy.

    For others `~` with the language and what tells the policy apart: `~de-0f1e2d3c4b5a`.
    """
    if main:
        return ""
    known = f"{language}-" if language and re.fullmatch("[a-z]{2,3}", language) else ""
    return f"~{known}{_short(archive, policy_id, language or '')}"


def version_file(domain: str, timestamp: str, label: str, alone: bool, snapshot_url: str) -> str:
    """Return where a version's document is: `s/so/sof/softperfect.com/20170215084014.md`.

    `timestamp` has 14 digits; `alone` is False for the second version of one second.
    """
    name = site_name(domain)
    other = "" if alone else f"~{_short(snapshot_url)}"
    return f"{letters(name)}/{name}/{timestamp}{label}{other}.md"


def policy_file(domain: str, label: str, ending: str) -> str:
    """Return where a policy's file is that grows by a commit a version: `l/li/lin/linux.org.md`."""
    name = site_name(domain)
    return f"{letters(name)}/{name}{label}.{ending}"


def _short(*parts: str) -> str:
    joined = "\n".join(parts).encode(errors="surrogatepass")
    return sha256(joined).hexdigest()[:12]
