#!/bin/sh
# Run every fuzz target for MINUTES each, two at a time; what they find worth
# keeping stays in build-fuzz/corpus for the next run.
#	fuzz.sh [MINUTES] [TARGET...]
set -eu
cd "$(dirname "$0")/.."
minutes=${1:-10}
[ $# -eq 0 ] || shift
out=build-fuzz
mkdir -p "$out/corpus"
src=$(find src -name '*.c')
help='tests/az_make.c tests/ea_util.c tests/ear_judge.c tests/ear_make.c
tests/fake_channel.c tests/fault.c tests/pki.c
tests/snp_judge.c
tests/snp_make.c tests/token_keys.c tests/token_make.c tests/tpm_judge.c
tests/tpm_make.c tests/world.c'
flags='-std=c11 -D_POSIX_C_SOURCE=200809L -O1 -g -Iinclude
-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
wrap='-Wl,--wrap=crypto_random'

targets=${*:-$(cd fuzz && ls fuzz_*.c | sed 's/\.c$//')}
[ -n "$targets" ] || exit 4

# objects once, then one program each
stamp=$out/built
headers=$(find include src tests \( -name '*.h' -o -name '*.def' \) \
    -newer "$stamp" 2>/dev/null) || headers=all
[ -z "$headers" ] && [ -f "$stamp" ] || rm -f "$out"/*.o
touch "$stamp"
for f in $src $help; do
	o=$out/$(echo "$f" | tr / _).o
	[ "$o" -nt "$f" ] || clang $flags -c "$f" -o "$o"
done
rm -f "$out/all.a"
ar rcs "$out/all.a" "$out"/*.o
for t in $targets; do
	w=
	[ "$t" != fuzz_peer ] || w=$wrap
	clang $flags -fsanitize=fuzzer $w "fuzz/$t.c" "$out/all.a" -ljansson -lcrypto -lpthread -o "$out/$t"
done

run() {
	mkdir -p "$out/corpus/$1"
	seeds=tests/vectors/${1#fuzz_}
	[ -d "$seeds" ] || seeds=
	if "$out/$1" -max_total_time=$((minutes * 60)) -timeout=20 \
	    -max_len=16384 -artifact_prefix="$out/$1-" -print_final_stats=1 \
	    "$out/corpus/$1" $seeds >"$out/$1.log" 2>&1
	then
		n=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		    "$out/$1.log")
		echo "$1: $n runs in $minutes minutes, nothing found"
	else
		echo "$1: FOUND SOMETHING, see $out/$1.log"
		return 1
	fi
}

bad=0
set -- $targets
while [ $# -gt 0 ]; do
	a=$1 b=${2:-}
	shift; [ -z "$b" ] || shift
	run "$a" & pa=$!
	pb=
	[ -z "$b" ] || { run "$b" & pb=$!; }
	wait $pa || bad=1
	[ -z "$pb" ] || wait $pb || bad=1
done
exit $bad
