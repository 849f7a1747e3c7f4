#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# atls collateral, from a service of our own to a verdict far from any.
#	collateral.sh ATLS FAULT-SERVER
# Last line: "t_collateral_sh: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
server=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
V=${ATLS_VECTORS:-$(cd "$(dirname "$0")" && pwd)/vectors}/tdx
T=$(mktemp -d)
n=0 bad=0 serving=
trap '[ -z "$serving" ] || exec 9>&-; rm -rf "$T"' EXIT
cd "$T" || exit 4

# status what CMD...: stdout in out, stderr in err
is() {
	want=$1 what=$2; shift 2
	n=$((n + 1))
	"$@" >out 2>err </dev/null 9>&-
	got=$?
	[ $got -eq "$want" ] && return
	bad=$((bad + 1))
	echo "$what: status $got, not $want"
	head -3 err
}

# file pattern: it is in there
has() {
	n=$((n + 1))
	grep -q -e "$2" "$1" && return
	bad=$((bad + 1))
	echo "$what: no '$2' in $1:"
	head -5 "$1"
}

same() {	# what got want
	n=$((n + 1))
	[ "$2" = "$3" ] && return
	bad=$((bad + 1))
	echo "$1: $2, not $3"
}

# fault of the TCB info: a new server, on $port, which counts in asked
serve() {
	stop
	cat >pages <<-END
	/tdx/certification/v4/tcb?fmspc=b0c06f000000 $1 $2 tcb.head tcb
	/tdx/certification/v4/qe/identity 200 fine qe.head qe
	/sgx/certification/v4/pckcrl?ca=platform&encoding=der 200 fine crl.head crl
	/sgx/certification/v4/rootcacrl 200 fine none root
	END
	rm -f port fifo
	mkfifo fifo
	"$server" port pages <fifo >asked &
	serving=$!
	exec 9>fifo
	i=0
	until [ -s port ]; do
		i=$((i + 1))
		[ $i -lt 200 ] || { echo "no server"; exit 4; }
		sleep 0.05
	done
	port=$(cat port)
	net=net:insecure-http,pcs=http://127.0.0.1:$port
}

stop() {
	[ -n "$serving" ] || return 0
	exec 9>&-
	wait "$serving"
	serving=
}

chain() {	# name file...: a header with a chain in URL encoding
	name=$1; shift
	printf '%s: ' "$name"
	cat "$@" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'
	printf '\r\n'
}

C=$V/collateral
cp "$C/tcb-tdx-b0c06f000000-20250619-e17-v3.json" tcb
cp "$C/qeid-td_qe-20250619-e17.json" qe
cp "$C/crl-platform-20250619.der" crl
cp "$C/crl-root-20250320.der" root
: >none
chain TCB-Info-Issuer-Chain "$C/tcb-sign-chain-2025.pem" >tcb.head
chain SGX-Enclave-Identity-Issuer-Chain "$C/tcb-sign-chain-2025.pem" >qe.head
chain SGX-PCK-CRL-Issuer-Chain "$C/pck-platform-ca.pem" "$C/root-ca.pem" \
    >crl.head
quote=$V/quotes/phala-tdx-v4.bin
at=2025-07-04T09:00:00Z
openssl genpkey -algorithm ed25519 -out ed.pem 2>/dev/null
openssl pkey -in ed.pem -pubout -out ed.pub
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out ec.pem \
    2>/dev/null
openssl pkey -in ec.pem -pubout -out ec.pub

# --- usage
is 2 "no verb" "$atls" collateral
is 2 "another verb" "$atls" collateral frobnicate
is 0 "help" "$atls" collateral --help
is 2 "fetch to nowhere" "$atls" collateral fetch "$quote"
is 2 "fetch to both" "$atls" collateral fetch --to d --bundle b "$quote"
is 2 "fetch nothing" "$atls" collateral fetch --to d
is 2 "fetch what" "$atls" collateral fetch --to d --kind milk "$quote"
is 2 "fetch when" "$atls" collateral fetch --to d --at noon "$quote"
is 2 "export from nowhere" "$atls" collateral export b
is 2 "export two" "$atls" collateral export --from d a b
is 2 "import to nowhere" "$atls" collateral import --key ed.pub b
is 2 "import unsigned" "$atls" collateral import --to d tcb
is 2 "check from nowhere" "$atls" collateral check "$quote"
is 4 "show what is not there" "$atls" collateral show nowhere
is 2 "show a bundle without key" "$atls" collateral show tcb

