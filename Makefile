# make demo     set up, then the whole story on the shipped sample
# make test     set up, then every test this machine can run
# make check    format, lint, types, floors
# make bench    side-by-side measurements; prints its own settings
# make bench-quality   figures on labelled rows, which do not ship with the package
# make bench-review    the review app: opening, key to paint, many writers, kills
# make lock     resolve requirements/lock.txt anew
#
# A GPU machine:  make setup TORCH_INDEX=https://download.pytorch.org/whl/cu130

PYTHON ?= python3
VENV ?= .venv
TORCH ?= torch==2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
DEMO_OUT ?= demo-out
BENCH_ROWS ?= cli/sample/raw
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: setup demo test check bench bench-quality bench-review lock clean

setup: $(VENV)/.ready

# PyTorch stands apart from the lock: its CPU build has another hash on every index. The CPU index is
# asked first; where it is out of reach, the index that pip knows answers.
$(VENV)/.ready: requirements/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tuneset needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-deps --retries 1 --timeout 30 --extra-index-url $(TORCH_INDEX) "$(TORCH)" 2>/dev/null \
		|| $(PIP) install --quiet --no-deps "$(TORCH)"
	$(PIP) install --quiet --no-deps --require-hashes -r requirements/lock.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/tuneset demo -o $(DEMO_OUT) $(DEMO_ARGS)

test: setup
	$(BIN)/python -m pytest -m "not gpu" -o addopts="--import-mode=importlib -q --strict-markers" -n 2 --dist loadfile

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python benchmarks/bench_curate.py $(BENCH_ROWS)
	$(BIN)/python benchmarks/bench_row_steps.py $(BENCH_ROWS)
	$(BIN)/python benchmarks/bench_near_duplicates.py $(BENCH_ROWS)

bench-quality: setup
	$(BIN)/python benchmarks/bench_quality.py

bench-review: setup
	$(BIN)/python benchmarks/bench_review.py

lock:
	uv pip compile pyproject.toml requirements/build.in --extra all --extra dev --override requirements/torch-apart.txt \
		--generate-hashes --universal --python-version 3.11 --no-header --upgrade --output-file requirements/lock.txt

clean:
	rm -rf $(VENV) build dist *.egg-info $(DEMO_OUT)
