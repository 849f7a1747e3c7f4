#!/bin/sh
# The TPM attester against swtpm, its evidence checked by tools of others.
#	tpm-attester.sh PROGRAM		PROGRAM is t_tpm_attester
# Exit 77 with a line "skipped: ..." when there is no swtpm.
set -u
prog=$1
here=$(cd "$(dirname "$0")" && pwd)
lab=$here/../scripts/tpm-lab.sh
enrol=$here/../scripts/enrol-ak.sh
export TSS2_LOG=all+none

command -v swtpm >/dev/null || {
	echo "skipped: tpm-attester: swtpm is not installed"
	exit 77
}
n=0
bad=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tpm.XXXXXX")
end() {
	"$lab" stop "$tmp/a"
	"$lab" stop "$tmp/b"
	rm -rf "$tmp"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

# run STATUS WHAT COMMAND...: it ends so
run() {
	want=$1 what=$2
	shift 2
	"$@" >"$tmp/out" 2>&1 </dev/null
	got=$?
	n=$((n + 1))
	[ "$want" -ne 0 ] || grep '^t_tpm_attester' "$tmp/out"
	[ "$got" -eq "$want" ] && return
	bad=$((bad + 1))
	echo "tpm-attester.sh: $what: $* ended with $got, not $want" >&2
	cat "$tmp/out" >&2
}
ok() {
	run 0 "$@"
}
# said PATTERN: by the last command
said() {
	n=$((n + 1))
	grep -q "$1" "$tmp/out" && return
	bad=$((bad + 1))
	echo "tpm-attester.sh: not said: $1" >&2
	cat "$tmp/out" >&2
}
empty() {
	rm -rf "$1"
	mkdir -m 700 "$1"
}
tool() {
	TPM2TOOLS_TCTI=$tcti "$@"
}
fact() {
	sed -n "s/^$2=//p" "$1/facts"
}

# dump DIR WHERE NONCE: evidence for NONCE, and all that others say of it
dump() {
	empty "$1"
	ok "dump $1" "$prog" dump "$2" "$3" "$1"
	# Debian's python has the cbor2 that scripts/setup.sh installs
	ok "split $1" /usr/bin/python3 "$here/tpm-split.py" \
	    "$1/evidence.cbor" "$1"
	printf %s "$3" >"$1/nonce"
	hexnonce=$(od -An -v -tx1 "$1/nonce" | tr -d ' \n')
	ok "checkquote $1" tpm2_checkquote -u "$1/ak.pem" -m "$1/quote.msg" \
	    -s "$1/quote.sig" -f "$1/quote.pcrs" -g sha256 -q "$hexnonce"
	run 1 "checkquote of another nonce" tpm2_checkquote -u "$1/ak.pem" \
	    -m "$1/quote.msg" -s "$1/quote.sig" -f "$1/quote.pcrs" -g sha256 \
	    -q "00$hexnonce"
	ok "certify $1" openssl dgst -sha256 -verify "$1/ak.pem" \
	    -signature "$1/certify.der" "$1/certify.msg"
	ok "sign $1" openssl dgst -sha256 -verify "$1/key.pem" \
	    -signature "$1/sig.der" "$1/nonce"
	ok "nonce $1" [ "$(fact "$1" nonce)" = "$hexnonce" ]
	ok "name $1" [ "$(fact "$1" ak)" = "$(cat "$1/ak.name")" ]
}

t_evidence() {
	dump "$tmp/e1" "dir=$keys,tcti=$tcti" 'a nonce of 32 octets, this is it'
	ok "AK in PEM" cmp "$tmp/e1/ak.pem" "$tmp/e1/ak.said.pem"
	ok "request" openssl req -in "$tmp/e1/csr.pem" -noout -verify
	openssl req -in "$tmp/e1/csr.pem" -noout -pubkey >"$tmp/e1/csr.key"
	ok "its key" cmp "$tmp/e1/csr.key" "$tmp/e1/key.pem"
	openssl req -in "$tmp/e1/csr.pem" -noout -text >"$tmp/e1/csr.txt"
	ok "its name" grep -q 'DNS:host.example$' "$tmp/e1/csr.txt"
	ok "its subject" grep -q 'Subject: CN = host.example$' \
	    "$tmp/e1/csr.txt"
	ok "all 24 of both" "$prog" use "pcrs=sha256:0-23/sha384:0-23,dir=$keys,tcti=$tcti"
	dump "$tmp/e2" "dir=$keys,pcrs=sha384:23/sha256:0+16-18,tcti=$tcti" x
	ok "banks" [ "$(fact "$tmp/e2" banks)" = \
	    'sha384:23+sha256:0,16,17,18' ]
	ok "same AK" cmp "$tmp/e1/ak.pem" "$tmp/e2/ak.pem"
	ok "same AIK" cmp "$tmp/e1/key.pem" "$tmp/e2/key.pem"
	ok "same boot" [ "$(fact "$tmp/e1" reset)" = "$(fact "$tmp/e2" reset)" ]
}

t_extend() {
	one=$(printf %064d 1)
	ok "extend" tool tpm2_pcrextend "7:sha256=$one"
	dump "$tmp/e3" "dir=$keys,tcti=$tcti" y
	want=$(printf %0128d 1 | sed 's/../\\x&/g')
	want=$(/usr/bin/printf "$want" | openssl dgst -sha256 -r | cut -c-64)
	ok "PCR 7" [ "$(fact "$tmp/e3" pcr_sha256_7)" = "$want" ]
	ok "PCR 6" [ "$(fact "$tmp/e3" pcr_sha256_6)" = \
	    "$(fact "$tmp/e1" pcr_sha256_6)" ]
}

t_restart() {
	ok "restart" "$lab" restart "$tmp/a"
	dump "$tmp/e4" "dir=$keys,tcti=$tcti" z
	ok "same AK" cmp "$tmp/e1/ak.pem" "$tmp/e4/ak.pem"
	ok "same AIK" cmp "$tmp/e1/key.pem" "$tmp/e4/key.pem"
	# 32 bits, with an offset of the TPM's own: Part 1, "Obfuscation"
	d=$(($(fact "$tmp/e4" reset) - $(fact "$tmp/e1" reset)))
	ok "one reset more, $d" [ $(((d + 4294967296) % 4294967296)) -eq 1 ]
	ok "PCR 7 is new" [ "$(fact "$tmp/e4" pcr_sha256_7)" = \
	    "$(printf %064d 0)" ]
	ok "reset in between" "$prog" reset "dir=$keys,tcti=$tcti" \
	    "$lab restart $tmp/a"
	ok "stop" "$lab" stop "$tmp/a"
	run 2 "TPM is off" "$prog" dump "dir=$keys,tcti=$tcti" x "$tmp/e4"
	said 'E_DEVICE tpm.tcti'
	TPM_LAB_FLAGS=not-need-init "$lab" start "$tmp/a" >/dev/null
	dump "$tmp/e5" "dir=$keys,tcti=$tcti" "nobody sent TPM2_Startup"
}

t_places() {
	for i in 1 2 3; do
		ok "fill" tool tpm2_createprimary -Q -C n -c "$tmp/ctx"
	done
	run 2 "TPM is full" "$prog" dump "dir=$keys,tcti=$tcti" x "$tmp/e1"
	said 'E_DEVICE tpm.srk.*memory'
	ok "nothing lost" [ "$(tool tpm2_getcap handles-transient | wc -l)" -eq 3 ]
	ok "flush" tool tpm2_flushcontext -t
}

t_banks() {
	ok "one bank" tool tpm2_pcrallocate -Q sha384:none+sha256:all
	ok "restart" "$lab" restart "$tmp/a"
	run 2 "no such bank" "$prog" dump "dir=$keys,pcrs=sha256:0/sha384:0,tcti=$tcti" \
	    x "$tmp/e1"
	said 'tpm.pcr bank 0x000c: not in this TPM'
	ok "nothing lost" [ -z "$(tool tpm2_getcap handles-transient)" ]
	ok "both banks" tool tpm2_pcrallocate -Q sha384:all+sha256:all
	ok "restart" "$lab" restart "$tmp/a"
}

# A TPM that was locked by guesses at somebody's password
t_lockout() {
	ok "lockout at 1" tool tpm2_dictionarylockout -s -n 1 -t 9999 -l 9999
	ok "a password" tool tpm2_createprimary -Q -C o -p secret -c "$tmp/ctx"
	ok "flush" tool tpm2_flushcontext -t
	run 3 "a guess" tool tpm2_create -Q -C "$tmp/ctx" -P wrong
	ok "flush" tool tpm2_flushcontext -t
	tool tpm2_getcap properties-variable >"$tmp/caps"
	ok "locked" grep -q 'inLockout: *1' "$tmp/caps"
	ok "evidence" "$prog" dump "dir=$keys,tcti=$tcti" x "$tmp/e1"
	ok "unlock" tool tpm2_dictionarylockout -c
}

# The storage key as tpm2-tools make it, and made persistent
t_persistent() {
	head -c 64 /dev/zero | tool tpm2_createprimary -Q -C o -g sha256 \
	    -G ecc -u - -c "$tmp/srk" -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt'
	ok "flush" tool tpm2_flushcontext -t
	ok "load" tool tpm2_load -Q -C "$tmp/srk" -u "$keys/ak.pub" \
	    -r "$keys/ak.priv" -c "$tmp/ctx"
	ok "flush" tool tpm2_flushcontext -t
	ok "persist" tool tpm2_evictcontrol -Q -C o -c "$tmp/srk" 0x81000001
	ok "flush" tool tpm2_flushcontext -t
	dump "$tmp/e6" "dir=$keys,tcti=$tcti" p
	ok "same AK" cmp "$tmp/e1/ak.pem" "$tmp/e6/ak.pem"
	empty "$tmp/c"
	ok "calls, persistent" "$prog" calls "$tcti" "$tmp/c"
	ok "evict" tool tpm2_evictcontrol -Q -C o -c 0x81000001
	# one of another kind is left alone
	ok "RSA" tool tpm2_createprimary -Q -C o -G rsa -c "$tmp/ctx"
	ok "persist" tool tpm2_evictcontrol -Q -C o -c "$tmp/ctx" 0x81000001
	ok "flush" tool tpm2_flushcontext -t
	ok "another storage key" "$prog" dump "dir=$keys,tcti=$tcti" x \
	    "$tmp/e6"
	ok "evict" tool tpm2_evictcontrol -Q -C o -c 0x81000001
}

t_other_tpm() {
	other=$("$lab" start "$tmp/b" "$tmp/a/ca")
	run 2 "keys of another TPM" "$prog" dump "dir=$keys,tcti=$other" x \
	    "$tmp/e1"
	said 'E_FORMAT tpm.ak: .*not of this TPM'
	ok "keys of its own" "$prog" dump "dir=$tmp/kb,tcti=$other" x "$tmp/e1"
}

ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$tmp/$1.key" -out "$tmp/$1.pem" -subj "/CN=$1" -days 9 \
	    -addext keyUsage=critical,keyCertSign 2>/dev/null
}

