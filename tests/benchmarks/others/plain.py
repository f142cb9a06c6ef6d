"""What one would write in an afternoon: one GET after another, a text, an INSERT.

python plain.py INDEX REPLAY DOMAINS CORPUS, such as http://…/cdx/search/cdx http://…/web
"""

import sys
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import duckdb
import trafilatura

index, replay, domains, corpus = sys.argv[1:]
db = duckdb.connect(corpus)
db.execute("CREATE TABLE texts (domain VARCHAR, timestamp VARCHAR, url VARCHAR, body VARCHAR)")
for line in Path(domains).read_text().splitlines():
    if line.startswith("#") or not line.strip():
        continue
    domain, url = line.split()
    for row in urlopen(f"{index}?url={quote(url, safe='')}").read().decode().splitlines():
        timestamp = row.split()[1]
        page = urlopen(f"{replay}/{timestamp}id_/{url}").read()
        body = trafilatura.extract(page, output_format="markdown", include_links=True)
        db.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", [domain, timestamp, url, body])
