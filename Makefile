# Two commands set everything up from Python 3.11, make and git: `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
COUPONS ?= 2000
SEED ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint bench faults sbom audit rehearse papers reset requirements

run: $(VENV)/ready
	@PORT=$(PORT) CLOCK=$(CLOCK) $(BIN)/python -m config.run

test: lint
	@REHEARSAL=1 VAR_DIR=var/tests $(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -n 2 -q -m "not browser and not story"
	@$(BIN)/python -m pytest -q -m "browser or story" -rs

lint: $(VENV)/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

bench: $(VENV)/ready
	@$(BIN)/python -m benchmarks

faults: $(VENV)/ready
	@FAULTS=long MUTANT=$(MUTANT) $(BIN)/python -m pytest -q -s tests/faults

# The whole calendar with people made from a seed; the report lies under var/rehearsal-report.
rehearse: $(VENV)/ready
	@REHEARSAL=1 PORT= $(BIN)/python manage.py rehearse --coupons $(COUPONS) --seed $(SEED)

# What the site is made of (var/sbom.cdx.json), and known weaknesses of it; the latter wants a network.
sbom: $(VENV)/ready
	@$(BIN)/python -m tests.sbom

audit: $(VENV)/ready
	@$(BIN)/python -m tests.audit

# The picture and the list of rooms in docs/architecture.md, out of the code.
papers: $(VENV)/ready
	@$(BIN)/python -m tests.diagram

reset:
	@$(PYTHON) -c "import shutil; shutil.rmtree('var', ignore_errors=True)"
	@echo 'var/ is gone; the next "make run" begins anew.'

# The packages of requirements.txt, once for each version of that file.
$(VENV)/ready: requirements.txt
	@echo "Setting up the environment (once; a minute or two) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --progress-bar on --require-hashes -r requirements.txt
	@touch $@

# After a change of requirements.in; keep the file free of addresses.
requirements:
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-header \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements.txt requirements.in
