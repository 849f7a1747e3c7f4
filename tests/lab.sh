#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The attack laboratory: what must come of each attack, in each family, under
# each measure, with the check and without it.
#	lab.sh ATLS
# Last line: "t_lab: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.." || exit 4
. tests/shell.sh

# --- the matrix: one line of tests/lab.tsv for each cell
is 0 "all attacks" "$atls" lab --tsv
grep -v '^#' tests/lab.tsv | diff - "$T/out" >"$T/diff"
ok $? "not what tests/lab.tsv expects:
$(cat "$T/diff")"
n=$((n + $(grep -c . "$T/out")))

# what a check of ours refuses without any measure was seen without the check
awk -F'\t' '$3 ~ /^r/ && $4 != "W" { print $1, $2 }' "$T/out" >"$T/once"
[ ! -s "$T/once" ]
ok $? "never seen with the check left out: $(cat "$T/once")"
! grep -q '?' "$T/out"
ok $? "trouble in the laboratory"

# other machines, the same verdicts
is 0 "all attacks, snp" "$atls" lab --tsv --kind snp
cut -f1-4 "$T/out" >"$T/letters"
grep -v '^#' tests/lab.tsv | cut -f1-4 | diff - "$T/letters" >"$T/diff"
ok $? "snp: $(cat "$T/diff")"

# --- what is written about it
is 0 "markdown" "$atls" lab --markdown
cmp -s "$T/out" doc/attacks.md
ok $? "doc/attacks.md is not what atls lab --markdown prints:
$(diff "$T/out" doc/attacks.md | head -10)"
is 0 "table" "$atls" lab --table
sed -n '/^<!-- lab -->$/,/^<!-- end -->$/p' README.md | sed '1d;$d' |
    cmp -s - "$T/out"
ok $? "README.md: not the table that atls lab --table prints"
is 2 "a table of one" "$atls" lab --table replay
"$atls" lab --list | grep -oE '^[a-z0-9-]+' | sort -u >"$T/lab"
grep -v '^#' formal/attacks.list | cut -f3 | grep -v '^-$' | sort -u |
    cmp -s - "$T/lab"
ok $? "formal/attacks.list and the laboratory have other attacks"

# --- one attack, told
is 0 "a story" "$atls" lab replay post -v
grep -q '^refused by tdx.report_data$' "$T/out"
ok $? "replay: not refused by tdx.report_data"
is 1 "the same without the check" "$atls" lab replay post -v --without-check
grep -q 'prints: the launch code' "$T/out"
ok $? "replay without the check: no secret"
is 1 "an open one" "$atls" lab diversion-genuine post -v
is 0 "the same with a measure" "$atls" lab diversion-genuine post -v \
    --measure pin
is 0 "one that cannot be" "$atls" lab label-confusion pre -v
is 0 "a drawing" "$atls" lab replay intra --svg "$T/a.svg"
grep -q '^</svg>$' "$T/a.svg" && [ "$(grep -c '<line' "$T/a.svg")" -ge 5 ]
ok $? "no drawing"
is 0 "a cell as JSON" "$atls" lab replay pre -j
grep -q '"bare":{"verdict":"attacker wins"}' "$T/out"
ok $? "JSON: $(cat "$T/out")"

# --- cells in words
is 0 "one attack, in words" "$atls" lab passport-reuse
has out '^passport-reuse  *post  refused by ear.nonce \*  *open  *! *$'
has out '^  *pre  *ATTACKER WINS  *open  *no measure helps$'
has out '^  passport-reuse intra: published as open; here it is refused, by'
is 0 "measures, in words" "$atls" lab identity-crisis post
has out 'ATTACKER WINS  *duty  *not with name, enrolment$'
hasnot out 'ours differs:'
is 0 "what cannot be, in words" "$atls" lab context-reuse tls-a
has out '^context-reuse  *tls-a not applicable *$'
hasnot out '^  *post'

# --- command lines
is 0 "help" "$atls" lab --help
is 2 "no such attack" "$atls" lab frobnicate
is 2 "no such family" "$atls" lab replay quantum
is 2 "no such measure" "$atls" lab replay post --measure hope
is 2 "no such kind" "$atls" lab --kind tpm
is 2 "a drawing of all" "$atls" lab --svg "$T/b.svg"
is 2 "too far away" "$atls" lab --target 192.0.2.1:443
is 2 "no port" "$atls" lab --target localhost
is 4 "nobody there" "$atls" lab --target 127.0.0.1:1

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/key.pem" -out "$T/cert.pem" -subj /CN=localhost -days 2 \
    2>/dev/null
"$atls" serve --attester sim:tdx --cert "$T/cert.pem" --key "$T/key.pem" \
    "127.0.0.1:$port" 2>/dev/null </dev/null &
wait_port $port
is 0 "a server of ours" "$atls" lab --target "127.0.0.1:$port"
[ "$(grep -c '^ok  ' "$T/out")" -ge 6 ] && ! grep -q '^OPEN' "$T/out"
ok $? "a server of ours: $(cat "$T/out")"
port=$((port + 1))
openssl s_server -accept "127.0.0.1:$port" -cert "$T/cert.pem" \
    -key "$T/key.pem" -www >/dev/null 2>&1 </dev/null &
wait_port $port
is 1 "a server without attestation" "$atls" lab --target "127.0.0.1:$port"
grep -q '^OPEN  stripping' "$T/out" && grep -q '^OPEN  downgrade' "$T/out" &&
    grep -q '^OPEN  resumption: a ticket' "$T/out"
ok $? "openssl s_server: $(cat "$T/out")"

# one that drips: its time ends
port=$((port + 1))
cat >"$T/drip.pl" <<'EOF'
use IO::Socket::INET;
my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1",
    LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die;
$SIG{PIPE} = "IGNORE";
while (my $c = $l->accept) {
	syswrite($c, "\x16\x03\x03\x40\x00");
	while (defined syswrite($c, "\x02")) { select(undef, undef, undef, 0.5) }
}
EOF
perl "$T/drip.pl" $port 2>/dev/null &
wait_port $port
is 4 "one that drips" timeout 30 "$atls" lab --target "127.0.0.1:$port"
has out 'no TLS connection'

echo "t_lab: $n checks, $bad failed"
[ $bad -eq 0 ]
