"""A sentence looked for in all that is known of a site's policies. Reads the corpus."""

import duckdb

from crawler.errors import InputError
from pipelines.citation.citing import Findings, Near, closest, periods
from pipelines.citation.sightings import History, Sighting, histories, plain_texts
from pipelines.citation.verify_evidence import find
from pipelines.inert import printable
from pipelines.storage.corpus import check_site


def seek(
    db: duckdb.DuckDBPyConnection, domain: str, sentence: str, address: str | None = None
) -> Findings:
    """Look for a sentence, which has a word, in the texts of a site, or of one policy of it.

    InputError if site or address are not known.
    """
    check_site(db, domain)
    known = _of_policy(histories(db, domain), address)
    ids = {sighting.text_id for history in known for sighting in history.sightings}
    places = {text_id: find(sentence, text) for text_id, text in plain_texts(db, ids)}
    found = [(history, periods(history, places)) for history in known]
    ends = {s.text_id for _, some in found for period in some for s in period.ends.values()}
    absent = plain_texts(db, {text_id for text_id in ends if not places[text_id]})
    near = {found.text_id: found for text in absent for found in closest(sentence, [text], 1)}
    return Findings(domain, sentence, found, places, near)


def alike(db: duckdb.DuckDBPyConnection, findings: Findings) -> list[tuple[Sighting, Near]]:
    """Return what is most like a sentence that no version holds, and where it is seen first."""
    seen = [sighting for history, _ in findings.histories for sighting in history.sightings]
    first = {sighting.text_id: sighting for sighting in reversed(seen)}
    near = closest(findings.sentence, plain_texts(db, first))
    return [(first[found.text_id], found) for found in near]


def _of_policy(known: list[History], address: str | None) -> list[History]:
    """Return the histories of the policy that had an address; InputError if there is none."""
    chosen = [history for history in known if address in (None, *history.addresses)]
    if known and not chosen:
        others = sorted({printable(a) for history in known for a in history.addresses})
        raise InputError(
            f"--policy-url {address}: not the address of a policy with a text; those are"
            f" {', '.join(others)}"
        )
    return chosen
