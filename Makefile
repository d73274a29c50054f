# What a checkout can do. Everything is made by scripts; this file only names them.
SHELL := /bin/bash
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install system servers compat demo test check lint format bench lock clean

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name about; do \
		printf '  make %-8s %s\n' "$$name" "$$about"; done

install: ## Build everything and install it into .venv
	@scripts/install.sh

system:
	@scripts/install-system.sh

# One that can not be installed must not keep the tests from running: they say so.
servers: system install ## Install the servers that the tests need and Debian does not have
	-@scripts/install-servers.sh

demo: install ## Open JupyterLab on a notebook that queries a database behind a bastion (ARGS=--headless: run it once)
	@python demo/demo.py $(ARGS)

check: system install ## Linters, types and unit tests: the inner loop
	@python scripts/run_suites.py lint unit python

compat: install ## Install Underpass beside other extensions, for the tests of how it gets along with them
	@scripts/install-compat.sh

test: system install servers compat ## Everything, with real servers and a browser
	@python scripts/run_suites.py

lint: install ## Linters and types
	@python scripts/run_suites.py lint

format: install ## Format everything
	@npm run --silent fix; ruff check --fix --quiet; ruff format --quiet

docs: install $(if $(PICTURES),system) ## Build the guides into .build/docs (PICTURES=1: take their pictures anew, in a browser)
	@python scripts/build_docs.py $(if $(PICTURES),--pictures)

bench: system install servers ## SQL cells side by side with the fastest public ways, and what starts cost (ARGS=mysql: one)
	@uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/bench.lock
	@python -m bench $(ARGS)

lock: install ## Pin the newest Python packages that requirements/*.in allow (UPGRADE=--upgrade)
	@for name in bootstrap build dev bench compat $$(cd requirements && ls servers/*.in | sed 's/\.in$$//'); do \
		uv pip compile --system-certs --quiet --generate-hashes --universal --python-version 3.10 \
			--custom-compile-command 'make lock' $(UPGRADE) \
			requirements/$$name.in --output-file requirements/$$name.lock || exit; \
	done

clean: ## Remove what was built, but not .venv and node_modules
	@npm run --silent clean
	@rm -rf .build .pytest_cache .ruff_cache .eslintcache .stylelintcache
