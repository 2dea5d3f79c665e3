# `make` lists the targets. Everything that is installed goes into .venv; the engine goes into the user's cache.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Images often set it. Without bytecode each of the tests' many processes compiles its imports: 3 s instead of 1 s.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# Scripts in .venv hold its path, so a checkout that was moved is set up again.
READY := .venv/.ready-$(shell pwd | cksum | cut -d' ' -f1)
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && { echo "$$python"; break; }; done)
# Three for two processors: many tests wait for processes. Unit tests do not, and the engine of slow ones keeps both busy.
WORKERS ?= 3
PYTEST = EPTURA_SCIM_REQUIRE_ENGINE=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
TESTS ?= tests
USERS ?= 10000,100000
TIMES ?= 50
QUIET := --quiet --disable-pip-version-check
UV := $(BIN)/uv
WORKFLOWS := $(wildcard .github/workflows/*.yml pipelines/github/*.yml)
# Programs that are run as files, beside the packages of pyproject.toml.
PROGRAMS := bootstrap/__main__.py pipelines/github/publish.py pipelines/azure_devops_comment.py
# Tools that are not part of the environment.
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
PIP_AUDIT := pip-audit==2.10.1

.PHONY: help setup lean policy engine demo quick test slow check format docs workflows bench drift faults mutation lock wheel audit fuzz coverage clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' Makefile

demo: setup engine ## Show the main job on a local Entra: up, drift by hand, seen, repaired
	@$(BIN)/eptura-scim demo

test: setup engine check ## Check the code and run the tests, or all of a folder (WORKERS=3 TESTS=tests/engine)
	@$(PYTEST) $(TESTS) $(if $(filter tests,$(TESTS)),-m "not slow")

quick slow: WORKERS = 2
quick: setup ## Run the unit tests, on every save: with a fifth of the examples of make test
	@EPTURA_SCIM_FUZZ=0.2 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/unit

slow: setup engine ## Run the tests that `make test` leaves out, most of them with the Pulumi engine
	@$(PYTEST) tests -m slow

check: setup ## Lint, formatting, types, spelling and workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy $(PROGRAMS)
	@$(BIN)/codespell
	@said=$$($(BIN)/zizmor --offline --quiet --no-progress $(WORKFLOWS) 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(WORKFLOWS)
	@$(BIN)/check-jsonschema --quiet --builtin-schema custom.github-workflows-require-timeout $(WORKFLOWS)
	@$(BIN)/check-jsonschema --quiet --regex-variant nonunicode --builtin-schema vendor.azure-pipelines \
		--data-transform azure-pipelines pipelines/azure-devops.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci pipelines/gitlab-ci.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	@if [ -x $(BIN)/actionlint ]; then $(BIN)/actionlint $(WORKFLOWS); \
		else echo "actionlint was not run: \`make workflows\` gets it (needs Go)"; fi

format: setup ## Format the code, and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: setup ## Check the pages: links, commands, generated tables
	@$(BIN)/codespell
	@$(BIN)/python -m pytest tests/repository tests/unit/cli/test_go_live_page.py

workflows: setup ## Get actionlint (needs Go) for make check, and run make check
	@GOBIN="$(CURDIR)/$(BIN)" go install $(ACTIONLINT)
	@$(MAKE) check

bench: setup engine ## Measure what is claimed about performance (USERS=10000,100000,1000000)
	@$(BIN)/python -m benchmarks --directory "$(USERS)"

drift: setup engine ## Make docs/drift.md: every kind of edit by hand, from real runs (ten minutes)
	@$(BIN)/python -m acceptance.drift

faults: setup engine ## Make docs/faults.md: every fault at every step, from real runs (half an hour; can be stopped)
	@$(BIN)/python -m acceptance.faults

mutation: setup ## Break what decides about order, scope and start, line by line, and name what no test notices (half an hour or more)
	@mkdir -p build
	@$(BIN)/python -m acceptance.mutation --known build/mutation.json

engine: setup ## Find the Pulumi engine, or get it once for this machine
	@$(BIN)/eptura-scim engine

setup: $(READY) ## Make .venv with all that is needed

$(READY): requirements.txt pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or later is needed: install it (Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1): Python 3.11 or later is needed, name one: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "setting up .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make a virtual environment (Debian: apt install python3-venv)" >&2; exit 1; }
	@awk '/^uv==/ { found = 1 } found { print } found && !/\\$$/ { exit }' requirements.txt >.venv/uv.txt
	@$(BIN)/python -m pip install $(QUIET) --require-hashes --only-binary :all: -r .venv/uv.txt
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --only-binary :all: requirements.txt || { \
		echo "uv cannot install the packages: pip, which has settings of its own, tries" >&2; \
		$(BIN)/python -m pip install $(QUIET) --require-hashes --only-binary :all: -r requirements.txt; }
	@$(BIN)/python -m pip install $(QUIET) --no-deps --no-build-isolation -e .
	@rm -f .venv/.ready-*
	@touch $@

lean: ## Take pulumi-azure-native (350 MB, alerts only) out of requirements.txt, for make setup and pulumi install
	@awk '/^[a-z0-9]/ { skipped = /^pulumi-azure-native==/ } !skipped { print }' requirements.txt >requirements.lean
	@mv requirements.lean requirements.txt
	@echo "requirements.txt is without pulumi-azure-native; git checkout requirements.txt puts it back"

policy: setup ## Make policy/.venv, the environment of the policy pack
	@$(PYTHON) -m venv policy/.venv
	@$(UV) pip sync --quiet --python policy/.venv/bin/python --require-hashes --only-binary :all: policy/requirements.txt || \
		policy/.venv/bin/python -m pip install $(QUIET) --require-hashes --only-binary :all: -r policy/requirements.txt

lock: setup ## Write requirements.txt, with hashes, from pyproject.toml (UPGRADE=1: the newest versions)
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-package eptura-scim --custom-compile-command "make lock" \
		$(if $(UPGRADE),--upgrade) --all-extras pyproject.toml -o requirements.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		$(if $(UPGRADE),--upgrade) policy/requirements.in -o policy/requirements.txt

wheel: setup ## Build dist/eptura_scim-*.whl
	@$(BIN)/python -m build --no-isolation --wheel . >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@ls dist/*.whl

audit: ## Ask for known vulnerabilities and withdrawn versions of all that is locked (needs a network)
	@$(PYTHON) -m venv build/audit
	@build/audit/bin/python -m pip install $(QUIET) $(PIP_AUDIT)
	@build/audit/bin/pip-audit --strict --progress-spinner off --require-hashes --disable-pip -r requirements.txt
	@! build/audit/bin/python -m pip install --disable-pip-version-check --dry-run --ignore-installed --no-deps \
		--require-hashes -r requirements.txt 2>&1 | grep -i yanked

fuzz: setup ## Fuzz the plugins, the local Entra and all properties (TIMES=50: as many times the examples of make test)
	@EPTURA_SCIM_FUZZ=$(TIMES) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/fuzz tests/outcomes/program_changes/test_changes_of_a_running_stack.py \
		tests/outcomes/interruptions/test_faults_at_every_call.py
	@EPTURA_SCIM_FUZZ=$(TIMES) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m hypothesis tests/unit tests/integration

coverage: setup engine ## Name the lines of eptura_scim that no test runs, subprocesses included
	@rm -f .coverage .coverage.*
	@EPTURA_SCIM_REQUIRE_ENGINE=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal \
		--cov --cov-report=term-missing:skip-covered $(TESTS)

clean: ## Remove what was made here; states (.eptura-scim) and the engine in the user's cache stay
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@[ ! -e .eptura-scim ] || echo "kept: .eptura-scim, the local Entra and the states of its stacks"