t_enrol() {
	"$lab" ek-ca "$tmp/a" >"$tmp/vendors.pem"
	ca ca
	ca ca2
	ok "enrol" "$enrol" all "$tcti" "$keys" "$tmp/vendors.pem" \
	    "$tmp/ca.pem" "$tmp/ca.key" host.example "$tmp/ak.pem"
	ok "chain" openssl verify -x509_strict -CAfile "$tmp/ca.pem" \
	    "$tmp/ak.pem"
	dump "$tmp/e7" "akcert=$tmp/ak.pem,dir=$keys,tcti=$tcti" c
	ok "sent along" [ "$(fact "$tmp/e7" certs)" -eq 1 ]
	openssl x509 -in "$tmp/ak.pem" -outform DER -out "$tmp/ak.der"
	ok "as it is" cmp "$tmp/ak.der" "$tmp/e7/cert-0.der"
	ok "appraised" "$prog" certified "akcert=$tmp/ak.pem,dir=$keys,tcti=$tcti" \
	    "$tmp/ca.pem"
	run 1 "other anchor" "$prog" certified \
	    "akcert=$tmp/ak.pem,dir=$keys,tcti=$tcti" "$tmp/ca2.pem"
	run 1 "not sent" "$prog" certified "dir=$keys,tcti=$tcti" "$tmp/ca.pem"
	run 2 "certificate of another" "$prog" dump \
	    "akcert=$tmp/ca.pem,dir=$keys,tcti=$tcti" x "$tmp/e7"
	said 'E_FORMAT tpm.akcert'
	run 2 "no certificate" "$prog" dump \
	    "akcert=$tmp/ca.key,dir=$keys,tcti=$tcti" x "$tmp/e7"
	run 2 "no file" "$prog" dump "akcert=$tmp/none,dir=$keys,tcti=$tcti" \
	    x "$tmp/e7"
}

