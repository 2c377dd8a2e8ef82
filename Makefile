# SPDX-License-Identifier: Apache-2.0
# "make help" lists the targets. Needs a Swift toolchain and Debian; installs what else is missing.

DESTDIR   ?=
PREFIX    ?= /usr
SYSCONFDIR ?= /etc
SWIFT     ?= swift
PYTHON    ?= /usr/bin/python3
BINARY    ?= .build/release/cinderblockd
VENV      ?= .build/cinder-venv
CLIENTS   ?= .build/client-venv
CONFORMER ?= .build/conformance-venv
SIZE      ?= 4
ROUNDS    ?= 3
SECONDS   ?= 30
BENCH     ?=
INTEROP    = $(VENV)/bin/python Tests/Interop/interop.py --daemon $(BINARY) --python $(VENV)/bin/python
CLIENT_RUN = $(CLIENTS)/bin/python Tests/Interop/clients.py --daemon $(BINARY)
CONFORM    = $(CONFORMER)/bin/python Tests/Interop/conformance.py --daemon $(BINARY)
EXAMPLES   = $(PYTHON) Tests/Interop/api_examples.py --daemon $(BINARY)

.PHONY: help build test lint check-install interop clients client-trial conformance examples page prometheus proxy fuzz tsan asan soak bench demo install clean
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

build: ## build cinderblockd in release mode
	@scripts/install-packages build
	$(SWIFT) build -c release --static-swift-stdlib --product cinderblockd

test: ## run the tests, the formatter's checks and a trial installation
	@scripts/install-packages build
	scripts/check-install
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build
	$(MAKE) --no-print-directory lint

lint: ## check the format of the sources
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Fuzz Package.swift

interop: build $(VENV)/.done examples clients client-trial conformance page prometheus proxy ## test with the real Cinder 29, the stock clients, schemathesis, Chromium, Prometheus and nginx (some minutes)
	$(INTEROP)

prometheus: build ## have Prometheus judge the metrics and the alert rules
	@scripts/install-packages prometheus
	$(PYTHON) Tests/Interop/prometheus.py --daemon $(BINARY)

proxy: build ## run the nginx example of docs/operations.md
	@scripts/install-packages proxy
	$(PYTHON) Tests/Interop/proxy.py --daemon $(BINARY)

clients: build $(CLIENTS)/.done ## test with the stock cinder and openstack commands and openstacksdk (a minute)
	$(CLIENT_RUN)

examples: build ## run the examples of docs/api.md with curl
	@scripts/install-packages examples
	$(EXAMPLES)

conformance: build $(CONFORMER)/.done ## test with schemathesis that the API does what GET /openapi.json says (a minute)
	$(CONFORM)

client-trial: build $(CLIENTS)/.done ## see every command of the stock clients at work, one after the other
	@$(CLIENTS)/bin/python scripts/client-trial --daemon $(BINARY)

page: build ## test the page in a headless Chromium; pictures of it are in .build/page then
	@scripts/install-packages page
	$(PYTHON) Tests/Interop/page.py --daemon $(BINARY) --screenshots .build/page

fuzz: ## look for inputs that break the request parser or the reading of bodies (SECONDS=30 for each)
	@scripts/install-packages build
	SWIFT=$(SWIFT) scripts/fuzz $(SECONDS)

# Sanitizers multiply memory and time. Left out are the tests that measure memory or open connections by the thousand,
# and those that run the daemon under limits of memory or against the clock.
UNSANITIZED = MemoryTests|HTTPServerCapacityTests|RobustnessTests|WatchTests|RestoreTargetTests|ProcessUsageTests
# Whoever finds something ends with 66; the first find ends a daemon, whose log then has it.
TSAN_OPTIONS ?= halt_on_error=1:exitcode=66:history_size=4:suppressions=$(CURDIR)/Tests/tsan.suppressions
ASAN_OPTIONS ?= exitcode=66:detect_leaks=0:detect_stack_use_after_return=0

