#!/bin/sh
# The main job, end to end, on TPMs in software: an attested connection, a
# mutual one, and then attacks that are refused.  Exit 0: all went as it must.
#	demo.sh BUILDDIR
set -eu
cd "$(dirname "$0")/.."
build=$(cd "$1" && pwd)
atls=$build/tools/atls/atls
moves=$build/lab/moves
lab=scripts/tpm-lab.sh
T=$(mktemp -d)
port=$((12000 + $$ % 20000))	# below those of clients
accepted=0 refused=0 wrong=0
export TSS2_LOG=all+none

cleanup() {
	jobs -p >"$T/jobs"
	xargs -r kill <"$T/jobs" 2>/dev/null || :
	$lab stop "$T/tpm-s" 2>/dev/null || :
	$lab stop "$T/tpm-c" 2>/dev/null || :
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

say() { printf '\n== %s\n' "$*"; }

# openssl speaks only when something is wrong
quietly() {
	"$@" >"$T/out" 2>&1 || { cat "$T/out" >&2; exit 4; }
}

wait_port() {	# until somebody listens on $1
	n=0
	until grep -q ":$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
	do
		n=$((n + 1))
		[ $n -lt 100 ] || { echo "nobody on port $1" >&2; exit 4; }
		sleep 0.05
	done
}

# what CMD...: it must be accepted
good() {
	what=$1; shift
	if echo "hello" | "$@" >"$T/got" 2>"$T/log" &&
	    grep -q '^hello$' "$T/got"
	then
		accepted=$((accepted + 1))
		echo "accepted: $what"
		grep -o 'verdict=[^ ]*.*instance=[^ ]\{0,20\}' "$T/log" | head -1
	else
		wrong=$((wrong + 1))
		echo "WRONG: refused: $what"
		cat "$T/log"
	fi
}

# what reason CMD...: it must be refused, for that reason, with no octet sent
bad() {
	what=$1 reason=$2; shift 2
	if echo "secret" | "$@" >"$T/got" 2>"$T/log"; then
		wrong=$((wrong + 1))
		echo "WRONG: accepted: $what"
	elif grep -q "$reason" "$T/log"; then
		refused=$((refused + 1))
		echo "refused: $what: $(grep -o 'rc=.* where=[^ ]*' "$T/log" |
		    head -1)"
	else
		wrong=$((wrong + 1))
		echo "WRONG: refused for another reason: $what"
		cat "$T/log"
	fi
}

certify() {	# name request-or-key out: by the PKI of this demo
	printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' \
	    "$1" >"$T/ext"
	quietly openssl x509 -req -in "$2" -CA "$T/ca.pem" -CAkey "$T/ca.key" \
	    -CAcreateserial -days 30 -extfile "$T/ext" -out "$3"
}

ca() {		# name key out
	quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	    -nodes -keyout "$2" -out "$3" -subj "/CN=$1" -days 30 \
	    -addext keyUsage=critical,keyCertSign,cRLSign
}

machine() {	# s|c name: a TPM, its keys, its certificates, its policy
	$lab start "$T/tpm-$1" "$T/vendor" >"$T/tcti-$1"
	$lab ek-ca "$T/tpm-$1" "$T/vendor" >"$T/vendors.pem"
	where="tpm:dir=$T/keys-$1,akcert=$T/ak-$1.pem,tcti=$(cat "$T/tcti-$1")"
	early="tpm:dir=$T/keys-$1,tcti=$(cat "$T/tcti-$1")"
	"$atls" attest --attester "$early" --csr "$2" >"$T/$1.csr"
	certify "$2" "$T/$1.csr" "$T/$1.pem"
	quietly scripts/enrol-ak.sh all "$(cat "$T/tcti-$1")" "$T/keys-$1" \
	    "$T/vendors.pem" "$T/akca.pem" "$T/akca.key" "ak.$2" \
	    "$T/ak-$1.pem"
	"$atls" attest --attester "$where" \
	    --binder "$(openssl rand -hex 32)" >"$T/$1.cmw"
	"$atls" policy learn "$T/$1.cmw" >"$T/$1.policy"
	echo "anchor akca.pem" >>"$T/$1.policy"
	"$atls" policy check "$T/$1.policy"
	eval "attester_$1=\$where"
}

