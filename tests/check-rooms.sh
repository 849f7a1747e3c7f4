#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who includes what, and other rules that a compiler does not know.
#	check-rooms.sh SOURCEDIR
# Last line: "t_check_rooms: N checks, M failed".
set -u
cd "$1" || exit 4
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
LC_ALL=C; export LC_ALL

# "FILE:LINE: NAME" for each #include; "../x/y.h" becomes "src/x/y.h" and
# "y.h" the file beside it, so that every name says its room.
includes() {
	[ $# -gt 0 ] || return 0
	awk '/^[ \t]*#[ \t]*include/ {
		n = $0
		sub(/^[^<"]*/, "", n)
		if (n ~ /^</) {
			sub(/^</, "", n)
			sub(/>.*/, "", n)
		} else {
			d = FILENAME
			sub(/\/[^\/]*$/, "", d)
			gsub(/"/, "", n)
			sub(/[ \t].*/, "", n)
			while (sub(/^\.\.\//, "", n))
				if (!sub(/\/[^\/]*$/, "", d))
					d = "."
			n = d == "." ? n : d "/" n
		}
		print FILENAME ":" FNR ": " n
	}' "$@"
}

files() {
	find "$@" -name '*.[ch]' | sort
}

# room allowed-pattern: what a room may include; libc is what has no owner
LIBC='(assert|ctype|errno|inttypes|limits|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|pthread|sys/types)\.h'
OS='[a-z/]*(fcntl|poll|unistd|time|socket|stat)\.h|arpa/inet\.h'
room() {
	name=$1 allowed=$2; shift 2
	includes $(files "$name") >"$T/inc"
	checks=$((checks + $(wc -l <"$T/inc")))
	[ -s "$T/inc" ] || echo "$name: nothing in it" >>"$T/bad"
	grep -vE ": ($allowed)\$" "$T/inc" | sed 's/: /: must not include /' \
	    >>"$T/bad"
}

checks=0
: >"$T/bad"
PUB='atls/[a-z_]+\.h'
in_() {		# rooms of src/, as a pattern
	printf 'src/('
	echo "$*" | tr ' ' '|' | tr -d '\n'
	printf ')/[a-z0-9_]+\.(h|def)'
}

room include "$LIBC|$PUB|openssl/types\.h"
includes $(ls include/atls/*.h | grep -v '/openssl\.h$') |
    grep ': openssl/' >>"$T/bad"
room src/base "$LIBC|$PUB|$(in_ base)"
room src/codec "$LIBC|$PUB|$(in_ base codec)"
room src/crypto "$LIBC|$PUB|openssl/[a-z0-9_]+\.h|arpa/inet\.h|time\.h|$(in_ base codec crypto)"
room src/ea "$LIBC|$PUB|$(in_ base codec crypto ea)"
room src/cmw "$LIBC|$PUB|$(in_ base codec cmw)"
room src/endorse "$LIBC|$PUB|jansson\.h|$(in_ base codec crypto endorse)"
room src/evidence "$LIBC|$PUB|jansson\.h|$(in_ base codec crypto endorse evidence)"
room src/appraise "$LIBC|$PUB|$(in_ base codec crypto cmw endorse evidence appraise)"
room src/ratls "$LIBC|$PUB|$(in_ base codec crypto ratls)"
room src/proto "$LIBC|$PUB|$(in_ base codec crypto ea cmw endorse evidence appraise proto)"
room src/conn "$LIBC|$PUB|$OS|$(in_ base proto conn)"
room backend/openssl "$LIBC|$PUB|$OS|openssl/[a-z0-9_]+\.h|sys/[a-z]+\.h|backend/openssl/[a-z0-9_]+\.h"
room fail "$LIBC|atls/error\.h|fail/fail\.h"
room collateral "$LIBC|$PUB|$OS|dirent\.h|strings\.h|openssl/[a-z0-9_]+\.h|curl/curl\.h|(collateral|fail)/[a-z0-9_]+\.h"
room attester/tpm "$LIBC|$PUB|$OS|sys/[a-z]+\.h|openssl/[a-z0-9_]+\.h|tss2/[a-z0-9_]+\.h|(attester/tpm|fail)/[a-z0-9_]+\.h"
room attester/os "$LIBC|$PUB|$OS|sys/[a-z]+\.h|(attester/os|fail)/[a-z0-9_]+\.h"
for a in gramine nsm tsm; do
	room attester/$a "$LIBC|$PUB|fcntl\.h|attester/(os|$a)/[a-z0-9_]+\.h"
done
room sim "$LIBC|$PUB|time\.h|openssl/[a-z0-9_]+\.h|sim/[a-z0-9_]+\.(h|def)"

# what the patterns above are too coarse for
deny() {	# what pattern dir...
	what=$1 pattern=$2; shift 2
	includes $(files "$@") >"$T/inc"
	checks=$((checks + 1))
	grep -E ": ($pattern)" "$T/inc" | sed "s|\$|: $what|" >>"$T/bad"
}
deny "ea knows nothing of attestation" \
    'atls/(cmw|evidence|appraise|attester|config|session|conn)\.h' src/ea
deny "cmw knows nothing of kinds" \
    'atls/(evidence|appraise|attester|config|session|conn|ea)\.h' src/cmw
deny "evidence knows nothing of TLS or policy" \
    'atls/(appraise|attester|backend|config|session|conn|ea)\.h' src/evidence src/endorse
deny "appraisal knows nothing of TLS" \
    'atls/(attester|backend|config|session|conn|ea)\.h' src/appraise
deny "the protocol does no I/O" 'atls/(conn|attester)\.h' src/proto
deny "the core knows no TLS library" 'atls/(gramine|nsm|openssl|source|tpm|tsm)\.h|openssl/ssl\.h' src
deny "an attester knows no TLS" 'openssl/ssl\.h|atls/(conn|session|config|ea|appraise|openssl)\.h' attester
deny "collateral knows no TLS session and no verdict" \
    'openssl/ssl\.h|atls/(appraise|attester|backend|config|conn|ea|openssl|result|session)\.h' collateral
deny "a backend knows no evidence" 'atls/(evidence|appraise|attester|config|session|conn|cmw|collateral|gramine|nsm|source|tpm|tsm)\.h' backend
deny "public API only" '(src|backend|attester|collateral|sim)/' tools lab examples
deny "simulation knows no TLS" \
    'openssl/ssl\.h|atls/(backend|config|conn|ea|openssl|session)\.h' sim
deny "production knows no simulation" 'atls/sim\.h|sim/' src backend attester \
    collateral
includes $(files src | grep -v '^src/crypto/') | grep ': openssl/' |
    sed 's/$/: only src\/crypto/' >>"$T/bad"
includes $(files backend attester collateral sim) | grep -E ': src/' >>"$T/bad"

# files: their length, their licence, what is not to be in them
ours='src include backend attester collateral fail sim tools lab examples tests fuzz
bench'
all=$(files $ours)
checks=$((checks + $(echo "$all" | wc -l)))
awk 'FNR == 1 && !/SPDX-License-Identifier: Apache-2.0/ {
	print FILENAME ": no SPDX line" }' $all >>"$T/bad"
grep -nE '\b(TODO|FIXME|XXX)\b' $all /dev/null >>"$T/bad"

# a function is what is between "{" and "}" in the first column
all=$(files src backend attester collateral fail sim tools lab examples)
checks=$((checks + $(echo "$all" | wc -l)))
awk 'FNR == 501 && FILENAME ~ /\.c$/ { print FILENAME ": over 500 lines" }
	/^\{/ { at = FNR }
	/^\}/ && at { if (FNR - at - 1 > 60)
		print FILENAME ":" at ": a function of " FNR - at - 1 " lines"
		at = 0 }' $all >>"$T/bad"
for f in include/atls/*.h; do
	checks=$((checks + 1))
	n=$(wc -l <"$f")
	[ "$n" -le 150 ] || echo "$f: $n lines" >>"$T/bad"
done
checks=$((checks + 1))
grep -rnE '\bmemcmp\(' src | sed 's/$/: use atls_ct_eq()/' >>"$T/bad"

sort -u "$T/bad"
failed=$(sort -u "$T/bad" | wc -l)
echo "t_check_rooms: $checks checks, $failed failed"
[ "$failed" -eq 0 ]
