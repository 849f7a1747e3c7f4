#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# connect and serve in each family, between simulated machines.
#	families.sh ATLS
# Last line: "t_families: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
command -v openssl >/dev/null || {
	echo "skipped: families: no openssl"
	exit 77
}
. "$(dirname "$0")/shell.sh"
cd "$T" || exit 1

# what, status, options of serve -- options of connect; output in out, err
link() {
	what=$1 want=$2 sopts=
	shift 2
	while [ "$1" != -- ]; do
		sopts="$sopts $1"
		shift
	done
	shift
	port=$((port + 1))
	: >serr
	# shellcheck disable=SC2086
	timeout -k 5 120 "$atls" serve --count 1 $sopts 127.0.0.1:$port 2>serr &
	pid=$!
	i=0
	until grep -q "serving on" serr || [ $i -gt 100 ]; do
		i=$((i + 1))
		sleep 0.05
	done
	echo "over $what" | timeout -k 5 120 "$atls" connect --timeout 10s "$@" \
	    127.0.0.1:$port >out 2>err
	got=$?
	[ $got -eq "$want" ]
	ok $? "$what: status $got, not $want: $(cat err serr)"
	# one that refused us may wait for another
	[ "$want" -eq 0 ] || sleep 0.2
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ "$want" -ne 0 ] || has out "over $what"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout ca.key -out ca.pem -subj /CN=ca -days 2 \
    -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
for e in s c; do
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout $e.key -out $e.csr -subj /CN=$e 2>/dev/null
	echo "subjectAltName=DNS:$e.example" >ext
	openssl x509 -req -in $e.csr -CA ca.pem -CAkey ca.key \
	    -CAcreateserial -days 2 -extfile ext -out $e.pem 2>/dev/null
done
"$atls" sim sim >/dev/null || {
	echo "skipped: families: built without simulated machines"
	exit 77
}
floors() { # kind, file, binding, freshness
	sed -e "s/^binding-min.*/binding-min $3/" \
	    -e "s/^freshness-min.*/freshness-min $4/" \
	    sim/$1/policy >sim/$1/$2
}

for k in tdx snp; do
	floors $k intra transcript F3
	floors $k tls-a nonce+key F3
	floors $k pre key F0
	other=$([ $k = tdx ] && echo snp || echo tdx)
	S="--cert s.pem --key s.key --attester sim:$k:"
	C="--cert c.pem --key c.key --attest --attester sim:$other:"
	floors $other intra transcript F3
	of() { # family's policy: of the server, to the client
		echo "--ca ca.pem --name s.example --policy sim/$k/$1
		    --collateral sim/$k/collateral"
	}
	back() {
		echo "--ca ca.pem --name c.example --policy sim/$other/$1
		    --collateral sim/$other/collateral"
	}
	link "post, $k" 0 $S -- $(of policy)
	has err 'binding=exporter'
	link "intra, $k" 0 --family intra $S -- --family intra $(of intra)
	has err 'binding=transcript'
	has err 'experimental'
	has serr 'experimental'
	link "intra, both, $k" 0 --family intra $S $(back intra) -- \
	    --family intra $(of intra) $C
	has err "verdict=accept kind=$k"
	has serr "verdict=accept kind=$other"
	link "intra, confirmed, $k" 0 --family intra --confirm $S \
	    $(back intra) -- --family intra --confirm $(of intra) $C
	has err 'binding=exporter'
	link "intra, no name, $k" 0 --family intra $S -- --family intra \
	    --insecure-no-pki --policy sim/$k/intra \
	    --collateral sim/$k/collateral
	has err 'identity=unknown'
	link "tls-a, $k" 0 --insecure-tls-a $S -- --insecure-tls-a \
	    $(of tls-a)
	has err 'binding=nonce+key'
	has err 'insecure: TLS-a'
	link "pre, $k" 0 --family pre --attester sim:$k: -- --family pre \
	    --insecure-no-pki --policy sim/$k/pre \
	    --collateral sim/$k/collateral
	has err 'binding=key freshness=F0'

	# what must not be
	link "intra is no exporter, $k" 1 --family intra $S -- \
	    --family intra $(of policy)
	has err 'appraise.binding'
	link "pre is no transcript, $k" 1 --family pre --attester sim:$k: -- \
	    --family pre --insecure-no-pki --policy sim/$k/intra \
	    --collateral sim/$k/collateral
	has err 'appraise.binding'
	link "a server of post, $k" 1 $S -- --family intra $(of intra)
	has err 'E_NONE ext.attestation'
	link "a client of post, $k" 1 --family intra $S $(back intra) -- \
	    $(of policy) $C
	has serr 'E_REFUSED ext.attestation'
	link "another kind, $k" 1 --family intra --cert s.pem --key s.key \
	    --attester sim:$other: -- --family intra $(of intra)
	has serr 'no attestation scheme in common'
	has err 'handshake failure'
	link "another kind, another alert, $k" 1 --family intra --alert 43 \
	    --code-point 0xfe01 --cert s.pem --key s.key --attester \
	    sim:$other: -- --family intra --code-point 0xfe01 $(of intra)
	has err 'unsupported certificate'
	link "another code point, $k" 0 --family intra --code-point 0xfe01 \
	    $S -- --family intra --code-point 0xfe01 $(of intra)
	link "code points that differ, $k" 1 --family intra --code-point \
	    0xfe01 $S -- --family intra $(of intra)
	has err 'E_NONE ext.attestation'
	link "another's report data, $k" 1 --family intra --cert s.pem \
	    --key s.key --attester sim:$k:fault=report-data -- \
	    --family intra $(of intra)
	has err "E_BIND $k.report_data"
done

for o in "--family frob" "--family tls-a" "--confirm" \
    "--family post --confirm" "--alert 43" "--family pre --alert 43" \
    "--family intra --alert 256" "--family intra --alert x" \
    "--family intra --code-point 65536"; do
	# shellcheck disable=SC2086
	is 2 "$o" "$atls" connect $o --ca ca.pem --policy sim/tdx/policy \
	    127.0.0.1:1
done
echo "t_families: $n checks, $bad failed"
[ $bad -eq 0 ]
