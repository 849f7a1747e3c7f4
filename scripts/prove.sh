#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prove the C code by Frama-C WP against the contracts in its headers.
#	prove.sh [FILE...]	(default: all of formal/c/proofs.tsv)
# Then, for functions that decide (formal/c/mutants.tsv): with a check left
# out, or taking -1 for 1, each proof of "if and only if" must fail.
# PROVE_TABLE: a file for the results, as Markdown.
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
began=$(date +%s)
: >"$T/table"

row() {	# file functions result: a line of the table, with seconds
	now=$(date +%s)
	echo "| \`$1\` | $2 | $3 | $((now - began)) |" | sed 's/,/, /g' \
	    >>"$T/table"
	began=$now
}

# Copies of the functions, mutated, in a copy of the tree: those that can be
# proved have survived.
mutants() {	# file functions
	file=$1
	[ -d "$T/tree" ] || {
		mkdir "$T/tree"
		cp -R include src "$T/tree/"
		mkdir "$T/tree/formal"
		cp -R formal/c "$T/tree/formal/"
	}
	cp "$file" "$T/original.c"
	scripts/prove-mutants.py "$file" "$2" >"$T/tree/$file" \
	    2>"$T/mutants" || {
		cat "$T/mutants"
		failed=$((failed + 1))
		return
	}
	(cd "$T/tree" && frama-c -machdep gcc_x86_64 -no-frama-c-stdlib \
	    -cpp-extra-args="$cpp" -wp -wp-split -wp-prop iff -wp-par 1 \
	    -wp-fct "$2,$(cut -f1 "$T/mutants" | paste -sd, -)" \
	    -wp-timeout 5 -wp-prover z3,cvc4 -wp-cache none \
	    "$file") >"$T/log" 2>&1
	cp "$T/original.c" "$T/tree/$file"
	# the functions as they are must pass this very run
	dead=0 alive=0
	for f in $(echo "$2" | tr , ' '); do
		proved "$f" && continue
		echo "prove: $file: $f: no proof to break"
		failed=$((failed + 1))
		return
	done
	while IFS='	' read -r f check what; do
		if proved "$f"; then
			echo "prove: $file: $f survives: $check: $what"
			alive=$((alive + 1))
		else
			dead=$((dead + 1))
		fi
	done <"$T/mutants"
	echo "prove: $file: $dead of $((dead + alive)) mutants fail"
	row "$file" "$2" "$dead of $((dead + alive)) mutants fail"
	passed=$((passed + dead))
	failed=$((failed + alive))
}

proved() {	# function: is its "if and only if" proved, all of it?
	grep "Goal typed_$1_ensures_iff\([^0-9a-z]\|\$\)" "$T/log" >"$T/iff" &&
	    ! grep -qv ': Valid' "$T/iff"
}

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
	row "$file" "$functions" "$good of $all"
	grep 'Goal typed_.*\(Failed\|Timeout\|Unknown\)\|\[Failed\] Goal' "$T/log"
	passed=$((passed + good))
	failed=$((failed + all - good))
}

wanted=$*
wants() {	# file: one that was named, if any was
	case $1 in
	'#'*|'')	return 1 ;;
	esac
	case " $wanted " in
	"  "|*" $1 "*)	return 0 ;;
	esac
	return 1
}

while read -r file functions options; do
	wants "$file" || continue
	n=$((n + 1))
	prove "$file" "$functions" $options </dev/null
done <formal/c/proofs.tsv
while read -r file functions; do
	wants "$file" && mutants "$file" "$functions" </dev/null
done <formal/c/mutants.tsv
[ -z "${PROVE_TABLE:-}" ] || {
	echo '| file | functions | result | seconds |'
	echo '|---|---|---|---|'
	cat "$T/table"
} >"$PROVE_TABLE"
[ $n -gt 0 ] || { echo "prove: no such file: $*"; exit 2; }
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
