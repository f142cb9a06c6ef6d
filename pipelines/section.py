"""Pages that hold several documents: terms, privacy policy, imprint, one after the other."""

import re
from itertools import pairwise

from lxml.etree import _Element

from pipelines import dom
from pipelines.audit import is_furniture
from pipelines.dom import TEXT

_PRIVACY = re.compile(
    r"privacy|data protection|datenschutz|confidentialité|vie privée|données personnelles"
    r"|privacidad|protección de datos|riservatezza|gegevensbescherming|prywatności|privacidade",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:terms|conditions|user agreement|licen[cs]e agreement|eula|copyright|imprint|legal notice"
    r"|disclaimer|acceptable use|community guidelines|agb|geschäftsbedingungen|nutzungsbedingungen"
    r"|impressum|mentions légales|conditions générales|cgu|cgv|términos|condiciones|aviso legal"
    r"|termini|condizioni|voorwaarden|regulamin|termos|villkor)\b",
    re.I,
)
TITLE_WORDS = 6
DOCUMENT_WORDS = 250  # fewer are a section of a document, not one


def keep_policy(body: _Element, title: str) -> bool:
    """Take out all but the privacy policy, where a page holds other documents beside it.

    Documents are told by headings of one level that are little more than a document's name, each
    with much text of its own. A page whose own title speaks of privacy and of nothing else is one
    document, whatever its sections are called.
    """
    titles = [title, *(dom.text_of(head) for head in body.iterdescendants("h1"))]
    if sum(bool(_OTHER.search(text)) for text in titles) == 0 and _PRIVACY.search(" ".join(titles)):
        return False
    for tag in ("h1", "h2", "h3"):
        heads = [head for head in body.iterdescendants(tag) if _names_document(head)]
        if len(heads) < 2 or not any(_PRIVACY.search(dom.text_of(head)) for head in heads):
            continue
        parts = _parts(body, heads)
        long = [part for part in parts if _words(part[1]) > DOCUMENT_WORDS]
        policies = [part for part in parts if _PRIVACY.search(dom.text_of(part[0]))]
        others = [part for part in long if part not in policies]
        if not others or not any(part in long for part in policies):
            continue
        wanted = {text for _, texts in policies for text in texts}
        for text in list(body.iter(TEXT)):
            if text not in wanted:
                dom.remove(text)
        return True
    return False


def _names_document(head: _Element) -> bool:
    text = dom.text_of(head)
    return (
        0 < len(text.split()) <= TITLE_WORDS
        and bool(_PRIVACY.search(text) or _OTHER.search(text))
        and not any(is_furniture(around) for around in head.iterancestors())
    )


def _parts(body: _Element, heads: list[_Element]) -> list[tuple[_Element, list[_Element]]]:
    """Return each heading with the texts up to the next one."""
    order = {node: place for place, node in enumerate(body.iter())}
    texts = list(body.iter(TEXT))
    bounds = [*(order[head] for head in heads), len(order)]
    return [
        (head, [text for text in texts if start <= order[text] < end])
        for head, (start, end) in zip(heads, pairwise(bounds), strict=True)
    ]


def _words(texts: list[_Element]) -> int:
    return sum(len((text.text or "").split()) for text in texts)
