# make demo    two aarch64 wheels from nothing but Python and apt
# make test    everything that CI runs
# make unit    the fast tests alone
# make bench   seconds and ratios of every engine
# make corpus  forty real packages, each tested and compared with the published wheel; an hour or two
# make matrix  every architecture, glibc and musl, four kinds of project; hours. CELLS="riscv64/musl" for some
# make clean   remove what these made in the checkout; the cache of parts stays in ~/.cache/crosswheel

BIN := .venv/bin
TARGET := cp311-manylinux_aarch64
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint unit bench corpus matrix clean

demo: .venv/installed
	mkdir -p build/demo
	test -e build/demo/markupsafe-3.0.2.tar.gz || $(BIN)/pip download --quiet --no-deps --no-binary :all: --dest build/demo markupsafe==3.0.2
	$(BIN)/crosswheel build build/demo/markupsafe-3.0.2.tar.gz --only $(TARGET)
	$(BIN)/crosswheel build examples/cpp-shapes --only $(TARGET)

ifeq ($(shell id -u),0)
test bench:
	tools/as-ordinary-user $@

corpus:
	tools/as-ordinary-user $@ PACKAGES="$(PACKAGES)"
	cp ~crosswheel-test/checkout/bench/results/corpus.* bench/results/

matrix:
	tools/as-ordinary-user $@ CELLS="$(CELLS)"; status=$$?; \
	cp ~crosswheel-test/checkout/bench/results/matrix.* bench/results/; exit $$status
else
# Generated inputs are the same in each run of CI, so that red is about the change; `make unit` looks for new ones.
test: lint
	$(BIN)/pytest --hypothesis-profile=ci

bench: .venv/developing
	$(BIN)/python bench/engines.py
	$(BIN)/python bench/many.py
	$(BIN)/python bench/wrapper.py
	$(BIN)/python bench/architectures.py

corpus: .venv/developing
	$(BIN)/python bench/corpus.py --cold-start
	$(BIN)/python bench/corpus.py $(PACKAGES)

matrix: .venv/developing
	$(BIN)/python bench/matrix.py --only "$(CELLS)"
endif

lint: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: .venv/developing
	$(BIN)/pytest tests/unit -m "not slow and not network"

.venv/developing: .venv/installed
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable . --group dev
	touch $@

.venv/installed: pyproject.toml
	python=$$(tools/find-python) && $$python -m venv .venv
	$(BIN)/pip install --quiet --editable .
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build bench/work wheelhouse
	find . -name __pycache__ -prune -exec rm -rf {} +