# challenge WHAT EXPECTED-STATUS VENDORS: of $tmp/req, made anew
challenge() {
	rm -rf "$tmp/pend"
	run "$2" "$1" "$enrol" challenge "$tmp/req" "$3" "$tmp/pend"
}
patch() {
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

t_enrol_refused() {
	ok "request" "$enrol" request "$tcti" "$keys" "$tmp/req"
	openssl x509 -inform DER -in "$tmp/req/ek.der" -out "$tmp/ek.cert"
	challenge "vendor unknown" 1 "$tmp/ca.pem"
	challenge "no vendors" 1 /dev/null
	mkdir "$tmp/store"
	csplit -s -z -f "$tmp/store/" -b '%d.pem' "$tmp/vendors.pem" \
	    '/BEGIN/' '{*}'
	openssl rehash "$tmp/store"
	export SSL_CERT_DIR="$tmp/store"
	ok "a store that has them" openssl verify "$tmp/ek.cert"
	challenge "vendors of the system" 1 "$tmp/ca.pem"
	unset SSL_CERT_DIR
	challenge "good" 0 "$tmp/vendors.pem"
	# whoever answers must be the TPM of the EK and have the AK
	run 4 "AK of another machine" "$enrol" answer "$tcti" "$tmp/kb" \
	    "$tmp/pend/challenge" "$tmp/ans"
	run 1 "another TPM" "$enrol" answer "$other" "$tmp/kb" \
	    "$tmp/pend/challenge" "$tmp/ans"
	cp "$tmp/pend/challenge" "$tmp/chal"
	patch "$tmp/chal" 40 '\377'
	run 1 "challenge damaged" "$enrol" answer "$tcti" "$keys" "$tmp/chal" \
	    "$tmp/ans"
	ok "nothing left" [ -z "$(tool tpm2_getcap handles-transient)" ]
	ok "no session" [ -z "$(tool tpm2_getcap handles-loaded-session)" ]
	ok "answer" "$enrol" answer "$tcti" "$keys" "$tmp/pend/challenge" \
	    "$tmp/ans"
	cp -r "$tmp/pend" "$tmp/pend2"
	cp "$tmp/ans" "$tmp/ans2"
	patch "$tmp/ans2" 31 '\000\000'
	for a in "$tmp/ans2" /dev/null "$tmp/none"; do
		rm -rf "$tmp/pend3"
		cp -r "$tmp/pend" "$tmp/pend3"
		run 1 "answer $a" "$enrol" issue "$tmp/pend3" "$a" \
		    "$tmp/ca.pem" "$tmp/ca.key" x "$tmp/no.pem"
		run 1 "after a wrong one" "$enrol" issue "$tmp/pend3" \
		    "$tmp/ans" "$tmp/ca.pem" "$tmp/ca.key" x "$tmp/no.pem"
	done
	run 1 "name" "$enrol" issue "$tmp/pend" "$tmp/ans" "$tmp/ca.pem" \
	    "$tmp/ca.key" 'x/O=y' "$tmp/no.pem"
	ok "issue" "$enrol" issue "$tmp/pend" "$tmp/ans" "$tmp/ca.pem" \
	    "$tmp/ca.key" x "$tmp/yes.pem"
	run 1 "twice" "$enrol" issue "$tmp/pend" "$tmp/ans" "$tmp/ca.pem" \
	    "$tmp/ca.key" x "$tmp/no.pem"
	ok "none but the one" [ ! -e "$tmp/no.pem" ]

	# a challenge for the AK of b, to the EK of a: b's AK is not in a
	cp "$tmp/req/ak.pub" "$tmp/ak.pub"
	cp "$tmp/kb/ak.pub" "$tmp/req/ak.pub"
	challenge "AK of b, EK of a" 0 "$tmp/vendors.pem"
	run 1 "a answers" "$enrol" answer "$tcti" "$keys" \
	    "$tmp/pend/challenge" "$tmp/ans"
	run 1 "b answers" "$enrol" answer "$other" "$tmp/kb" \
	    "$tmp/pend/challenge" "$tmp/ans"

	# what is not an AK: the AIK, an AK that can be copied, no point
	cp "$keys/aik.pub" "$tmp/req/ak.pub"
	challenge "an AIK" 1 "$tmp/vendors.pem"
	cp "$tmp/ak.pub" "$tmp/req/ak.pub"
	patch "$tmp/req/ak.pub" 9 '\160'
	challenge "not fixedTPM" 1 "$tmp/vendors.pem"
	cp "$tmp/ak.pub" "$tmp/req/ak.pub"
	patch "$tmp/req/ak.pub" 40 '\000\000\000\000'
	challenge "no point" 1 "$tmp/vendors.pem"
	head -c 89 "$tmp/ak.pub" >"$tmp/req/ak.pub"
	challenge "short" 1 "$tmp/vendors.pem"
	(cat "$tmp/ak.pub"; printf x) >"$tmp/req/ak.pub"
	challenge "long" 1 "$tmp/vendors.pem"
	cp "$tmp/ak.pub" "$tmp/req/ak.pub"

	# what is not an EK certificate, though a vendor's CA signed it
	openssl x509 -new -force_pubkey "$tmp/e1/ak.pem" -subj /CN=x \
	    -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -outform DER \
	    -out "$tmp/req/ek.der" 2>/dev/null
	challenge "no EK" 1 "$tmp/ca.pem"
	said 'not one of an EK'
	echo x >"$tmp/req/ek.der"
	challenge "no certificate" 1 "$tmp/vendors.pem"
}

# A TPM whose EK is on P-256: made here, since swtpm has none
t_enrol_ecc() {
	ok "EK" tool tpm2_createek -Q -G ecc -c "$tmp/ctx" -u "$tmp/ek.pem" -f pem
	ok "flush" tool tpm2_flushcontext -t
	echo 'extendedKeyUsage = 2.23.133.8.1' >"$tmp/ext"
	rm -rf "$tmp/req" "$tmp/pend"
	ok "request" "$enrol" request "$tcti" "$keys" "$tmp/req"
	openssl x509 -new -force_pubkey "$tmp/ek.pem" -subj /CN=x \
	    -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -extfile "$tmp/ext" \
	    -outform DER -out "$tmp/req/ek.der" 2>/dev/null
	challenge "P-256" 0 "$tmp/ca.pem"
	ok "answer" "$enrol" answer "$tcti" "$keys" "$tmp/pend/challenge" \
	    "$tmp/ans"
	ok "issue" "$enrol" issue "$tmp/pend" "$tmp/ans" "$tmp/ca.pem" \
	    "$tmp/ca.key" x "$tmp/yes.pem"
}

keys=$tmp/ka
empty "$tmp/conf"
ok "conf" "$prog" conf "$tmp/conf"
tcti=$("$lab" start "$tmp/a") || exit 1
t_evidence
t_extend
t_restart
t_places
t_banks
t_lockout
empty "$tmp/k"
ok "keys" "$prog" keys "$tcti" "$tmp/k"
empty "$tmp/c"
ok "calls" "$prog" calls "$tcti" "$tmp/c"
t_persistent
t_other_tpm
t_enrol
t_enrol_refused
t_enrol_ecc
ok "nothing left" [ -z "$(tool tpm2_getcap handles-transient)" ]
echo "t_tpm_attester_tools: $n checks, $bad failed"
[ $bad -eq 0 ]
