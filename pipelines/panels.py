"""Parts of a page that a reader opens by a click: accordions, tabs, "read more".

They are hidden as long as nobody clicks, and they are text of the policy all the same.
"""

import re
from typing import Any, cast

from lxml.etree import XPath, _Element

from pipelines import audit, dom
from pipelines.reader import is_hidden
from pipelines.tidy import link_density

_PANEL = re.compile(
    r"accordion|collaps|expand|panel|toggle|tab-?(?:content|pane|body)|faq|read-?more|more-?text"
    r"|answer|drawer|disclosure|slide-?(?:down|content)",
    re.I,
)
_HIDING = re.compile(r"(^|;)\s*display\s*:\s*none\s*(?:!important\s*)?", re.I)
_MAYBE_HIDDEN = XPath(".//*[@hidden or @aria-hidden or @style]")
_TARGETS = XPath(".//@aria-controls | .//@*[starts-with(., '#')]")
PROSE = 20  # words; fewer are a label or a tooltip


def open_panels(body: _Element) -> int:
    """Make visible what a click would show; return how many panels that were."""
    hidden = [element for element in _find(_MAYBE_HIDDEN, body) if is_hidden(element)]
    if not hidden:
        return 0
    targets = _targets(body)
    opened = 0
    for element in hidden:
        if _is_panel(element, targets) and _is_prose(element):
            for name in ("hidden", "aria-hidden"):
                element.attrib.pop(name, None)
            element.set("style", _HIDING.sub(r"\1", element.get("style", "")))
            opened += 1
    return opened


def _find(path: XPath, body: _Element) -> list[Any]:
    return cast(list[Any], path(body))


def _targets(body: _Element) -> set[str]:
    """Return the ids that the page's controls point at."""
    found: set[str] = set()
    for value in _find(_TARGETS, body):
        found.update(str(value).lstrip("#").split())
    return found


def _is_panel(element: _Element, targets: set[str]) -> bool:
    return (
        element.get("id", " ") in targets
        or element.get("role") in ("tabpanel", "region")
        or element.get("aria-labelledby") is not None
        or _PANEL.search(dom.names_of(element)) is not None
    )


def _is_prose(element: _Element) -> bool:
    return (
        len(dom.raw_text(element).split()) >= PROSE
        and link_density(element) < audit.LINKED
        and not audit.is_furniture(element)
        and not any(audit.is_furniture(around) for around in element.iterancestors())
    )
