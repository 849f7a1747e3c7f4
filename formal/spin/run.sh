#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Check the state table, src/proto/sm.def, by spin: formal/spin/README.md.
#	run.sh [NAME...]	(default: all; see the end of this file)
# Last line: t_spin: N checks, M failed.  Without spin: status 77.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
LC_ALL=C; export LC_ALL
for tool in spin gcc; do
	command -v $tool >/dev/null && continue
	echo "skipped: spin: $tool is not installed (scripts/setup.sh check)"
	exit 77
done
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
checks=0 failed=0

# What C includes or says itself: states and events in their order, the first
# element of the gate, reasons as numbers.
names() {
	sed -n '/^enum sm_state {/,/^};/p; /^enum sm_event {/,/^};/p' \
	    "$root/src/proto/sm.h" | sed 's,/\*.*\*/,,' | awk '
		/^enum/ { n = 0; next }
		{ gsub(/[ \t}{;]/, ""); m = split($0, w, ",")
		  for (i = 1; i <= m; i++) if (w[i] != "")
			print "#define " w[i] " " n++ }'
	gate PEER_KNOWN peer_known r
	gate WE_ARE_KNOWN we_are_known a
	{ echo ATLS_E_PEER
	sed -n 's/^ROW(.*\(ATLS_[A-Z_]*\)).*/\1/p' "$root/src/proto/sm.def"; } |
	    sort -u | awk '{ print "#define " $1 " " ($1 == "ATLS_OK" ? 0 : NR) }'
}
gate() {	# macro, its name in sm.c, machine
	sed -n "/bool $2 =/,/;/p" "$root/src/proto/sm.c" | tr -d '\n\t;' |
	    sed "s/.*bool $2 = *\(.*\)/#define $1(s) (\1)/; s/$3->state/(s)/g"
	echo
}

# model FILE DEFINES TABLE -On: 0 no error, 1 error found, 2 not run
model() {
	{ names; cat "$here/$1"; } >"$T/in.c"
	rm -rf "$T/pan"; mkdir -p "$T/inc" "$T/pan" && cp "$3" "$T/inc/sm.def"
	gcc -E -P -undef -x c $2 -I "$T/inc" "$T/in.c" >"$T/pan/m.pml" &&
	(cd "$T/pan" && spin -a m.pml >spin.out 2>&1 &&
	    gcc $4 -w -DSAFETY -DNOFAIR -DCOLLAPSE -DMEMLIM=1500 -o pan pan.c &&
	    ./pan -m400000 -n >pan.out 2>&1) || { cat "$T/pan/"*.out; return 2; }
	if grep -q 'errors: 0' "$T/pan/pan.out" &&
	    ! grep -q 'max search depth too small\|reached memory\|out of mem' \
	    "$T/pan/pan.out"; then
		return 0
	fi
	grep -q '^pan:[0-9]*: \(assertion\|invalid\)' "$T/pan/pan.out" && return 1
	cat "$T/pan/pan.out"
	return 2
}
holds() {	# name, file, defines
	model "$2" "$3" "$root/src/proto/sm.def" -O1
	say "$1" $? 0
}
breaks() {	# name, file, defines, sed program over the table
	sed "$4" "$root/src/proto/sm.def" >"$T/seed.def"
	cmp -s "$T/seed.def" "$root/src/proto/sm.def" && [ "$4" != '' ] &&
	    { say "$1: the seed is not sown" 2 1; return; }
	model "$2" "$3" "$T/seed.def" -O0
	say "$1" $? 1
}
say() {
	checks=$((checks + 1))
	n=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$T/pan/pan.out")
	if [ "$2" = "$3" ]; then
		echo "spin: $1: as it must be ($n states)"
	else
		echo "spin: $1: NOT as it must be"
		sed -n '/^pan:/p' "$T/pan/pan.out"
		failed=$((failed + 1))
	fi
}

S=session.pml
holds honest $S "-DHONEST"
holds lossy $S "-DROOM=2"
holds hostile $S "-DHOSTILE"
# all of this would hold of a model in which nothing happens
breaks not-vacuous $S "-DHONEST -DWITNESS" ''
# wrong rows, and who must find them
breaks lease-ignored $S "-DHOSTILE" \
    '/R_REASKED,.*EV_LEASE_END/s/R_FAILED,.*ATLS_E_STALE/R_REASKED, ATLS_OK/'
breaks late-waived $S "-DHOSTILE" \
    '/ROW(R_ASKED,.*EV_TIMEOUT/s/R_FAILED,.*ATLS_E_TIMEOUT/R_WAIVED, ATLS_OK/'
breaks answer-accepted $S "-DHOSTILE" \
    '/ROW(R_ASKED,.*EV_ANSWER/s/R_APPRAISE/R_ACCEPTED/'
breaks carried-accepted $S "-DHOSTILE" '/EV_CARRIED/s/R_APPRAISE/R_ACCEPTED/'
breaks never-judged $S "-DROOM=2 -DROUNDS=1" '/EV_WILL_ASK/s/A_IDLE/A_WAIVED/'
breaks no-timeout $S "-DHOSTILE" '/ROW(A_IDLE,.*EV_TIMEOUT/d'
breaks stuck $S "-DHONEST" '/ROW(A_REEVIDENCE,.*EV_ANSWER/s/A_RESENT/A_REEVIDENCE/'

echo "t_spin: $checks checks, $failed failed"
[ $failed -eq 0 ]
