# `make` alone lists the targets. Each does its own set-up; done set-up costs nothing the next time.
PYTHON ?= python3
# What the tests start besides Python (real servers, ps, systemd-analyze), by its Debian packages; add the next here.
SERVERS := adduser dovecot-imapd dovecot-lmtpd neomutt openssl postfix postgresql procps python3-dkim python3-venv \
  rspamd swaks systemd systemd-container tmux w3m
# What only the slow tests start besides these.
SLOW_SERVERS := dbus thunderbird xdotool xvfb
# pytest's further arguments: make test ARGS="-k thread"
ARGS ?=
# The tests that hold the rules; only these are traced, for that takes twice the time.
HOLDING := tests/rules tests/companies
# How many lives of a desk, histories and tries the slow tests go through; 10000 take more than an hour on two cores.
LIVES ?= 10000
# How long each parser of mail is fed noise by the slow tests, in seconds.
FUZZ_SECONDS ?= 300
# make lock UPGRADE=--upgrade takes the newest versions; without it only what pyproject.toml asks for changes.
UPGRADE ?=

BIN := .venv/bin
STAMP := .venv/.installed
# The wheels that the tests install mailbot from, on a machine without a network.
WHEELS := build/wheels
HOME_DIR := var
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help install servers wheels run demo test test-slow check messages impressions lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(STAMP) ## make .venv with the locked dependencies and mailbot itself

$(STAMP): requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/debian python3 python3-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mailbot needs Python 3.11 or later: set PYTHON=...")'
	@echo "Setting up .venv ..."
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@# Wheels only: what a source package would build with is in no lock.
	@$(BIN)/pip install -qq --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(BIN)/pip install -q --no-deps --no-build-isolation --no-index --editable .
	@touch $@

servers:
	@.ci/debian $(SERVERS)

wheels: $(WHEELS)/complete

$(WHEELS)/complete: requirements.lock requirements-dev.lock | install servers
	@rm -rf $(WHEELS) && mkdir -p $(WHEELS)
	@$(BIN)/pip --python /usr/bin/python3 download -qq --require-hashes --only-binary :all: -d $(WHEELS) -r requirements.lock
	@# What builds mailbot is a dependency of nobody; its version is the lock's.
	@sed -n 's/^\([a-z0-9-]*==[^ ;]*\).*/\1/p' requirements-dev.lock >$(WHEELS)/versions
	@$(BIN)/pip --python /usr/bin/python3 download -qq --only-binary :all: -d $(WHEELS) -c $(WHEELS)/versions hatchling
	@touch $@

run: install ## start mailbot in var/ (made by `mailbot init` the first time)
	@# The last line of init says how to start it, which is what happens next.
	@test -e $(HOME_DIR)/mailbot.toml || \
	  { made=$$($(BIN)/mailbot init $(HOME_DIR) --agent agent@example.com) && echo "$$made" | sed '$$d'; }
	@exec $(BIN)/mailbot run -c $(HOME_DIR)/mailbot.toml

demo: install ## play a short conversation through the running parts
	@exec $(BIN)/mailbot demo

test: install servers wheels ## run the tests, then hold the rules at 100 % branch coverage
	@mkdir -p build
	@# Both runs, whatever the first says; that ARGS choose no test of one of them (5) is no fault.
	$(BIN)/pytest -n 2 -m "not slow" --cov=mailbot/rules --cov-report= $(HOLDING) $(ARGS); held=$$?; \
	$(BIN)/coverage report --fail-under=100; covered=$$?; \
	$(BIN)/pytest -n 2 -m "not slow" $(HOLDING:%=--ignore=%) tests $(ARGS); others=$$?; \
	exit $$((held % 5 + covered + others % 5))

test-slow: install servers wheels ## run the tests that take long
	@.ci/debian $(SLOW_SERVERS)
	LIVES=$(LIVES) FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/pytest -n 2 -m slow $(ARGS)

check: install ## lint, format, types and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -p no:randomly tests/test_architecture.py

messages: install ## bring the sentences of templates and rules into the catalogues, mailbot/locale/*.po
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F pyproject.toml $(KEYWORDS) --no-location -w 120 -o build/messages.pot .
	@for file in mailbot/locale/*.po; do $(BIN)/pybabel -q update -i build/messages.pot -o $$file \
	  -l $$(basename $$file .po) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 120 $(ARGS); done
	@# Says what is still to be translated.
	@$(BIN)/pytest -q -n 0 -p no:randomly --tb=short tests/notices/test_catalogues.py

impressions: install ## learn anew what the sentences in tests/rules/reading/sentences*.toml seem to mean
	$(BIN)/python -m tests.rules.reading.learn_impressions

# The functions whose first argument is a sentence.
KEYWORDS := -k say -k gettext -k _ -k ngettext:1,2 -k counted:1,2 -k pgettext:1c,2

lock: install ## write the locks anew from pyproject.toml (UPGRADE=--upgrade for the newest versions)
	@$(BIN)/uv pip compile pyproject.toml $(UPGRADE) -q -o requirements.lock $(LOCKED)
	@$(BIN)/uv pip compile pyproject.toml $(UPGRADE) -q -o requirements-dev.lock $(LOCKED) --extra dev -c requirements.lock

LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

clean: ## remove what builds and tests left; .venv and var/ stay
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find mailbot tests -name __pycache__ -prune -exec rm -rf {} +