# --- https only, unless told otherwise
serve 200 fine
is 3 "http" "$atls" collateral fetch --from "net:pcs=http://127.0.0.1:$port" \
    --to d --kind tdx --at $at "$quote"
has err source.net.url
same "asked" "$(wc -l <asked)" 0

# --- fetch, and look at it
is 0 "fetch" "$atls" collateral fetch --from "$net" --to d --kind tdx \
    --at $at "$quote"
same "asked" "$(wc -l <asked)" 4
is 0 "fetch again" "$atls" collateral fetch --from "$net" --to d --kind tdx \
    --at $at "$quote"
same "asked again" "$(wc -l <asked)" 4
stop
is 0 "check" "$atls" collateral check --from d --kind tdx --at $at "$quote"
is 1 "check later" "$atls" collateral check --from d --kind tdx \
    --at 2025-07-20T00:00:00Z "$quote"
has out 'missing tcb-info tdx:b0c06f000000'
is 1 "check later, JSON" "$atls" collateral check -j --from d --kind tdx \
    --at 2025-07-20T00:00:00Z "$quote"
has out '{"item":"tcb-info","key":"tdx:b0c06f000000"}'
is 0 "show" "$atls" collateral show --at $at d
same "first to end" "$(sed -n '1s/ .*//p' out)" pck-crl
is 0 "show later" "$atls" collateral show --at 2025-07-20T00:00:00Z d
has out 'EXPIRED$'
is 0 "show, JSON" "$atls" collateral show -j --at $at d
has out '"item":"qe-identity","key":"tdx","size":624'
is 0 "what is there needs no network" "$atls" collateral fetch --from "$net" \
    --to d --kind tdx --at $at "$quote"

# --- a service in trouble is not asked again and again, by cron or by hand
for row in '429 fine HTTP' '500 fine HTTP' '404 fine HTTP' '200 cut early' \
    '200 drop early' '302 fine redirects' '200 endless large' \
    '200 garbage again'; do
	set -- $row
	serve "$1" "$2"
	rm -rf e
	for i in 1 2 3; do
		is 4 "$1 $2" "$atls" collateral fetch --from "$net" --to e \
		    --kind tdx --at $at "$quote"
		has err "$3"
		has err "again 2025-07-04T09:00:"
	done
	same "$1 $2: asked" "$(grep -c tcb asked)" 1
done
serve 200 fine
is 0 "it heals" "$atls" collateral fetch --from "$net" --to e --kind tdx \
    --at 2025-07-04T09:00:20Z "$quote"

# --- the clock, and what ends first
serve 200 fine
rm -rf e
is 4 "what is over when it comes" "$atls" collateral fetch --from "$net" \
    --to e --kind tdx --at 2025-07-20T00:00:00Z "$quote"
has err 'expired when it came'
stop

# --- bundles
for k in ed ec; do
	is 0 "export $k" "$atls" collateral export --from d --key $k.pem \
	    --at $at $k.bundle
	is 0 "show $k" "$atls" collateral show --key $k.pub --at $at $k.bundle
	same "$k: items" "$(wc -l <out)" "$(find d -name '[a-z]*.*' -type f |
	    wc -l)"
	is 0 "check $k" "$atls" collateral check --from $k.bundle \
	    --key $k.pub --kind tdx --at $at "$quote"
	rm -rf i
	is 0 "import $k" "$atls" collateral import --key $k.pub --to i \
	    --at $at $k.bundle
	is 0 "check import $k" "$atls" collateral check --from i --kind tdx \
	    --at $at "$quote"
	sed 's/UpToDate/UpToDatf/' $k.bundle >altered
	is 1 "altered $k" "$atls" collateral import --key $k.pub --to j \
	    --at $at altered
	has err E_SIG
	head -c 5000 $k.bundle >cut
	is 1 "cut $k" "$atls" collateral import --key $k.pub --to j \
	    --at $at cut
	head -c -99 $k.bundle >unsigned
	is 1 "unsigned $k" "$atls" collateral import --key $k.pub --to j \
	    --at $at unsigned
	has err 'no signature'
done
n=$((n + 1))
[ ! -e j ] || { bad=$((bad + 1)); echo "a refused bundle left something"; }
is 1 "wrongly signed" "$atls" collateral import --key ed.pub --to j --at $at \
    ec.bundle
