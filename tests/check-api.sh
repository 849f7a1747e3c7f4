#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The public names are the same in headers, libraries, version scripts and
# manual.
#	check-api.sh SOURCEDIR BUILDDIR
# Last line: "t_check_api: N checks, M failed".
set -u
cd "$1" || exit 4
build=$2
checks=0 failed=0
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

# want got what: two sorted lists; each name in either is a check
same() {
	n=$(sort -u "$1" "$2" | wc -l)
	comm -3 "$1" "$2" | sed "s|^	|$3: too much: |;t
		s|^|$3: missing: |" >"$T/diff"
	checks=$((checks + n))
	[ "$n" -gt 0 ] || {
		echo "$3: no names at all"
		checks=$((checks + 1))
		failed=$((failed + 1))
	}
	failed=$((failed + $(wc -l <"$T/diff")))
	cat "$T/diff"
}

exported() {	# library
	nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3)
		print $3 }' | sort -u
}

listed() {	# version script
	sed -n '/^global:/,/^local:/s/^	\(.*\);$/\1/p' "$1" | sort -u
}

# name library map header...
library() {
	name=$1 lib=$2 map=$3; shift 3
	scripts/api.py names "$@" | sort -u >"$T/headers"
	exported "$build/$lib" >"$T/got"
	same "$T/headers" "$T/got" "$name"
	listed "$map" >"$T/got"
	same "$T/headers" "$T/got" "$map"
}

core=$(ls include/atls/*.h | grep -vE '/(gramine|nsm|openssl|sim|source|tpm|tsm)\.h$')
LC_ALL=C; export LC_ALL
library libatls src/libatls.so src/atls.map $core
library libatls-openssl backend/openssl/libatls-openssl.so \
    backend/openssl/atls-openssl.map include/atls/openssl.h
library libatls-tpm attester/tpm/libatls-tpm.so attester/tpm/atls-tpm.map \
    include/atls/tpm.h
library libatls-collateral collateral/libatls-collateral.so \
    collateral/atls-collateral.map include/atls/source.h
for a in gramine nsm tsm; do
	library libatls-$a attester/$a/libatls-$a.so \
	    attester/$a/atls-$a.map include/atls/$a.h
done

# what is built on request only
[ ! -d "$build/sim" ] || library libatls-sim sim/libatls-sim.so \
    sim/atls-sim.map include/atls/sim.h

# Each header has its page, which has all of its functions, and nothing else,
# under NAME, under SYNOPSIS, and described one by one.
for h in include/atls/*.h; do
	page=man/atls_$(basename "$h" .h).3
	[ "$h" != include/atls/atls.h ] || page=man/atls_error.3
	[ "$h" = include/atls/error.h ] && continue
	[ "$h" != include/atls/atls.h ] || h="$h include/atls/error.h"
	scripts/api.py names $h | sed "/^$/d" | sort -u >"$T/headers"
	[ -e "$page" ] || {
		echo "$page: missing"
		checks=$((checks + 1))
		failed=$((failed + 1))
		continue
	}
	# backend.h and attester.h have no functions, but tables of them
	[ -s "$T/headers" ] || continue
	{
		sed -n 's/^\.Fo //p' "$page"
		sed -n 's/^\.Vt "*extern .* \(\**\)\(atls_[a-z_]*\)"*$/\2/p' \
		    "$page"
	} | sort -u >"$T/got"
	same "$T/headers" "$T/got" "$page: synopsis"
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_0-9]*\).*/\1/p' "$page" |
	    sort -u >"$T/got"
	# a page of the same name as a header need not be a function
	grep -qx "$(basename "$page" .3)" "$T/headers" ||
	    sed -i "/^$(basename "$page" .3)\$/d" "$T/got"
	same "$T/headers" "$T/got" "$page: names"
	sed -n 's/^\.It Fn \(atls_[a-z_0-9]*\)$/\1/p' "$page" | sort -u \
	    >"$T/got"
	same "$T/headers" "$T/got" "$page: description"
done

echo "t_check_api: $checks checks, $failed failed"
[ $failed -eq 0 ]