say "a PKI, a CA for attestation keys, two machines with a TPM 2.0 each"
ca "demo CA" "$T/ca.key" "$T/ca.pem"
ca "demo AK CA" "$T/akca.key" "$T/akca.pem"
machine s server.example
machine c client.example
echo "EK certificates verified, AKs certified, policies learned:"
grep -v '^#' "$T/s.policy" | cut -c1-70 | head -6

# a TPM in software talks to one program at a time: servers come and go
serve() {	# log option...
	log=$1; shift
	port=$((port + 1))
	"$atls" serve --attester "$attester_s" --cert "$T/s.pem" "$@" \
	    "127.0.0.1:$port" 2>"$log" &
	server=$!
	wait_port "$port"
}

unserve() {
	kill "$server"
	wait "$server" || { echo "the server did not end well" >&2; exit 4; }
}

evil() {	# move argument...: one of the attacker's, on a port of its own
	evil=$((port + 10000 + refused))
	move=$1; shift
	"$moves" "$move" "$evil" "$T/soft.pem" "$T/soft.key" "$@" \
	    >"$T/move.log" 2>&1 &
	attacker=$!
	wait_port "$evil"
}

# the attacker is asked, too: did he get the secret?
beaten() {
	wait "$attacker" || { echo "the attacker failed"; cat "$T/move.log"
		wrong=$((wrong + 1)); }
	if grep -q 'THE VICTIM' "$T/move.log"; then
		wrong=$((wrong + 1))
		cat "$T/move.log"
	fi
}

client="$atls connect --policy $T/s.policy --ca $T/ca.pem --name server.example"

say "the server attests"
serve "$T/serve.log"
good "a genuine server" $client --save "$T/recorded" "127.0.0.1:$port"

say "attacks, by one who has a TLS key in the server's name"
quietly openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/soft.key" -out "$T/soft.csr" -subj /CN=server.example
certify server.example "$T/soft.csr" "$T/soft.pem"

evil impostor file "$T/recorded"
bad "evidence replayed from another connection" \
    "rc=E_BIND where=tpm.extra_data" $client "127.0.0.1:$evil"
beaten

evil proxy "$port"
bad "a man in the middle who relays the authenticator" \
    "rc=E_SIG where=ea.finished" $client "127.0.0.1:$evil"
beaten
unserve

evil impostor tpm "${attester_s#tpm:}"
bad "a software key beside good, fresh evidence" \
    "rc=E_BIND where=tpm.key.spki" $client "127.0.0.1:$evil"
beaten

evil impostor none
bad "no evidence" "rc=E_REFUSED where=ea" $client "127.0.0.1:$evil"
beaten

grep -v '^anchor' "$T/s.policy" >"$T/plain.policy"
bad "a resumed session" "rc=E_STATE where=channel.resumed" sh -c \
    "$moves resume $T/soft.pem $T/soft.key $T/ca.pem $T/plain.policy \
    server.example >&2; exit 1"

say "both attest"
serve "$T/mutual.log" --policy "$T/c.policy" --ca "$T/ca.pem"
good "two genuine ends" $client --attest --attester "$attester_c" \
    --cert "$T/c.pem" "127.0.0.1:$port"
unserve

say "the server's machine boots something else"
TPM2TOOLS_TCTI=$(cat "$T/tcti-s")
export TPM2TOOLS_TCTI
quietly tpm2_pcrextend "4:sha256=$(openssl rand -hex 32)"
serve "$T/serve.log"
bad "a PCR extended after the policy was learned" \
    "rc=E_POLICY where=tpm.pcr.sha256.4" $client "127.0.0.1:$port"
unserve

say "accepted $accepted of 2 genuine connections, refused $refused of 6 attacks"
[ $wrong -eq 0 ] && [ $accepted -eq 2 ] && [ $refused -eq 6 ]
