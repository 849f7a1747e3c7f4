#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Evidence in certificates, as users meet it: certificates by `atls attest`,
# judged by OpenSSL's own tools and by ours, and connections of family pre.
#	pre.sh ATLS
# Last line: "t_pre_tool: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
. "$(dirname "$0")/shell.sh"

quietly() { "$@" >"$T/openssl" 2>&1 || cat "$T/openssl"; }

# --- what is there: machines, policies with lowered floors, a CA
D=$T/d
is 0 "files" "$atls" sim "$D"
for k in tdx snp; do
	sed -e 's/^binding-min .*/binding-min key/' \
	    -e 's/^freshness-min .*/freshness-min F0/' "$D/$k/policy" \
	    >"$D/$k/low"
	sed -e 's/^binding-min .*/binding-min key/' "$D/$k/policy" \
	    >"$D/$k/half"
done
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/ca.key" -out "$T/ca.pem" -subj /CN=ca -days 30 \
    -addext keyUsage=critical,keyCertSign,cRLSign
quietly openssl req -x509 -newkey ed25519 -nodes \
    -keyout "$T/ed.key" -out "$T/ed.pem" -subj /CN=ed -days 30 \
    -addext keyUsage=critical,keyCertSign,cRLSign
quietly openssl ec -in "$T/ca.key" -aes128 -passout pass:x -out "$T/locked.key"
cat "$T/ca.pem" "$T/ca.key" >"$T/both.pem"

