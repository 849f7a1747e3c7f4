#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Simulated machines, end to end: files by `atls sim`, evidence by `atls
# attest` and over connections of `atls serve` and `atls connect`.
#	sim.sh ATLS
# Last line: "t_sim_tool: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.." || exit 4
. tests/shell.sh

# --- files
D=$T/d
is 2 "no folder" "$atls" sim
is 2 "two folders" "$atls" sim "$D" "$D"
is 2 "no such option" "$atls" sim --frobnicate "$D"
is 2 "no such fault" "$atls" sim --fault frob "$D"
is 2 "no such machine" "$atls" sim --instance 8 "$D"
is 2 "no such product" "$atls" sim --product rome "$D"
is 2 "bad time" "$atls" sim --at tomorrow "$D"
is 4 "a folder in no folder" "$atls" sim "$T/none/d"
[ ! -e "$D" ] || { echo "files of bad options"; bad=$((bad + 1)); }
is 0 "faults" "$atls" sim --faults
has out '^qe-debug	tdx	sgx	'
has out '^hwid	snp	'
is 0 "files" "$atls" sim "$D"
is 0 "files once more" "$atls" sim "$D"
is 0 "another machine" "$atls" sim --instance 1 "$T/d1"
is 0 "old collateral" "$atls" sim --fault tcb-expired "$T/old"
is 0 "of a time gone by" "$atls" sim --at 2024-01-01T00:00:00Z "$T/then"
is 0 "Turin, VLEK" "$atls" sim --product turin --vlek --version 5 "$T/turin"

# --- evidence on file
binder=$(printf 'ab%.0s' $(seq 32))
for k in tdx sgx snp cca psa nitro ear; do
	is 0 "$k: attest" "$atls" attest --attester sim:$k --binder "$binder"
	cp "$T/out" "$T/$k.cmw"
	judge="$atls verify --binder $binder --collateral $D/$k/collateral"
	is 0 "$k: accepted" $judge --policy "$D/$k/policy" "$T/$k.cmw"
	has out '^simulated  yes'
	grep -v allow-simulated "$D/$k/policy" >"$D/$k/strict"
	is 1 "$k: not allowed" $judge --policy "$D/$k/strict" "$T/$k.cmw"
	has out 'appraise.simulated'
	is 1 "$k: another binder" "$atls" verify --binder "cd${binder#ab}" \
	    --collateral "$D/$k/collateral" --policy "$D/$k/policy" \
	    "$T/$k.cmw"
	has out 'E_BIND'
	is 0 "$k: attest, other software" "$atls" attest --attester \
	    sim:$k:software=x --binder "$binder"
	cp "$T/out" "$T/x.cmw"
	[ $k = ear ] || {
		is 1 "$k: other software" $judge --policy "$D/$k/policy" \
		    "$T/x.cmw"
		has out 'E_POLICY'
	}
done
is 0 "Turin: attest" "$atls" attest --attester \
    sim:snp:product=turin,vlek=yes,version=5 --binder "$binder"
cp "$T/out" "$T/x.cmw"
is 0 "Turin: accepted" "$atls" verify --binder "$binder" --collateral \
    "$T/turin/snp/collateral" --policy "$T/turin/snp/policy" "$T/x.cmw"
is 1 "collateral of then" "$atls" verify --binder "$binder" --collateral \
    "$T/then/tdx/collateral" --policy "$D/tdx/policy" "$T/tdx.cmw"
has out 'E_STALE'
is 2 "no such fault" "$atls" attest --attester sim:tdx:fault=x \
    --binder "$binder"
is 2 "no such kind" "$atls" attest --attester sim:tpm --binder "$binder"
is 2 "half a name" "$atls" attest --attester sim --binder "$binder"
is 2 "more than a name" "$atls" attest --attester sim:tdxx --binder "$binder"

# --- over a connection
quietly() { "$@" >"$T/openssl" 2>&1 || cat "$T/openssl"; }
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/ca.key" -out "$T/ca.pem" -subj /CN=ca -days 30 \
    -addext keyUsage=critical,keyCertSign,cRLSign
for e in s c; do
	quietly openssl req -new -newkey ec -pkeyopt \
	    ec_paramgen_curve:P-256 -nodes -keyout "$T/$e.key" -out \
	    "$T/$e.csr" -subj /CN=$e
	printf 'subjectAltName=DNS:%s.example\nbasicConstraints=CA:FALSE\n%s\n%s\n' \
	    $e 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' \
	    >"$T/ext"
	quietly openssl x509 -req -in "$T/$e.csr" -CA "$T/ca.pem" -CAkey \
	    "$T/ca.key" -CAcreateserial -days 30 -extfile "$T/ext" -out \
	    "$T/$e.pem"
