#!/bin/sh
# The command line, against its manual: exit statuses, output, signals.
#	cli.sh ATLS		(needs swtpm and openssl; says so if not there)
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
command -v swtpm >/dev/null && command -v tpm2_pcrread >/dev/null || {
	echo "skipped: cli: swtpm or tpm2-tools is not installed"
	exit 77
}
lab=scripts/tpm-lab.sh
. tests/shell.sh
trap '$lab stop "$T/tpm" >/dev/null 2>&1; tidy' EXIT
export TSS2_LOG=all+none

json() {	# FILE EXPRESSION: python says that it holds for j
	n=$((n + 1))
	python3 -c "import json,sys; j=json.load(open('$T/$1')); \
sys.exit(0 if $2 else 1)" && return
	bad=$((bad + 1))
	echo "$what: not so: $2"
	cat "$T/$1"
}

# --- usage
is 2 "no command" "$atls"
is 2 "another command" "$atls" frobnicate
has err "no command 'frobnicate'"
is 0 "help" "$atls" --help
is 0 "version" "$atls" --version
has out '^atls 0'
for c in inspect verify attest connect serve policy; do
	is 0 "$c --help" "$atls" $c --help
	has out "usage: atls $c"
	is 2 "$c, unknown option" "$atls" $c --frobnicate
	is 2 "$c, no argument" "$atls" $c
done
is 2 "verify without binding" "$atls" verify --policy x /dev/null
is 2 "verify with two bindings" "$atls" verify --policy x --binder 00 \
    --insecure-no-binding y
is 2 "bad hex" "$atls" verify --policy x --binder 0 y
is 2 "bad time" "$atls" verify --policy x --binder 00 --at tomorrow y
is 2 "no such kind" "$atls" inspect --kind frob y
is 2 "no such attester" "$atls" attest --attester frob:x --binder 00
is 2 "no directory" "$atls" attest --attester tpm: --binder 00
is 2 "no policy, no attester" "$atls" connect localhost:1
is 2 "a policy without anchors" "$atls" connect --policy x localhost:1
is 2 "no port" "$atls" connect --policy x --ca y localhost
is 2 "both behind" "$atls" serve --forward a:1 --exec b :1
is 2 "a time that is none" "$atls" serve --reattest never :1

# --- files
is 4 "no such file" "$atls" inspect "$T/none"
is 4 "no such policy" "$atls" policy check "$T/none"
: >"$T/empty"
is 3 "empty" "$atls" inspect "$T/empty"
printf '\202' >"$T/cut"
is 3 "a CMW that is cut" "$atls" inspect "$T/cut"
has err 'E_TRUNC'
printf 'kind tpm\ninstanec ak:00\n' >"$T/typo.policy"
is 3 "a misspelt policy" "$atls" policy check "$T/typo.policy"
has err '2:1'
has err 'instance'
printf 'kind tpm\nanchor nowhere.pem\n' >"$T/anchor.policy"
is 3 "an anchor that is not there" "$atls" policy check "$T/anchor.policy"

printf 'kind tpm\nignore tpm.pcr.*\ntpm.pcr.sha256.7 b831\n' >"$T/short.policy"
is 3 "a PCR that is too short" "$atls" policy check "$T/short.policy"
has err '3:18'
is 2 "CRLs without anchors" "$atls" connect --policy x --crl y localhost:1
is 2 "anchors without a policy" "$atls" serve --ca x --attester y --cert z :1
is 2 "a client that does not know whom it attests to" "$atls" connect \
    --attest --attester tpm: --cert x localhost:1
is 2 "a binder of 16 octets" "$atls" attest --attester tpm: \
    --binder 000102030405060708090a0b0c0d0e0f

# --- a machine
tcti=$($lab start "$T/tpm")
where="tpm:dir=$T/keys,pcrs=sha256:0-4,tcti=$tcti"
ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$T/ca.key" -out "$T/ca.pem" -subj "/CN=ca" -days 2 \
	    -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}
ca
is 0 "a certificate request" "$atls" attest --attester "$where" --csr s.example
cp "$T/out" "$T/csr"
is 0 "openssl reads it" openssl req -in "$T/csr" -verify -noout
printf 'subjectAltName=DNS:s.example\n' >"$T/ext"
openssl x509 -req -in "$T/csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" \
    -CAcreateserial -days 2 -extfile "$T/ext" -out "$T/s.pem" 2>/dev/null
is 0 "the AK" "$atls" attest --attester "$where" --ak
has out 'BEGIN PUBLIC KEY'
has err '^ak:000b'
b=$(openssl rand -hex 32)
is 0 "evidence" "$atls" attest --attester "$where" --binder "$b"
cp "$T/out" "$T/ev.cmw"
is 0 "raw evidence" "$atls" attest --attester "$where" --binder "$b" --raw
cp "$T/out" "$T/ev.raw"
is 0 "a JSON CMW" "$atls" attest --attester "$where" --binder "$b" --json
cp "$T/out" "$T/ev.json"
is 0 "inspect" "$atls" inspect "$T/ev.cmw"
has out "$b"
has out '^tpm.pcr.sha256.4 '
is 0 "inspect JSON" "$atls" inspect -j "$T/ev.json"
json out "j['kind'] == 'tpm' and 'tpm.pcr.sha256.0' in j['claims']"
json out "'verdict' not in j and j['report_data'] == '$b'"
is 0 "learn" "$atls" policy learn "$T/ev.cmw"
cp "$T/out" "$T/s.policy"
is 0 "learn from raw" "$atls" policy learn --kind tpm "$T/ev.raw"
is 0 "show" "$atls" policy show "$T/s.policy"
has out '^binding-min'
for f in "$T/ev.cmw" "$T/ev.json" "--kind tpm $T/ev.raw"; do
	is 0 "verify $f" "$atls" verify --policy "$T/s.policy" --binder "$b" \
	    --spki "$T/s.pem" $f
