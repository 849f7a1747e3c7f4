#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prove the C code by Frama-C WP against the contracts in its headers.
#	prove.sh [FILE...]	(default: all of formal/c/proofs.tsv)
# Then, for functions that decide (formal/c/mutants.tsv): with a check left
# out, or taking -1 for 1, each proof of "if and only if" must fail.
# PROVE_JOBS: files at a time, 2.  PROVE_TIMEOUT: seconds for one goal, 20.
# PROVE_BUDGET: seconds after which no other file is begun; what was left is
# named.  PROVE_TABLE: a file for the results, as Markdown.
# A line a file; last line: N passed, N failed.  Without Frama-C: status 77.
set -u
cd "$(dirname "$0")/.." || exit 4
LC_ALL=C; export LC_ALL
TAB=$(printf '\t')

# What a task found: a line of the table, with seconds, and two numbers.
result() {	# passed failed what
	now=$(date +%s)
	echo "| \`$file\` | $functions | $3 | $((now - began)) |" |
	    sed 's/,/, /g' >>"$T/table"
	echo "$1 $2" >>"$T/sum"
}

proved() {	# function: is its "if and only if" proved, all of it?
	grep "Goal typed_$1_ensures_iff\([^0-9a-z]\|\$\)" "$mine/log" \
	    >"$mine/iff" && ! grep -qv ': Valid' "$mine/iff"
}

# Copies of the functions, mutated, in a copy of the tree: those that can be
# proved have survived.
mutants() {
	mkdir -p "$mine/tree/formal"
	cp -R include src "$mine/tree/"
	cp -R formal/c "$mine/tree/formal/"
	scripts/prove-mutants.py "$file" "$functions" >"$mine/tree/$file" \
	    2>"$mine/mutants" || {
		cat "$mine/mutants"
		echo 0 1 >>"$T/sum"
		return
	}
	(cd "$mine/tree" && frama-c -machdep gcc_x86_64 -no-frama-c-stdlib \
	    -cpp-extra-args="$cpp" -wp -wp-split -wp-prop iff -wp-par 1 \
	    -wp-fct "$functions,$(cut -f1 "$mine/mutants" | paste -sd, -)" \
	    -wp-timeout 5 -wp-prover z3,cvc4 -wp-cache none \
	    "$file") >"$mine/log" 2>&1
	# the functions as they are must pass this very run
	for f in $(echo "$functions" | tr , ' '); do
		proved "$f" && continue
		echo "prove: $file: $f: no proof to break"
		echo 0 1 >>"$T/sum"
		return
	done
	dead=0 alive=0
	while IFS=$TAB read -r f check what; do
		if proved "$f"; then
			echo "prove: $file: $f survives: $check: $what"
			alive=$((alive + 1))
		else
			dead=$((dead + 1))
		fi
	done <"$mine/mutants"
	echo "prove: $file: $dead of $((dead + alive)) mutants fail"
	result $dead $alive "$dead of $((dead + alive)) mutants fail"
}

# Frama-C asks provers in the order in which they were first named: a row's
# own, if it names any.
prove() {	# option...
	[ "$functions" = all ] || set -- -wp-fct "$functions" "$@"
	frama-c -machdep gcc_x86_64 -no-frama-c-stdlib \
	    -cpp-extra-args="$cpp" -wp -wp-rte -wp-split -wp-par 1 \
	    -wp-timeout "${PROVE_TIMEOUT:-20}" "$@" -wp-prover z3,cvc4 \
	    -wp-cache none "$file" >"$mine/log" 2>&1
	status=$?
	# "[wp] Proved goals:   82 / 82"
	counts=$(sed -n 's/^\[wp\] Proved goals: *\([0-9]*\) *\/ *\([0-9]*\).*/\1 \2/p' \
	    "$mine/log" | tail -1)
	good=${counts% *} all=${counts#* }
	if [ $status -ne 0 ] || [ -z "$counts" ]; then
		echo "prove: $file: no result"
		tail -5 "$mine/log"
		echo 0 1 >>"$T/sum"
		return
	fi
	echo "prove: $file: $good of $all"
	grep 'Goal typed_.*\(Failed\|Timeout\|Unknown\)\|\[Failed\] Goal' \
	    "$mine/log"
	result $good $((all - good)) "$good of $all"
}

# One task, called by the whole run below: prove.sh --task DIR UNTIL LINE
if [ "${1:-}" = --task ]; then
	T=$2
	mine=$(mktemp -d "$T/task.XXXXXX")
	WHY3CONFIG=$T/why3.conf; export WHY3CONFIG
	libc=$(frama-c -print-share-path)/libc
	cpp="-nostdinc -Iformal/c -Iinclude -isystem $libc -D_POSIX_C_SOURCE=200809L"
	began=$(date +%s)
	IFS=$TAB read -r what file functions options <<-END
	$4
	END
	if [ "$began" -ge "$3" ]; then
		echo "skipped: prove: $file: no time left for $what"
		echo 0 0 1 >>"$T/sum"
		exit 0
	fi
	$what $options >"$mine/said" </dev/null
	cat "$mine/said"
	rm -rf "$mine"
	exit 0
fi

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

# The tasks: a line each, what was proved and then what must not be.
awk -F'\t' -v wanted="$*" '
	BEGIN { n = split(wanted, w, " "); for (i in w) want[w[i]] = 1 }
	/^#/ || NF < 2 || (n > 0 && !($1 in want)) { next }
	{ print (FILENAME ~ /mutants/ ? "mutants" : "prove") "\t" $0 }' \
    formal/c/proofs.tsv formal/c/mutants.tsv >"$T/tasks"
grep -q '^prove' "$T/tasks" || { echo "prove: no such file: $*"; exit 2; }
: >"$T/sum"
: >"$T/table"
until=$(($(date +%s) + ${PROVE_BUDGET:-1000000}))
xargs -P "${PROVE_JOBS:-2}" -d '\n' -n 1 "$0" --task "$T" $until <"$T/tasks"
[ -z "${PROVE_TABLE:-}" ] || {
	echo '| file | functions | result | seconds |'
	echo '|---|---|---|---|'
	sort "$T/table"
} >"$PROVE_TABLE"
# a task that said nothing has failed
awk -v tasks="$(wc -l <"$T/tasks")" '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		failed += tasks - NR
		printf "%d passed, %d failed", passed, failed
		if (skipped) printf ", %d skipped", skipped
		print ""
		exit failed != 0
	}' "$T/sum"
