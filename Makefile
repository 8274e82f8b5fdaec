.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules

# Any Python from 3.11 on will do. A version manager's shim may exist and still refuse to run.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
VENV := .venv
TOOLS := .venv-tools
BIN := $(VENV)/bin

.PHONY: help
help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: setup
setup: ## Make both virtual environments; does nothing when they are up to date
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: make setup PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) scripts/environment.py $(VENV) requirements-dev.txt --editable
	@$(PYTHON) scripts/environment.py $(TOOLS) requirements-tools.txt
