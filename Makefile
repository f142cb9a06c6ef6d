# make demo: the main job on the archive that ships with the project, no network needed.
# make test: lint, types and all tests. Both make their own virtual environment.

PYTHON ?= python3
BIN := .venv/bin
DEMO := data/demo.duckdb

.PHONY: demo test check docs bench clean

demo: .venv/demo
	rm -rf $(DEMO) data/demo.pages
	$(BIN)/scrapy crawl policies -a domains=data/demo/domains.txt \
		-a archive=data/demo/demo.warc.gz -s DUCKDB_PATH=$(DEMO) -L WARNING
	@echo
	@$(BIN)/python -c 'import duckdb; duckdb.connect("$(DEMO)", read_only=True).sql("\
		SELECT domain, archived_on, captures, words, left(title, 36) AS title FROM policies \
		ORDER BY first_seen LIMIT 10").show(max_width=110)'

test: .venv/test check
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python data/demo/make_demo.py --check

docs: .venv/test
	$(BIN)/python -m cogapp -P -r README.md data/README.md
	$(BIN)/python -m tests.docs
	$(BIN)/python notebooks/run.py

bench: .venv/test
	$(BIN)/python tests/benchmarks/end_to_end.py

.venv/demo: pyproject.toml .constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint .constraints.txt --editable .
	touch $@

.venv/test: .venv/demo
	$(BIN)/python -m pip install --quiet --constraint .constraints.txt --editable ".[test]"
	touch $@

clean:
	rm -rf .venv $(DEMO) data/demo.pages data/demo.search .scrapy
