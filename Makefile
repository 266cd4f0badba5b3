# Shortcuts for developers. Users need only ./run and ./test.
.DEFAULT_GOAL := help
.PHONY: help run test check fuzz fmt bench shots lock

PIN := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

help: ## these lines
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: ## set up what is missing and serve
	@./run

test: ## every check and test
	@./test

check: ## the checks without the tests
	@./test --checks

fuzz: ## the random tests with cases that nobody has seen
	@HYPOTHESIS_PROFILE=fuzz .venv/bin/pytest -n auto --ignore=tests/journeys --ignore=tests/web

fmt: ## format, and mend what ruff can mend
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: ## time the pages against bare ones of the same weight
	@.venv/bin/python scripts/bench.py
	@.venv/bin/python scripts/bench_targets.py

shots: ## take the screenshots of the manual
	@.venv/bin/python scripts/shots.py

lock: ## pin the requirements anew, with hashes
	@$(PIN) requirements.in -o requirements.txt
	@$(PIN) requirements-dev.in -o requirements-dev.txt
	@$(PIN) scripts/uv.in -o scripts/uv.txt
	@$(PIN) scripts/node.in -o scripts/node.txt

words: ## bring the English catalogue up to date with the words in code and templates
	.venv/bin/pybabel -q extract -F babel.cfg --ignore-dirs '.*' -k N_ -k lazy_gettext --sort-by-file --no-location --omit-header -o translations/messages.pot .
	.venv/bin/pybabel -q update -i translations/messages.pot -d translations -l en --no-wrap --ignore-obsolete --no-fuzzy-matching