# --- certificates on file
cert() {	# attester option...
	a=$1; shift
	"$atls" attest --attester "$a" --certificate tee.example --out-cert \
	    "$T/c.pem" --out-key "$T/c.key" "$@"
}
judge() {	# kind option...
	k=$1; shift
	"$atls" verify --policy "$D/$k/low" --collateral \
	    "$D/$k/collateral" "$@" "$T/c.pem"
}
for form in cmw:tdx cmw:snp dice:tdx dice:sgx; do
	k=${form#*:}
	[ -f "$D/$k/low" ] || sed -e 's/^binding-min .*/binding-min key/' \
	    -e 's/^freshness-min .*/freshness-min F0/' "$D/$k/policy" \
	    >"$D/$k/low"
	is 0 "$form: certificate" cert sim:$k --ratls-form "${form%:*}"
	is 0 "$form: openssl verify" openssl verify -x509_strict -purpose \
	    sslserver -verify_hostname tee.example -CAfile "$T/c.pem" \
	    "$T/c.pem"
	is 0 "$form: openssl x509" openssl x509 -in "$T/c.pem" -noout -text \
	    -checkend 3600
	is 0 "$form: key" openssl pkey -in "$T/c.key" -pubout
	cp "$T/out" "$T/pub"
	is 0 "$form: its certificate" openssl x509 -in "$T/c.pem" -noout \
	    -pubkey
	n=$((n + 1))
	cmp -s "$T/out" "$T/pub" || { bad=$((bad + 1)); echo "$form: keys"; }
	is 0 "$form: ours" judge $k
	has out '^binding.*key'
	has out '^freshness.*F0'
	is 0 "$form: DER" openssl x509 -in "$T/c.pem" -outform DER -out \
	    "$T/c.der"
	is 0 "$form: inspect" "$atls" inspect "$T/c.der"
	has out "form ${form%:*}"
	is 1 "$form: the floors" "$atls" verify --policy "$D/$k/policy" \
	    --collateral "$D/$k/collateral" "$T/c.pem"
	has out 'appraise.binding'
	is 1 "$form: too late" judge $k --at 2048-01-01T00:00:00Z
	has err 'ratls.validity'
	is 0 "$form: signed by a CA" cert sim:$k --ratls-form "${form%:*}" \
	    --ratls-ca "$T/both.pem" --ratls-ca-key "$T/ca.key"
	n=$((n + 1))
	! grep -q 'PRIVATE KEY' "$T/c.pem" || { bad=$((bad + 1));
	    echo "$form: the CA's key in the chain"; }
	is 0 "$form: openssl verify, CA" openssl verify -x509_strict -purpose \
	    sslclient -CAfile "$T/ca.pem" "$T/c.pem"
	is 0 "$form: ours, CA" judge $k
done
is 0 "an Ed25519 CA" cert sim:tdx --ratls-ca "$T/ed.pem" --ratls-ca-key \
    "$T/ed.key"
is 0 "openssl verify, Ed25519" openssl verify -x509_strict -CAfile \
    "$T/ed.pem" "$T/c.pem"
is 0 "an address" "$atls" attest --attester sim:tdx --certificate ::1 \
    --out-cert "$T/c.pem" --out-key "$T/c.key"
is 0 "openssl verify, address" openssl verify -x509_strict -verify_ip ::1 \
    -CAfile "$T/c.pem" "$T/c.pem"
long=$(printf 'a%.0s' $(seq 60)).$(printf 'b%.0s' $(seq 60)).example
is 0 "a long name" "$atls" attest --attester sim:tdx --certificate "$long" \
    --out-cert "$T/c.pem" --out-key "$T/c.key"
is 0 "openssl verify, long name" openssl verify -x509_strict \
    -verify_hostname "$long" -CAfile "$T/c.pem" "$T/c.pem"
what="mode of the key"; ls -l "$T/c.key" >"$T/out"; has out '^-rw-------'
is 2 "no key file" "$atls" attest --attester sim:tdx --certificate a.b \
    --out-cert "$T/c.pem"
is 2 "half a CA" cert sim:tdx --ratls-ca "$T/ca.pem"
is 2 "no such form" cert sim:tdx --ratls-form gramine
is 2 "no such life" cert sim:tdx --ratls-life 91d
is 2 "DICE is Intel's" cert sim:snp --ratls-form dice
is 2 "another's key" cert sim:tdx --ratls-ca "$T/ca.pem" --ratls-ca-key \
    "$T/ed.key"
is 2 "no CA" cert sim:tdx --ratls-ca "$T/c.pem" --ratls-ca-key "$T/c.key"
is 3 "a locked key" cert sim:tdx --ratls-ca "$T/ca.pem" --ratls-ca-key \
    "$T/locked.key"
is 2 "a comma in the name" "$atls" attest --attester sim:tdx --certificate \
    'a.b,DNS:c.d' --out-cert "$T/c.pem" --out-key "$T/c.key"
is 4 "no such folder" "$atls" attest --attester sim:tdx --certificate a.b \
    --out-cert "$T/c.pem" --out-key "$T/none/c.key"
is 4 "no attester answers" cert sim:tdx --ratls-ca "$T/none" --ratls-ca-key \
    "$T/ca.key"

# --- connections: option... of one server, until unserve
serve() {
	port=$((port + 1))
	"$atls" serve --family pre "$@" "127.0.0.1:$port" 2>"$T/serve.log" &
	server=$!
	wait_port $port
}

unserve() {
	kill -TERM $server
	wait $server 2>/dev/null
}

# kind policy option...: says "secret", hears it again
client() {
	k=$1 policy=$2; shift 2
	echo secret | "$atls" connect --family pre --policy \
	    "$D/$k/$policy" --collateral "$D/$k/collateral" "$@" \
	    "127.0.0.1:$port"
}
nopki=--insecure-no-pki

for a in tdx:cmw tdx:dice snp:cmw; do
	k=${a%:*}
	serve --attester sim:$k --ratls-form "${a#*:}"
	is 0 "$a: connect" client $k low $nopki
	has out '^secret$'
	has err 'binding=key freshness=F0'
	is 1 "$a: the usual floors" client $k policy $nopki
	hasnot out secret
	has err 'where=appraise.binding'
	is 1 "$a: one floor of two" client $k half $nopki
	hasnot out secret
	has err 'where=appraise.freshness'
	unserve
done

# PKI as well
serve --attester sim:tdx --ratls-name s.example --ratls-ca "$T/ca.pem" \
    --ratls-ca-key "$T/ca.key"
is 0 "CA and name" client tdx low --ca "$T/ca.pem" --name s.example
has out '^secret$'
has err 'identity=good'
is 1 "another name" client tdx low --ca "$T/ca.pem" --name t.example
hasnot out secret
is 1 "another CA" client tdx low --ca "$T/ed.pem" --name s.example
hasnot out secret
unserve
serve --attester sim:tdx --ratls-name s.example
is 1 "self-signed is no PKI" client tdx low --ca "$T/ca.pem" --name s.example
hasnot out secret
is 1 "another kind" client snp low $nopki
hasnot out secret
unserve

# refused before anything is said
refused() {	# what reason option-of-serve...
	what=$1 why=$2; shift 2
	serve "$@"
	is 1 "$what" client tdx low $nopki
	hasnot out secret
	has err "where=$why"
	unserve
}
refused "a debug TD" tdx.td_attributes.debug --attester sim:tdx:fault=debug
refused "evidence of another key" tdx.report_data --attester \
    sim:tdx:fault=report-data
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/p.key" -out "$T/p.pem" -subj /CN=p -days 30 \
    -addext basicConstraints=critical,CA:FALSE
refused "stripped: no evidence in it" ratls --cert "$T/p.pem" --key \
    "$T/p.key" --attester sim:tdx

# evidence of one certificate in another, by OpenSSL's own tools
is 0 "a certificate" cert sim:tdx --ratls-form dice
blob=$(openssl x509 -in "$T/c.pem" -outform DER | openssl asn1parse -inform \
    DER | grep -A1 2.23.133.5.4.9 | sed -n 's/.*HEX DUMP\]://p')
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/p.key" -out "$T/p.pem" -subj /CN=p -days 30 \
    -addext basicConstraints=critical,CA:FALSE \
    -addext "2.23.133.5.4.9=DER:$blob"
refused "evidence of another certificate" ratls.pubkey_hash --cert \
    "$T/p.pem" --key "$T/p.key" --attester sim:tdx

# What the family is worth: who has the key is the machine.  Here it is a
# plain OpenSSL server without any TEE, with the files copied away.
cp "$T/c.pem" "$T/stolen.pem"; cp "$T/c.key" "$T/stolen.key"
port=$((port + 1))
openssl s_server -quiet -num_tickets 0 -tls1_3 -accept "127.0.0.1:$port" -cert \
    "$T/stolen.pem" -key "$T/stolen.key" -rev >"$T/s_server" 2>&1 &
thief=$!
wait_port $port
is 0 "a stolen key, elsewhere: accepted" client tdx low $nopki
has out '^terces$'
kill $thief; wait $thief 2>/dev/null

# a certificate that has ended
is 0 "short" cert sim:tdx --ratls-life 1m
cp "$T/c.pem" "$T/short.pem"; cp "$T/c.key" "$T/short.key"
born=$(date +%s)

# both ends
serve --attester sim:tdx --policy "$D/snp/low" --collateral \
    "$D/snp/collateral" $nopki
is 0 "both attest" client tdx low $nopki --attest --attester sim:snp
has out '^secret$'
n=$((n + 1)); what="both attest"
has serve.log 'kind=snp.*binding=key'
# it was accepted itself; then the server hangs up
is 4 "a client without evidence" client tdx low $nopki
hasnot out secret
is 4 "a client that can be debugged" client tdx low $nopki --attest \
    --attester sim:snp:fault=debug
hasnot out secret
has serve.log snp.policy.debug
unserve
serve --attester sim:tdx --ratls-name s.example --ratls-ca "$T/ca.pem" \
    --ratls-ca-key "$T/ca.key" --policy "$D/snp/low" --collateral \
    "$D/snp/collateral" --ca "$T/ca.pem" --name c.example
is 0 "both, with PKI" client tdx low --ca "$T/ca.pem" --name s.example \
    --attest --attester sim:snp --ratls-name c.example --ratls-ca \
    "$T/ca.pem" --ratls-ca-key "$T/ca.key"
has out '^secret$'
is 4 "both, another name" client tdx low --ca "$T/ca.pem" --name s.example \
    --attest --attester sim:snp --ratls-name d.example --ratls-ca \
    "$T/ca.pem" --ratls-ca-key "$T/ca.key"
hasnot out secret
unserve

# a new certificate before the old one ends; an old one is refused
serve --attester sim:tdx --ratls-life 1m
wait=$((born + 63 - $(date +%s)))
[ $wait -le 0 ] || sleep $wait
what="renewed"; has serve.log 'a new certificate'
is 0 "after the first has ended" client tdx low $nopki
has out '^secret$'
unserve
refused "a certificate that has ended" ratls.validity --cert \
    "$T/short.pem" --key "$T/short.key" --attester sim:tdx

# options
what=options
is 2 "a form without pre" "$atls" serve --attester sim:tdx --cert x --key x \
    --ratls-form cmw 127.0.0.1:1
is 2 "a form with a certificate" "$atls" serve --family pre --attester \
    sim:tdx --cert x --key x --ratls-life 1h 127.0.0.1:1

echo "t_pre_tool: $n checks, $bad failed"
[ $bad -eq 0 ]
