# The front door.  Each target sets up what it needs first; see README.md.
#	make demo	the main job, end to end, on a TPM in software
#	make check	build and run all tests
#	make prove	the C code, by Frama-C
#	make bench fuzz install; make formal (ProVerif 2.05: formal/README.md)
BUILD	= build
PREFIX	= /usr/local
DESTDIR	=
MINUTES	= 10

all: build

$(BUILD)/build.ninja:
	@scripts/setup.sh build check
	meson setup $(BUILD) --prefix=$(PREFIX) --werror

build: setup $(BUILD)/build.ninja
	@ninja -C $(BUILD)

setup:
	@scripts/setup.sh build check

demo: build
	@scripts/demo.sh $(BUILD)

check: build
	@scripts/run-tests.sh $(BUILD)

bench: build
	@scripts/bench.sh

fuzz:
	@scripts/setup.sh fuzz
	@scripts/fuzz.sh $(MINUTES)

formal:
	@formal/run.py

prove:
	@scripts/setup.sh prove
	@scripts/prove.sh

install: build
	@meson configure $(BUILD) --prefix=$(PREFIX)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-*

.PHONY: all build setup demo check bench fuzz formal prove install clean
