"""Step 7: the language of a text, with how sure we are.

The identifier is py3langid (BSD-3-Clause): 139 languages, its model inside the wheel, by the
author of trafilatura. Of six that were compared it alone named all of 74 short samples in 37
languages. Its own probability is near 1 even where a page mixes languages, so the text is asked
in several places and the confidence is the mean of the answers.
"""

import re
from functools import cache
from typing import NamedTuple

from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model

SURE = 0.5
FEWEST_LETTERS = 24
_WINDOW = 400
_WINDOWS = 9
_CUT = 600  # characters of a piece before what is no language is taken out of it

_NO_LANGUAGE = re.compile(r"\]\([^)\s]{0,500}\)|<[^<>]{0,500}>|https?://\S{1,500}|[\d\W_]+")
_DENSE_SCRIPT = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Language(NamedTuple):
    """A language as ISO 639-1 code (None: too short or unsure) and the confidence, 0 to 1."""

    code: str | None
    confidence: float


def identify(text: str) -> Language:
    """Return the language that most of a text is in; markup and addresses are left out.

    Below 24 letters (8 where the script is Chinese, Japanese or Korean) nothing is said, and
    below a confidence of one half the code is None. Takes at most a few milliseconds.
    """
    if len(text) > _WINDOWS * _CUT:
        text = " ".join(_pieces(text, _CUT))
    words = _NO_LANGUAGE.sub(" ", text).strip()
    if _weight(words[:_WINDOW]) < FEWEST_LETTERS:
        return Language(None, 0.0)
    totals: dict[str, float] = {}
    windows = _pieces(words, _WINDOW)
    for window in windows:
        code, probability = _identifier().classify(window)
        totals[code] = totals.get(code, 0.0) + float(probability)
    code = max(sorted(totals), key=totals.__getitem__)
    confidence = round(totals[code] / len(windows), 4)
    return Language(code if confidence >= SURE and len(code) == 2 else None, confidence)


def _weight(words: str) -> int:
    """Letters, where one of a script that writes syllables or words at once counts three."""
    letters = sum(map(str.isalpha, words))
    return letters + 2 * len(_DENSE_SCRIPT.findall(words))


def _pieces(text: str, size: int) -> list[str]:
    """Cut up to nine pieces, spread evenly, so that a menu or a second language shows."""
    count = min(_WINDOWS, max(1, len(text) // size))
    step = max(1, (len(text) - size) // max(1, count - 1))
    return [text[start : start + size] for start in range(0, count * step, step)]


@cache
def _identifier() -> LanguageIdentifier:
    """Load the model (0.7 s) once a process, for the languages that ISO 639-1 has a code for.

    `zxx` (no language: numbers, identifiers) stays among the answers and becomes None. Bosnian
    is left out: no text of this length tells it from Croatian, and each takes half the other's.
    """
    scores, priors, names, *table = load_model(MODEL_DIR / MODEL_FILE)
    kept = [n for n, name in enumerate(names) if len(name) == 2 or name == "zxx"]
    moves, row, output = table
    return LanguageIdentifier(
        # a copy, so that the whole is let go: 27 MB; `scores[:, kept]` would be stored by columns,
        # and a feature's row is what a text looks up
        scores.take(kept, axis=1),
        priors[kept],
        [names[n] for n in kept],
        moves,
        output,
        norm_probs=True,
        tk_row=row,
    )
