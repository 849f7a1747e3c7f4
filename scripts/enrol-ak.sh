#!/bin/sh
# Certify the attestation key (AK) of a machine, once it is shown to be in the
# very TPM whose EK certificate its vendor signed.  See doc/enrolment.md.
#
#	On the machine		enrol-ak.sh request TCTI DIR REQUEST
#	At the CA		enrol-ak.sh challenge REQUEST VENDORS PENDING
#	On the machine		enrol-ak.sh answer TCTI DIR CHALLENGE ANSWER
#	At the CA		enrol-ak.sh issue PENDING ANSWER CA KEY NAME OUT
#	All on one host		enrol-ak.sh all TCTI DIR VENDORS CA KEY NAME OUT
#
# TCTI: the TPM, as tpm2-tools name it.  DIR: the attester's directory of keys.
# REQUEST, PENDING: new directories; the machine sends REQUEST, the CA sends
# PENDING/challenge and keeps the rest to itself.  VENDORS: certificates of the
# TPM vendors that are trusted, PEM.  CA, KEY: certificate and key of our CA.
# NAME: common name in the new certificate, OUT.  ENROL_DAYS: it is good for
# so many days (365).  Without a resource manager (swtpm) the attester must not
# be running: the TPM has no room for both, and its keys would be flushed.
# Exit: 0 done, 1 refused, 2 usage, 4 this machine's trouble.
set -eu
umask 077

refuse() {
	echo "enrol-ak.sh: refused: $1" >&2
	exit 1
}

die() {
	echo "enrol-ak.sh: $1" >&2
	exit 4
}

usage() {
	sed -n '5,9p' "$0" | cut -c2- >&2
	exit 2
}

hex() {
	od -An -v -tx1 "$1" | tr -d ' \n'
}

# $1 is the TCTI in all of these
flush() {
	tpm2_flushcontext -T "$1" "$2" || die "a place in the TPM was lost"
}

# TCG EK Credential Profile, 2.2.1.4: RSA 2048, or else ECC P-256
ek_read() {
	tpm2_nvread -T "$1" 0x01c00002 >"$2" 2>/dev/null && return
	tpm2_nvread -T "$1" 0x01c0000a >"$2" 2>/dev/null ||
	    die "this TPM has no EK certificate in it"
}

request() {
	[ -f "$2/ak.pub" ] || die "$2/ak.pub: missing, let the attester make it"
	mkdir "$3" || die "$3: exists"
	ek_read "$1" "$3/ek.der"
	cp "$2/ak.pub" "$3/ak.pub"
}

# The certificate of an EK, of a vendor whom we trust, and of nothing else:
# no default store of the system counts.
ek_check() {
	openssl x509 -inform DER -in "$1" -out "$3/ek.cert" 2>/dev/null ||
	    refuse "the EK certificate is not a certificate"
	openssl verify -no-CApath -no-CAstore -CAfile "$2" "$3/ek.cert" \
	    >/dev/null 2>"$3/why" ||
	    refuse "EK certificate: $(sed -n '/error/{p;q;}' "$3/why")"
	openssl x509 -in "$3/ek.cert" -noout -ext extendedKeyUsage 2>/dev/null |
	    tr -d ' ' | tr , '\n' | grep -qx '2\.23\.133\.8\.1' ||
	    refuse "the certificate is not one of an EK"
	openssl x509 -in "$3/ek.cert" -noout -pubkey >"$3/ek.pem"
	case $(openssl pkey -pubin -in "$3/ek.pem" -noout -text) in
	*"Modulus:"*)		echo rsa ;;
	*"ASN1 OID: prime256v1"*) echo ecc ;;
	*)			refuse "an EK of an unknown kind" ;;
	esac
}

# A TPM2B_PUBLIC of 88 octets: ECC, SHA-256; fixedTPM, fixedParent,
# sensitiveDataOrigin, userWithAuth, noDA, restricted, sign; no policy; ECDSA
# with SHA-256 on P-256; two coordinates.  MakeCredential proves that a TPM
# has the key of this name, so what is named must itself be right: an AK that
# signs whatever it is given, or one that can be copied, proves nothing.
template=00580023000b0005047200000010
template=${template}0018000b00030010
spki=3059301306072a8648ce3d020106082a8648ce3d03010703420004