done
is 0 "verify -j" "$atls" verify -j --policy "$T/s.policy" --binder "$b" \
    --spki "$T/s.pem" "$T/ev.cmw"
json out "j['verdict'] == 'accept' and j['binding'] == 'exporter'"
is 2 "no key to compare" "$atls" verify --policy "$T/s.policy" --binder "$b" \
    "$T/ev.cmw"
is 1 "another key" "$atls" verify -j --policy "$T/s.policy" --binder "$b" \
    --spki "$T/ca.pem" "$T/ev.cmw"
json out "j['why']['where'] == 'tpm.key.spki' and j['key'] == 'bad'"
is 3 "a key that is none" "$atls" verify --policy "$T/s.policy" --binder \
    "$b" --spki "$T/csr" "$T/ev.cmw"
is 1 "another binder" "$atls" verify -j --policy "$T/s.policy" --binder \
    "$(openssl rand -hex 32)" "$T/ev.cmw"
json out "j['why']['rc'] == 'E_BIND' and j['binding'] == 'none'"
is 0 "unbound" "$atls" verify --policy "$T/s.policy" --insecure-no-binding \
    "$T/ev.cmw"
has err 'insecure'
is 3 "cut evidence" sh -c "head -c 300 '$T/ev.raw' >'$T/short'; '$atls' \
    verify --policy '$T/s.policy' --binder $b --kind tpm '$T/short'"

# --- connections
client="$atls connect --policy $T/s.policy --ca $T/ca.pem --name s.example"
serve() {
	port=$((port + 1))
	"$atls" serve --attester "$where" --cert "$T/s.pem" "$@" \
	    "127.0.0.1:$port" 2>"$T/serve.log" &
	server=$!
	wait_port $port
}
unserve() {
	what="end of the server"
	kill -TERM $server
	is 0 "$what" wait $server
}
serve
is 0 "echo" sh -c "echo hello | $client 127.0.0.1:$port"
has out '^hello$'
has err ' verdict=accept kind=tpm tcb=none identity=good evidence=good key=good '
has err 'rc=OK '
is 0 "a megabyte" sh -c "head -c 1000000 /dev/zero | $client \
    127.0.0.1:$port | wc -c"
has out '^1000000$'
is 0 "asked again" sh -c "(echo one; sleep 3; echo two) | $client \
    --reattest 1s --hold 127.0.0.1:$port"
has out '^two$'
has err 'rounds=[3456]'
is 0 "-j" sh -c "echo x | $client -j 127.0.0.1:$port 2>'$T/j'; \
    grep '^{' '$T/j' >'$T/line'"
json line "j['verdict'] == 'accept'"
is 1 "another name" sh -c "echo secret | $atls connect --policy \
    $T/s.policy --ca $T/ca.pem --name other.example 127.0.0.1:$port"
has err 'rc=E_CHAIN'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \
    "$T/other.key" -out "$T/other.pem" -subj "/CN=ca" -days 2 \
    -addext keyUsage=critical,keyCertSign 2>/dev/null
is 1 "another CA" sh -c "echo x | $atls connect --policy $T/s.policy \
    --ca $T/other.pem --name s.example 127.0.0.1:$port"
has err 'rc=E_CHAIN'
sed 's/^tpm.pcr.sha256.3 .*/tpm.pcr.sha256.3 '"$(openssl rand -hex 32)/" \
    "$T/s.policy" >"$T/wrong.policy"
is 1 "another PCR" sh -c "echo secret | $atls connect --policy \
    $T/wrong.policy --ca $T/ca.pem --name s.example 127.0.0.1:$port"
has err 'rc=E_POLICY where=tpm.pcr.sha256.3'
unserve
has serve.log ' rc=E_ALERT '
serve --exec 'read x; echo "got $x"'
is 0 "--exec" sh -c "echo hello | $client 127.0.0.1:$port"
has out '^got hello$'
unserve
python3 -c "
import socket
s = socket.create_server(('127.0.0.1', $((port + 500))))
c, _ = s.accept()
c.sendall(b'behind: ' + c.recv(100))
c.close()" &
wait_port $((port + 500))
serve --forward "127.0.0.1:$((port + 500))" --count 1
is 0 "--forward" sh -c "echo hello | $client 127.0.0.1:$((port))"
has out '^behind: hello$'
is 0 "--count" wait $server
serve
(sleep 1; kill -TERM $server) &
is 0 "drained" sh -c "(echo a; sleep 2; echo b) | $client 127.0.0.1:$port"
has out '^b$'
is 0 "and ended" wait $server
is 4 "nobody there" sh -c "echo x | $client 127.0.0.1:$((port + 900))"

echo "t_cli: $n checks, $bad failed"
[ $bad -eq 0 ]
