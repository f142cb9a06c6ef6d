"""A data set for `datasets.load_dataset`: Parquet in splits that share no text, and a card."""

from pathlib import Path
from typing import Any

import duckdb
import yaml
from jinja2 import Environment, StrictUndefined

import crawler as project
from pipelines.exports.chosen import Chosen
from pipelines.exports.parquet import write_parts

SPLITS = {"train": 0.8, "validation": 0.9, "test": 1}  # where each ends, as shares of the versions
LATER = 0.2  # share of the versions that the config `by_time` has in `test`
_SIZES = "n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M"
_CLUSTERED = """
    SELECT count(*) FROM versions ANTI JOIN text_clusters USING (text_id) WHERE chosen"""
# A group has a name, its least text; it grows over what its members share, one way and the other.
_GROUPS = """
    CREATE TEMP TABLE groups AS
    SELECT number, {shared} AS shared, fingerprint, text_id AS name
    FROM versions LEFT JOIN text_clusters USING (text_id) WHERE chosen"""
_GROW = """
    CREATE OR REPLACE TEMP TABLE groups AS
    SELECT number, shared, fingerprint, before,
        min(name) OVER (PARTITION BY fingerprint) AS name
    FROM (SELECT * EXCLUDE (name), name AS before, min(name) OVER (PARTITION BY shared) AS name
        FROM (SELECT number, shared, fingerprint, name FROM groups))"""
_SPLIT = """
    UPDATE versions SET split = CASE {cases} END
    FROM (
        SELECT number, part FROM groups JOIN (
            SELECT name,
                (sum(size) OVER (ORDER BY md5(name)) - size / 2) / sum(size) OVER () AS part
            FROM (SELECT name, count(*) AS size FROM groups GROUP BY name)
        ) USING (name)
    ) AS shared WHERE shared.number = versions.number"""
_FIGURES = {
    "versions": "SELECT count(*) FROM versions WHERE chosen",
    "texts": "SELECT count(DISTINCT text_id) FROM versions WHERE chosen",
    "sites": "SELECT count(DISTINCT domain) FROM versions WHERE chosen",
    "policies": "SELECT count(DISTINCT (archive, domain, policy_id, language)) FROM versions"
    " WHERE chosen",
    "words": "SELECT sum(words)::BIGINT FROM versions WHERE chosen",
    "first": "SELECT min(archived_on) FROM versions WHERE chosen",
    "last": "SELECT max(archived_on) FROM versions WHERE chosen",
    "reader": "SELECT max(reader) FROM corpus",
}
_TABLES = {
    "languages": "SELECT language, count(*) FROM versions WHERE chosen GROUP BY ALL"
    " ORDER BY 2 DESC, 1",
    "years": "SELECT year(first_seen), count(*) FROM versions WHERE chosen GROUP BY ALL ORDER BY 1",
    "splits": "SELECT split, count(*), count(DISTINCT domain), count(DISTINCT text_id)"
    " FROM versions WHERE chosen GROUP BY ALL ORDER BY 2 DESC, 1",
    "outcomes": "SELECT outcome, meaning, count(*) FROM captures JOIN outcomes USING (outcome)"
    " SEMI JOIN (FROM versions WHERE chosen) AS of_site ON of_site.domain = captures.domain"
    " GROUP BY ALL ORDER BY 3 DESC, 1",
    "archives": "SELECT archive, count(*) FROM versions WHERE chosen GROUP BY ALL ORDER BY 1",
    "sources": "SELECT source, count(*) FROM captures WHERE source IS NOT NULL GROUP BY ALL"
    " ORDER BY 1",
}
_CARD = """---
{{ front -}}
---

# Privacy policies, version by version

{{ "{:,}".format(versions) }} dated versions of {{ "{:,}".format(policies) }} privacy policies of
{{ "{:,}".format(sites) }} sites, {{ first }} to {{ last }}: {{ "{:,}".format(texts) }} distinct
texts, {{ "{:,}".format(words) }} words in all. Each row is a version: a longest run of archived
captures of one policy, in one language, with the same text.

```python
from datasets import load_dataset

policies = load_dataset("THIS_FOLDER_OR_REPOSITORY")
{%- if cut %}
by_time = load_dataset("THIS_FOLDER_OR_REPOSITORY", "by_time")
{%- endif %}
```

## Splits

| split | versions | sites | texts |
| --- | ---: | ---: | ---: |
{%- for row in splits %}
| {{ row | map("figure") | join(" | ") }} |
{%- endfor %}

{% if clustered -%}
No text is in two splits, nor one that is nearly the same: each cluster of such texts
(`scrapy clusters`) is in one split as a whole. A site's versions can be in several, where they have
little in common.
{%- else -%}
No text is in two splits, nor two texts with the same words, nor two versions of one site.
Texts that are nearly the same, such as a template with another name in it, can be: run
`scrapy clusters` before the export to keep these together, too.
{%- endif %}
About eight tenths of the versions are in `train`, one in each of the others, as far as this allows.
{%- if cut %}

The config `by_time` has the versions first seen before {{ cut }} in `train`, the others in `test`.
It keeps times apart, not texts: a policy that barely changed is in both.
{%- endif %}

## What is in it

| language | versions |
| --- | ---: |
{%- for language, count in languages %}
| {{ language or "unsure" }} | {{ count | figure }} |
{%- endfor %}

| year first seen | versions |
| --- | ---: |
{%- for year, count in years %}
| {{ year }} | {{ count | figure }} |
{%- endfor %}

The columns: `markdown` is the whole document, with a first line that says where it is from; `text`
the same without markup; `timestamp`, `snapshot_url` and `archive` lead to the first capture with
it; `first_seen` and `last_seen` bound when it is known to have stood; `changed_after` and
`changed_before` when it came; `policy_id` is the policy, which may have moved; `returned` and
`variant` mark texts that have stood before.

## Coverage

A text that is not here may have stood all the same. Of these sites' captures became:

| outcome | captures | meaning |
| --- | ---: | --- |
{%- for outcome, meaning, count in outcomes %}
| `{{ outcome }}` | {{ count | figure }} | {{ meaning }} |
{%- endfor %}

## Where it is from

Made by policy-history {{ tool }} from web archives
(versions:
{%- for name, count in archives %} {{ name | code }} {{ count | figure }}
{%- endfor %}), texts by {{ reader | code }}.
{%- if where %} The versions for which {{ where | code }} holds.{% endif %}
{%- for source, count in sources %}
The text of {{ count | figure }} captures is from {{ source | code }}, made with other extractors.
{%- endfor %}

## Licence

The texts belong to those who wrote them; nobody has licensed them. Archives have terms of their
own. They are here for research; see the law of where you are before you publish them.

## To cite it

Cite this data set by its name, its date and the version of the tool (policy-history {{ tool }}),
and the archives named above; a single text by its `snapshot_url`.
"""