is 3 "no key" "$atls" collateral import --key tcb --to j --at $at ed.bundle
# anybody can check it, without atls
head -c -99 ed.bundle >tbs
tail -c 89 ed.bundle | base64 -d >sig
is 0 "openssl: Ed25519" openssl pkeyutl -verify -pubin -inkey ed.pub -rawin \
    -in tbs -sigfile sig

# older than what went in last
is 0 "a younger bundle" "$atls" collateral export --from d --key ed.pem \
    --at 2025-07-04T10:00:00Z young.bundle
is 0 "import it" "$atls" collateral import --key ed.pub --to i \
    --at 2025-07-04T10:00:00Z young.bundle
is 0 "twice" "$atls" collateral import --key ed.pub --to i \
    --at 2025-07-04T10:00:00Z young.bundle
is 1 "an older one" "$atls" collateral import --key ed.pub --to i \
    --at 2025-07-04T10:00:00Z ed.bundle
has err source.bundle.made
is 1 "one of tomorrow" "$atls" collateral import --key ed.pub --to k \
    --at 2025-07-03T09:59:59Z young.bundle
printf 'soon\n' >i/.bundle
is 3 "a mark that is none" "$atls" collateral import --key ed.pub --to i \
    --at 2025-07-04T10:00:00Z young.bundle

# fetched straight into a bundle; nothing is written if anything is missing
serve 200 fine
is 0 "fetch to a bundle" "$atls" collateral fetch --from "$net" --bundle f \
    --key ec.pem --kind tdx --at $at "$quote"
is 0 "check it" "$atls" collateral check --from f --key ec.pub --kind tdx \
    --at $at "$quote"
serve 404 fine
is 4 "not all" "$atls" collateral fetch --from "$net" --bundle g \
    --key ec.pem --kind tdx --at $at "$quote"
n=$((n + 1))
[ ! -e g ] || { bad=$((bad + 1)); echo "a bundle that lacks something"; }
is 0 "from a folder" "$atls" collateral fetch --from d --bundle g \
    --key ec.pem --kind tdx --at $at "$quote"
stop

# --- https: the certificate of the service is looked at
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout s.key -out s.pem -subj /CN=localhost -days 2 \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
mkdir -p www/tdx/certification/v4/qe www/sgx/certification/v4
page() {	# path head body
	{
		printf 'HTTP/1.0 200 OK\r\nContent-Length: %s\r\n' \
		    "$(wc -c <"$3")"
		cat "$2"
		printf '\r\n'
		cat "$3"
	} >"www$1"
}
page "/tdx/certification/v4/tcb?fmspc=b0c06f000000" tcb.head tcb
page /tdx/certification/v4/qe/identity qe.head qe
page "/sgx/certification/v4/pckcrl?ca=platform&encoding=der" crl.head crl
page /sgx/certification/v4/rootcacrl none root
i=0
while :; do
	tls=$((20000 + ($$ + i * 7919) % 40000))
	(cd www && exec openssl s_server -quiet -HTTP -accept "127.0.0.1:$tls" \
	    -cert ../s.pem -key ../s.key) >/dev/null 2>&1 </dev/null &
	pid=$!
	k=0
	until grep -q ":$(printf %04X $tls) 00000000:0000 0A" /proc/net/tcp ||
	    [ $k -ge 40 ]; do
		k=$((k + 1))
		sleep 0.05
	done
	kill -0 $pid 2>/dev/null && [ $k -lt 40 ] && break
	kill $pid 2>/dev/null
	i=$((i + 1))
	[ $i -lt 5 ] || break
done
rm -rf h
is 4 "a certificate that nobody vouches for" "$atls" collateral fetch \
    --from "net:pcs=https://127.0.0.1:$tls" --to h --kind tdx --at $at "$quote"
has err E_CHAIN
rm -rf h
is 4 "another name" "$atls" collateral fetch \
    --from "net:pcs=https://127.0.0.2:$tls,ca=s.pem" --to h --kind tdx \
    --at $at "$quote"
rm -rf h
is 0 "https" "$atls" collateral fetch \
    --from "net:pcs=https://127.0.0.1:$tls,ca=s.pem" --to h --kind tdx \
    --at $at "$quote"
is 0 "check https" "$atls" collateral check --from h --kind tdx --at $at \
    "$quote"
kill $pid
wait $pid 2>/dev/null

echo "t_collateral_sh: $n checks, $bad failed"
[ $bad -eq 0 ]