done

# attester option...: one server, until unserve
serve() {
	where=$1; shift
	port=$((port + 1))
	"$atls" serve --attester "$where" --cert "$T/s.pem" --key "$T/s.key" \
	    "$@" "127.0.0.1:$port" 2>"$T/serve.log" &
	server=$!
	wait_port $port
}

unserve() {
	kill -TERM $server
	wait $server 2>/dev/null
}

# policy collateral option...: says "secret", hears it again
client() {
	policy=$1 collateral=$2; shift 2
	echo secret | "$atls" connect -j --policy "$policy" --collateral \
	    "$collateral" --ca "$T/ca.pem" --name s.example "$@" \
	    "127.0.0.1:$port"
}

for k in tdx sgx snp cca psa nitro ear; do
	serve sim:$k
	is 0 "$k: connect" client "$D/$k/policy" "$D/$k/collateral"
	has out '^secret$'
	has err '"simulated": *true'
	is 1 "$k: not allowed" client "$D/$k/strict" "$D/$k/collateral"
	hasnot out secret
	has err 'appraise.simulated'
	unserve
done

# what is wrong is refused before anything is said
refused() {	# what attester reason policy collateral
	serve "$2"
	is 1 "$1" client "$4" "$5"
	hasnot out secret
	has err "$3"
	unserve
}
refused "a debug TD" sim:tdx:fault=debug tdx.td_attributes.debug \
    "$D/tdx/policy" "$D/tdx/collateral"
refused "another's report data" sim:tdx:fault=report-data tdx.report_data \
    "$D/tdx/policy" "$D/tdx/collateral"
refused "another root" sim:snp:fault=root snp.chain \
    "$D/snp/policy" "$D/snp/collateral"
refused "old TCB info" sim:tdx intel.tcb_info.expired \
    "$D/tdx/policy" "$T/old/tdx/collateral"
refused "an empty folder" sim:tdx intel.pck.crl \
    "$D/tdx/policy" "$D/cca/collateral"
refused "another kind" sim:sgx appraise.kind \
    "$D/tdx/policy" "$D/tdx/collateral"

# a stranger's text stays one line, and moves no cursor
python3 - tests/vectors/nitro/docs/evervault-2022.cbor "$T/esc.cbor" <<'EOF'
import sys
d = open(sys.argv[1], "rb").read()
at = d.index(b"module_id") + 9
n = d[at + 1] if d[at] == 0x78 else d[at] & 31
at += 2 if d[at] == 0x78 else 1
text = b"x\0\x1b[2J\xc2\x9b\nverdict accept"
open(sys.argv[2], "wb").write(d[:at] + text.ljust(n, b".") + d[at + n:])
EOF
is 0 "hostile text" "$atls" inspect --kind nitro "$T/esc.cbor"
has out 'nitro.module_id .*x\\x00\\x1b\[2J\\xc2\\x9b\\x0averdict accept'
hasnot out '^verdict'
is 0 "hostile text in JSON" "$atls" inspect -j --kind nitro "$T/esc.cbor"
has out '"x\\u0000\\u001B\[2J\\u009B\\nverdict accept'

# machines that we know
me=$("$atls" verify --binder "$binder" --collateral "$D/tdx/collateral" \
    --policy "$D/tdx/policy" "$T/tdx.cmw" | sed -n 's/^instance *//p')
{ cat "$D/tdx/policy"; echo "instance $me"; } >"$D/tdx/pinned"
serve sim:tdx
is 0 "the machine that we know" client "$D/tdx/pinned" "$D/tdx/collateral"
has out '^secret$'
unserve
refused "another genuine machine" sim:tdx:instance=1 appraise.instance \
    "$D/tdx/pinned" "$D/tdx/collateral"
serve sim:tdx:instance=1
is 0 "any machine" client "$D/tdx/policy" "$D/tdx/collateral"
unserve

# both ends
serve sim:tdx --policy "$D/snp/policy" --collateral "$D/snp/collateral" \
    --ca "$T/ca.pem" --name c.example
is 0 "both attest" client "$D/tdx/policy" "$D/tdx/collateral" --attest \
    --attester sim:snp --cert "$T/c.pem" --key "$T/c.key"
has out '^secret$'
is 1 "a client that can be debugged" client "$D/tdx/policy" \
    "$D/tdx/collateral" --attest --attester sim:snp:fault=debug \
    --cert "$T/c.pem" --key "$T/c.key"
hasnot out secret
has serve.log snp.policy.debug
unserve

echo "t_sim_tool: $n checks, $bad failed"
[ $bad -eq 0 ]