def write(chosen: Chosen, target: Path) -> str:
    """Write `data/SPLIT/before/*.parquet`, `data/SPLIT/after/*.parquet` and `README.md`."""
    clustered = _split(chosen.db)
    ((cut,),) = chosen.db.execute(
        f"SELECT quantile_disc(archived_on, {1 - LATER}) FROM versions WHERE chosen"
    ).fetchall()
    era = f"if(archived_on < DATE '{cut}', 'before', 'after')"
    write_parts(chosen, target, f"'data/' || split || '/' || {era}")
    card = _card(chosen, target, clustered, cut)
    (target / "README.md").write_text(card, encoding="utf-8")
    return f"{chosen.versions:,} versions"


def _split(db: duckdb.DuckDBPyConnection) -> bool:
    """Put each version in a split, with all that shares its text; return whether by cluster."""
    ((without,),) = db.execute(_CLUSTERED).fetchall()
    db.execute(_GROUPS.replace("{shared}", "domain" if without else "cluster"))
    grown = True
    while grown:
        db.execute(_GROW)
        ((grown,),) = db.execute("SELECT bool_or(name <> before) FROM groups").fetchall()
    db.execute("ALTER TABLE versions ADD COLUMN split VARCHAR")
    cases = " ".join(f"WHEN part <= {end} THEN '{name}'" for name, end in SPLITS.items())
    db.execute(_SPLIT.replace("{cases}", cases))
    return not without


def _card(chosen: Chosen, target: Path, clustered: bool, cut: object) -> str:
    """Return the data set's card."""
    found = {name: chosen.db.execute(query).fetchall() for name, query in _TABLES.items()}
    figures = {name: chosen.db.execute(q).fetchall()[0][0] for name, q in _FIGURES.items()}
    configs = _configs(target)
    front = {
        "pretty_name": "Privacy policies, version by version",
        "license": "other",
        "license_name": "texts-of-their-authors",
        "license_link": "README.md#licence",
        "language": sorted(language for language, _ in found["languages"] if language),
        "tags": ["privacy-policy", "legal", "web-archive", "history"],
        "size_categories": [_SIZES[max(0, len(str(chosen.versions)) - 3)]],
        "configs": configs,
    }
    cards = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    cards.filters |= {"figure": _figure, "code": _code}
    return cards.from_string(_CARD).render(
        front=yaml.safe_dump(front, sort_keys=False, allow_unicode=True),
        clustered=clustered,
        cut=cut if len(configs) > 1 else None,
        where=chosen.where,
        tool=project.__version__,
        **figures,
        **found,
    )


def _configs(target: Path) -> list[dict[str, Any]]:
    """Return what `load_dataset` is to read; a split without files would be an error."""
    splits = [name for name in SPLITS if (target / "data" / name).exists()]
    default = [{"split": name, "path": f"data/{name}/*/*.parquet"} for name in splits]
    configs: list[dict[str, Any]] = [
        {"config_name": "default", "default": True, "data_files": default}
    ]
    eras = {"train": "before", "test": "after"}
    if all([*target.glob(f"data/*/{era}")] for era in eras.values()):
        by_time = [{"split": n, "path": f"data/*/{era}/*.parquet"} for n, era in eras.items()]
        configs.append({"config_name": "by_time", "data_files": by_time})
    return configs


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _code(text: str) -> str:
    """Return a text as Markdown that shows it and does not obey it."""
    return "`" + "".join(c if c.isprintable() else " " for c in text).replace("`", "'") + "`"
