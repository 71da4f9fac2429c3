# What a newcomer types. The build itself is CMake's (CMakePresets.json).
#   make            build/seep
#   make demo       a leaking service, and what seep says about it while it serves requests
#   make test       lint, unit, integration and command line tests; ends with "N passed, N failed"
#   make test-matrix  what Go's authors say against what seep reads, on every release and way of building
#                     (docs/support.md)
#   make test-hostile  10,000 damaged cores and executables, each answered or refused within its bounds
#   make sanitize   the unit tests under address and undefined-behaviour sanitizers
#   make bench      the figures of docs/performance.md
#   make install    PREFIX=/usr/local, DESTDIR=
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
# Sanitized programs are slow: one release shows them what they look for.
NEWEST_GO = $(shell sort -V tests/go_versions.txt | tail -n 1)

all: build/build.ninja
	@cmake --build --preset release --target seep -j $(JOBS)

build/build.ninja: CMakeLists.txt CMakePresets.json tools/packages.txt
	@tools/setup
	@cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX) >/dev/null
	@ln -sf build/compile_commands.json compile_commands.json

demo: all
	@tools/setup --go
	@tools/demo

test: build/build.ninja
	@tools/setup --go
	@cmake --build --preset release -j $(JOBS)
	@tools/run-tests build

test-matrix: build/build.ninja
	@tools/setup --go
	@grep -v '^#' tests/go_matrix.txt | while read -r version; do tools/go-toolchain $$version >/dev/null; done
	@cmake --build --preset release -j $(JOBS)
	@tools/test-matrix build

test-hostile: build/build.ninja
	@tools/setup --go
	@cmake --build --preset release -j $(JOBS) --target hostile_core_test
	@tools/test-hostile build

sanitize:
	@tools/setup --go
	@cmake --preset sanitize >/dev/null
	@cmake --build --preset sanitize --target unit_tests -j $(JOBS)
	@echo "skipped: unit_target (its children would carry the sanitizer's terabytes of shadow memory)"
	@SEEP_TEST_GO=$(NEWEST_GO) tools/run-tests build-sanitize -R '^unit_' -E '^unit_target$$'

bench: build/build.ninja
	@tools/setup --go
	@tools/bench

install: all
	@DESTDIR=$(DESTDIR) cmake --install build --prefix $(PREFIX)

lint:
	@tools/setup
	@tools/lint

format:
	@find src tests bench tools -name '*.h' -o -name '*.cc' | xargs clang-format-19 -i

clean:
	rm -rf build build-sanitize build-debug

.PHONY: all demo test test-matrix test-hostile sanitize bench install lint format clean