ak_check() {
	h=$(hex "$1")
	x=${h#"${template}0020"}
	[ "${#h}" -eq 180 ] && [ "${#x}" -eq 132 ] ||
	    refuse "the AK is not of the kind that the attester makes"
	y=${x#????????????????????????????????????????????????????????????????}
	x=${x%"$y"}
	[ "${y#0020}" != "$y" ] ||
	    refuse "the AK is not of the kind that the attester makes"
	tpm2_print -t TPM2B_PUBLIC -f pem "$1" >"$2/ak.pem" 2>/dev/null &&
	    openssl pkey -pubin -pubcheck -noout -in "$2/ak.pem" \
	    >/dev/null 2>&1 || refuse "the AK is not a key"
	openssl pkey -pubin -in "$2/ak.pem" -outform DER -out "$2/ak.der"
	[ "$(hex "$2/ak.der")" = "$spki$x${y#0020}" ] ||
	    refuse "the AK reads in two ways"
}

challenge() {
	mkdir "$3" || die "$3: exists"
	kind=$(ek_check "$1/ek.der" "$2" "$3") || exit $?
	ak_check "$1/ak.pub" "$3"
	name=000b$(tail -c +3 "$1/ak.pub" | openssl dgst -sha256 -r | cut -c-64)
	openssl rand -out "$3/secret" 32
	tpm2_makecredential -Q -T none -G "$kind" -u "$3/ek.pem" \
	    -s "$3/secret" -n "$name" -o "$3/challenge" ||
	    die "tpm2_makecredential failed"
	echo "ak:$name"
}

# The storage key as the attester makes it: see SRK in doc/enrolment.md
srk_make() {
	attr='fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda'
	head -c 64 /dev/zero | tpm2_createprimary -Q -T "$1" -C o -g sha256 \
	    -G ecc -u - -c "$2" -a "$attr|restricted|decrypt" ||
	    die "no storage key"
	flush "$1" -t
}

answer() {
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	srk_make "$1" "$tmp/srk"
	tpm2_load -Q -T "$1" -C "$tmp/srk" -u "$2/ak.pub" -r "$2/ak.priv" \
	    -c "$tmp/ak" || die "the AK is not of this TPM"
	flush "$1" -t
	# the challenge says by its length which EK it is for
	kind=rsa
	[ "$(wc -c <"$3")" -ge 256 ] || kind=ecc
	tpm2_createek -Q -T "$1" -G $kind -c "$tmp/ek" || die "no EK"
	flush "$1" -t
	tpm2_startauthsession -T "$1" --policy-session -S "$tmp/session"
	rc=0
	tpm2_policysecret -Q -T "$1" -S "$tmp/session" -c e &&
	    tpm2_activatecredential -Q -T "$1" -c "$tmp/ak" -C "$tmp/ek" \
	    -i "$3" -o "$4" -P "session:$tmp/session" || rc=1
	flush "$1" "$tmp/session"
	flush "$1" -t
	[ $rc -eq 0 ] || refuse "the challenge is not for this TPM and this AK"
}

# One answer for each challenge: whatever comes of it, the secret is gone.
issue() {
	case $5 in
	''|*[!A-Za-z0-9._-]*) refuse "name '$5'" ;;
	esac
	rc=0
	[ -s "$1/secret" ] && cmp -s "$1/secret" "$2" || rc=1
	rm -f "$1/secret"
	[ $rc -eq 0 ] || refuse "the answer is not right"
	cat >"$1/ext" <<-EOF
	basicConstraints = critical, CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = 2.23.133.8.3
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	EOF
	openssl x509 -new -force_pubkey "$1/ak.pem" -subj "/CN=$5" \
	    -CA "$3" -CAkey "$4" -sha256 -days "${ENROL_DAYS:-365}" \
	    -set_serial "0x01$(openssl rand -hex 15)" -extfile "$1/ext" \
	    -out "$6.new" || die "openssl x509 failed"
	mv "$6.new" "$6"
}

all() {
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	"$0" request "$1" "$2" "$dir/request"
	"$0" challenge "$dir/request" "$3" "$dir/pending"
	"$0" answer "$1" "$2" "$dir/pending/challenge" "$dir/answer"
	"$0" issue "$dir/pending" "$dir/answer" "$4" "$5" "$6" "$7"
}

for c in openssl tpm2_makecredential tpm2_activatecredential; do
	command -v $c >/dev/null || die "$c is not installed"
done
verb=${1:-}
[ $# -eq 0 ] || shift
case $verb:$# in
request:3|challenge:3|answer:4|issue:6|all:7)
	"$verb" "$@"
	;;
*)	usage ;;
esac
