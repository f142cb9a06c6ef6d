"""The texts of pages that another tool has stored, as `plain.py` makes them.

python texts.py FOLDER CORPUS: below FOLDER a folder for each policy, with timestamps in its paths.
"""

import re
import sys
from pathlib import Path

import duckdb
import trafilatura

folder, corpus = sys.argv[1:]
db = duckdb.connect(corpus)
db.execute("CREATE TABLE texts (domain VARCHAR, timestamp VARCHAR, url VARCHAR, body VARCHAR)")
for policy in sorted(Path(folder).iterdir()):
    for file in sorted(policy.rglob("*")):
        timestamp = re.search(r"\b\d{14}\b", str(file.relative_to(policy)))
        if timestamp is not None and file.is_file():
            page = file.read_bytes()
            body = trafilatura.extract(page, output_format="markdown", include_links=True)
            values = [policy.name, timestamp[0], policy.name, body]
            db.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", values)
