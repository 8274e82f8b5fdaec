.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
export SAM_CLI_TELEMETRY := 0

# Any Python from 3.11 on will do. A version manager's shim may exist and still refuse to run.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
VENV := .venv
TOOLS := .venv-tools
BIN := $(VENV)/bin
SAM := PYTHON="$(CURDIR)/$(BIN)/python" $(TOOLS)/bin/sam
EVENT ?= events/create.json
RUNS ?= 20000
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make update" $(BIN)/uv pip compile --quiet --upgrade --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url

.PHONY: help
help: ## Say what each target does
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 13

.PHONY: setup
setup: ## Make both virtual environments, unless they are up to date
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: make setup PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) scripts/environment.py $(VENV) requirements-dev.txt --editable
	@$(PYTHON) scripts/environment.py $(TOOLS) requirements-tools.txt --wheels-for src/requirements.txt

.PHONY: demo
demo: setup ## Show everything at work, on a CloudFormation on this machine
	@$(BIN)/python -m demo

.PHONY: local
local: setup ## Keep a CloudFormation with the function on this machine, for the command line, until Ctrl-C
	@$(BIN)/python -m demo.local

.PHONY: test
test: setup ## Run all tests, with branch coverage of src
	$(BIN)/pytest --numprocesses=auto --dist=worksteal --cov --cov-report=term

.PHONY: e2e
e2e: setup ## Run only what needs a local CloudFormation or the Lambda runtime
	$(BIN)/pytest tests/e2e

.PHONY: soak
soak: setup ## Go through every point of which the tests take a sample
	$(BIN)/pytest --numprocesses=auto --dist=worksteal --soak -m soak --show-capture=no \
		-o faulthandler_timeout=0

.PHONY: snippets
snippets: setup ## Have CDK and Terraform make templates of what the docs show; takes Node.js and 250 MB
	$(BIN)/uv pip install --quiet --target build/cdk 'aws-cdk-lib>=2.200,<3'
	PYTHONPATH=$(CURDIR)/build/cdk $(BIN)/pytest -rs tests/repository/test_snippets.py

.PHONY: bench
bench: setup ## Measure all against its baseline, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

.PHONY: fuzz
fuzz: setup ## Look for events that the function does not bear, RUNS=20000
	@mkdir -p build/fuzz
	$(BIN)/python -m tests.fuzz.events build/fuzz events -runs=$(RUNS) -artifact_prefix=build/

.PHONY: check
check: lint types layers templates test ## Do everything that must pass before a change is merged

.PHONY: lint
lint: setup ## Check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: setup ## Check types
	$(BIN)/mypy

.PHONY: layers
layers: setup ## Check that imports run one way
	$(BIN)/lint-imports --no-logo

.PHONY: templates
templates: setup ## Validate the SAM template and the examples, their tables included
	printf '%s\n' template.yaml examples/*.yaml \
		| xargs -P 2 -n 1 $(TOOLS)/bin/sam validate --lint --region us-east-1 --template
	$(TOOLS)/bin/cfn-lint template.yaml examples/*.yaml

.PHONY: docs
docs: setup ## Write the schemas, and the parts of the docs that code says
	@$(BIN)/python -m scripts.docs

.PHONY: transcripts
transcripts: setup ## Run what docs/command-line.md shows, and write the outcome there
	@$(BIN)/python -m tests.functional.cli.transcripts

.PHONY: format
format: setup ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: build
build: setup ## Build the Lambda package into .aws-sam
	$(SAM) build

.PHONY: deploy
deploy: build ## Deploy the function to the AWS account of the current credentials
	$(SAM) deploy

.PHONY: invoke
invoke: setup ## Answer requests in this process, one after the other, EVENT="events/create.json ..."
	@$(BIN)/python -m demo.invoke $(EVENT)

.PHONY: update
update: setup ## Renew every pinned dependency
	$(COMPILE) pyproject.toml --output-file src/requirements.txt
	$(COMPILE) pyproject.toml --extra cli --group dev --constraints src/requirements.txt \
		--output-file requirements-dev.txt
	$(COMPILE) --group tools --output-file requirements-tools.txt
	@! grep -nE '://|^-|$(CURDIR)' src/requirements.txt requirements-dev.txt requirements-tools.txt \
		|| { echo "a path or an address of this machine got into the pins" >&2; exit 1; }

.PHONY: clean
clean: ## Remove everything that can be made again
	rm -rf $(VENV) $(TOOLS) $(VENV).lock $(TOOLS).lock .aws-sam .coverage* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
