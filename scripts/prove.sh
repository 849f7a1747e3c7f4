#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prove the C code by Frama-C WP against the contracts in its headers.
#	prove.sh [FILE...]	(default: all of formal/c/proofs.tsv)
# One prover runs at a time.  PROVE_TIMEOUT: seconds for one goal, 20.
# A line a file; last line: N passed, N failed.  Without Frama-C: status 77.
set -u
cd "$(dirname "$0")/.." || exit 4
LC_ALL=C; export LC_ALL

for tool in frama-c why3 z3 cvc4; do
	command -v $tool >/dev/null && continue
	echo "skipped: prove: $tool is not installed (scripts/setup.sh prove)"
	exit 77
done
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
why3 -C "$T/why3.conf" config detect >"$T/detect" 2>&1 || {
	cat "$T/detect"
	exit 4
}
WHY3CONFIG=$T/why3.conf; export WHY3CONFIG
libc=$(frama-c -print-share-path)/libc
cpp="-nostdinc -Iformal/c -Iinclude -isystem $libc -D_POSIX_C_SOURCE=200809L"
passed=0 failed=0 n=0

prove() {	# file functions option...
	file=$1 functions=$2; shift 2
	[ "$functions" = all ] || set -- -wp-fct "$functions" "$@"
	frama-c -machdep gcc_x86_64 -no-frama-c-stdlib \
	    -cpp-extra-args="$cpp" -wp -wp-rte -wp-split -wp-par 1 \
	    -wp-timeout "${PROVE_TIMEOUT:-20}" -wp-prover z3,cvc4 \
	    -wp-cache none "$@" "$file" >"$T/log" 2>&1
	status=$?
	# "[wp] Proved goals:   82 / 82"
	counts=$(sed -n 's/^\[wp\] Proved goals: *\([0-9]*\) *\/ *\([0-9]*\).*/\1 \2/p' \
	    "$T/log" | tail -1)
	good=${counts% *} all=${counts#* }
	if [ $status -ne 0 ] || [ -z "$counts" ]; then
		echo "prove: $file: no result"
		tail -5 "$T/log"
		failed=$((failed + 1))
		return
	fi
	echo "prove: $file: $good of $all"
	grep 'Goal typed_.*\(Failed\|Timeout\|Unknown\)\|\[Failed\] Goal' "$T/log"
	passed=$((passed + good))
	failed=$((failed + all - good))
}

while read -r file functions options; do
	case $file in
	'#'*|'')	continue ;;
	esac
	[ $# -eq 0 ] || case " $* " in
	*" $file "*)	;;
	*)		continue ;;
	esac
	n=$((n + 1))
	prove "$file" "$functions" $options </dev/null
done <formal/c/proofs.tsv
[ $n -gt 0 ] || { echo "prove: no such file: $*"; exit 2; }
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