tsan: SANITIZER = thread
asan: SANITIZER = address
tsan asan: ## run the tests under ThreadSanitizer, or AddressSanitizer, less those named in the Makefile (long)
	@scripts/install-packages build
	$(SWIFT) build --build-tests --sanitize=$(SANITIZER) --scratch-path .build/$@
	TSAN_OPTIONS=$(TSAN_OPTIONS) ASAN_OPTIONS=$(ASAN_OPTIONS) $(SWIFT) test --skip-build --no-parallel \
		--sanitize=$(SANITIZER) --scratch-path .build/$@ --skip '$(UNSANITIZED)'

soak: build $(VENV)/.done $(CONFORMER)/.done ## the long forms of "test" and "interop" (an hour or more)
	CINDERBLOCK_SOAK=1 $(SWIFT) test
	$(INTEROP) --long
	$(CONFORM) --cases 5000

bench: build ## measure it beside other tools (SIZE=4 GiB, ROUNDS=3, BENCH= further arguments)
	$(PYTHON) Benchmarks/bench.py --size $(SIZE) --rounds $(ROUNDS) --daemon $(BINARY) --dir .build/bench \
		$(if $(wildcard $(VENV)/.done),--cinder-python $(VENV)/bin/python) $(BENCH)

$(VENV)/.done: Tests/Interop/requirements.txt Tests/Interop/constraints.txt
	@scripts/install-packages interop
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Interop/requirements.txt
	touch $@

$(CLIENTS)/.done: Tests/Interop/clients-requirements.txt Tests/Interop/clients-constraints.txt
	@scripts/install-packages interop
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install --quiet --disable-pip-version-check -r Tests/Interop/clients-requirements.txt
	touch $@

$(CONFORMER)/.done: Tests/Interop/conformance-requirements.txt Tests/Interop/conformance-constraints.txt
	@scripts/install-packages interop
	$(PYTHON) -m venv $(CONFORMER)
	$(CONFORMER)/bin/pip install --quiet --disable-pip-version-check -r Tests/Interop/conformance-requirements.txt
	touch $@

demo: ## see it work: back up, change, back up again, restore, compare
	@scripts/install-packages build demo
	@$(MAKE) --no-print-directory build
	@CINDERBLOCKD=$(abspath $(BINARY)) scripts/demo

install: ## install into DESTDIR= under PREFIX=/usr ("make build" first)
	@test -x $(BINARY) || { echo 'There is no $(BINARY) yet: run "make build" first.' >&2; exit 1; }
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/sbin/cinderblockd
	install -D -m 644 systemd/cinderblock.service $(DESTDIR)$(PREFIX)/lib/systemd/system/cinderblock.service
	sed -i '/^ExecStart=\|^Documentation=/s|/usr/|$(PREFIX)/|g' $(DESTDIR)$(PREFIX)/lib/systemd/system/cinderblock.service
	install -D -m 644 systemd/cinderblock.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/cinderblock.conf
	install -D -m 644 systemd/cinderblock.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/cinderblock.conf
	test -e $(DESTDIR)$(SYSCONFDIR)/cinderblock/cinderblock.yaml || \
		install -D -m 644 config/cinderblock.yaml $(DESTDIR)$(SYSCONFDIR)/cinderblock/cinderblock.yaml
	install -D -m 644 config/cinderblock.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/cinderblock
	install -D -m 644 docs/man/cinderblockd.8 $(DESTDIR)$(PREFIX)/share/man/man8/cinderblockd.8
	install -D -m 644 docs/man/cinderblock.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/cinderblock.yaml.5
	install -d $(DESTDIR)$(PREFIX)/share/doc/cinderblock
	install -m 644 systemd/unix-only.conf systemd/outgoing.conf config/unix-only.yaml $(DESTDIR)$(PREFIX)/share/doc/cinderblock
	install -m 644 LICENSE CHANGELOG.md config/cinderblock.rules.yaml $(wildcard README.md docs/*.md) $(DESTDIR)$(PREFIX)/share/doc/cinderblock

clean: ## remove what was built, the Cinder environment too
	rm -rf .build
