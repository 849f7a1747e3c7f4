#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The laboratory with TPMs, of the server, a neighbour and the attacker.
#	lab-tpm.sh ATLS
# Last line: "t_lab_tpm: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.." || exit 4
export TSS2_LOG=all+none
command -v swtpm >/dev/null || {
	echo "skipped: lab-tpm: swtpm is not installed"
	exit 77
}
. tests/shell.sh
lab=scripts/tpm-lab.sh
end() {
	for i in 1 2 3; do $lab stop "$T/tpm$i"; done
	tidy
}
trap end EXIT
for i in 1 2 3; do
	$lab start "$T/tpm$i" >"$T/tcti$i" || exit 4
	eval "w$i=dir=$T/keys$i,tcti=\$(cat \"$T/tcti$i\")"
done
play() { "$atls" lab --tpm "$w1" --tpm "$w2" --tpm "$w3" "$@"; }

is 0 "all attacks" play --tsv
grep -v '[.]\{6\}' "$T/out" >"$T/played"
grep -v '^#' tests/lab-tpm.tsv | diff - "$T/played" >"$T/diff"
ok $? "not what tests/lab-tpm.tsv expects:
$(cat "$T/diff")"
n=$((n + $(grep -c . "$T/out")))
awk -F'\t' '$3 ~ /^r/ && $4 != "W" { print $1, $2 }' "$T/out" >"$T/once"
[ ! -s "$T/once" ]
ok $? "never seen with the check left out: $(cat "$T/once")"
[ "$(grep -c . "$T/out")" -eq "$(grep -vc '^#' tests/lab.tsv)" ]
ok $? "not all attacks in all families"

is 0 "a key that cannot leave" play relay-leaked-key post -v
has out 'the TLS key cannot leave its TPM'
is 1 "another TPM, nothing but attestation" play diversion-genuine post -v
has out 'prints: the launch code'
is 0 "another TPM, pinned" play diversion-genuine post -v --measure pin
has out '^refused by tpm.ak.name$'
is 2 "two TPMs" "$atls" lab --tpm "$w1" --tpm "$w2"
is 2 "four TPMs" play --tpm "$w1"
is 4 "one is not there" "$atls" lab --tpm "$w1" --tpm "$w2" --tpm \
    "dir=$T/keys4,tcti=swtpm:path=$T/none"

echo "t_lab_tpm: $n checks, $bad failed"
[ $bad -eq 0 ]
