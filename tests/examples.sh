#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The programs of examples/ against each other, on a TPM in software.
#	examples.sh SOURCEDIR BUILDDIR
# Last line: "t_examples: N checks, M failed".
set -eu
src=$(cd "$1" && pwd)
bin=$(cd "$2" && pwd)/examples
atls=$2/tools/atls/atls
lab=$src/scripts/tpm-lab.sh
checks=0 failed=0
export TSS2_LOG=all+none

for c in swtpm swtpm_setup swtpm_localca openssl; do
	command -v $c >/dev/null || {
		echo "skipped: examples: no $c"
		exit 77
	}
done

T=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	$lab stop "$T/tpm" 2>/dev/null || :
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

quietly() {
	"$@" >"$T/out" 2>&1 || { cat "$T/out" >&2; exit 4; }
}

ok() {		# name: the command before it succeeded, or $? was kept
	checks=$((checks + 1))
	[ "$1" -eq 0 ] && return
	failed=$((failed + 1))
	echo "FAILED: $2"
	cat "$T/got" "$T/log" "$T/server.log"
}

# name CMD...: says who it is, if it does, and gets its hello back
greets() {
	what=$1; shift
	rc=0
	"$@" >"$T/got" 2>"$T/log" || rc=$?
	grep -q '^hello$' "$T/got" || rc=1
	ok $rc "$what: is accepted and greets"
}

# name reason CMD...: status 1, the reason told, no greeting
refuses() {
	what=$1 reason=$2; shift 2
	rc=0
	"$@" >"$T/got" 2>"$T/log" || rc=$?
	[ $rc -eq 1 ] && grep -q "refused: $reason" "$T/log" &&
	    ! grep -q hello "$T/got"
	ok $? "$what: refuses with $reason"
}

# A machine, its certificate, and a policy that pins it.
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/ca.key" -out "$T/ca.pem" -subj /CN=CA -days 2 \
    -addext keyUsage=critical,keyCertSign,cRLSign
tcti=$($lab start "$T/tpm")
where=dir=$T/keys,tcti=$tcti
"$atls" attest --attester "tpm:$where" --csr server.example >"$T/s.csr"
printf 'subjectAltName=DNS:server.example\n' >"$T/ext"
quietly openssl x509 -req -in "$T/s.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" \
    -CAcreateserial -days 1 -extfile "$T/ext" -out "$T/s.pem"
"$atls" attest --attester "tpm:$where" --binder "$(openssl rand -hex 32)" \
    >"$T/s.cmw"
"$atls" policy learn "$T/s.cmw" >"$T/policy"
sed 's/^tpm.pcr.sha256.0 .*/tpm.pcr.sha256.0 '"$(openssl rand -hex 32)"'/' \
    "$T/policy" >"$T/other"
cmp -s "$T/policy" "$T/other" && { echo "no PCR 0 in the policy"; exit 4; }

port=$((12000 + $$ % 20000))	# below those of clients
"$bin/server" "$where" "$(cat "$T/s.pem")" $port 2>"$T/server.log" &
server=$!
n=0
until grep -q ":$(printf %04X $port) 00000000:0000 0A" /proc/net/tcp; do
	n=$((n + 1))
	[ $n -lt 100 ] || { cat "$T/server.log"; exit 4; }
	sleep 0.1
done

# the shortest program leaves it to exit(3) to free what it had
hello="env ASAN_OPTIONS=detect_leaks=0 $bin/hello"
p=$(cat "$T/policy") o=$(cat "$T/other") ca=$(cat "$T/ca.pem")
greets hello $hello 127.0.0.1:$port server.example "$ca" "$p"
greets nonblocking "$bin/nonblocking" "$p" "$ca" server.example 127.0.0.1 \
    $port
greets attach "$bin/attach" "$p" "$T/ca.pem" "$ca" server.example 127.0.0.1 \
    $port
refuses hello tpm.pcr.sha256.0 $hello 127.0.0.1:$port server.example "$ca" \
    "$o"
refuses nonblocking tpm.pcr.sha256.0 "$bin/nonblocking" "$o" "$ca" \
    server.example 127.0.0.1 $port
refuses attach tpm.pcr.sha256.0 "$bin/attach" "$o" "$T/ca.pem" "$ca" \
    server.example 127.0.0.1 $port

echo "t_examples: $checks checks, $failed failed"
[ $failed -eq 0 ]
