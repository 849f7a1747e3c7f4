#!/bin/sh
# A second opinion on kinds that dcap-second.sh does not know:
#	Nitro	npm's @0xsequence/tee-verifier
#	SNP	npm's @lit-protocol/sev-snp-utils-sdk, which knows Milan
#	TPM	tpm2_checkquote of Debian's tpm2-tools
# The packages are looked for in $DCAP_QVL/node_modules, and where node looks.
#	second.sh PROGRAM		PROGRAM is t_second
# What is not there is named in a line "skipped: ..."; if nothing is, exit 77.
set -u
prog=$1
here=$(cd "$(dirname "$0")" && pwd)
NODE_PATH=${DCAP_QVL:+$DCAP_QVL/node_modules:}${NODE_PATH:-}
export NODE_PATH
tmp=$(mktemp -d "${TMPDIR:-/tmp}/second.XXXXXX") || exit 4
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
rc=0 asked=0

npm() {		# kind package
	node -e "require.resolve('$2')" >"$tmp/log" 2>&1 || {
		echo "skipped: second: npm's $2 is not installed"
		return
	}
	asked=$((asked + 1))
	"$prog" "$1" >"$tmp/$1" || rc=1
	node "$here/second.js" "$1" <"$tmp/$1" || rc=1
}

tpm() {
	command -v tpm2_checkquote >"$tmp/log" || {
		echo "skipped: second: tpm2-tools is not installed"
		return
	}
	asked=$((asked + 1))
	mkdir "$tmp/quotes"
	"$prog" tpm "$tmp/quotes" >"$tmp/tpm" || rc=1
	n=0 same=0 behind=0
	while IFS='	' read -r i id what ours nonce; do
		f=$tmp/quotes/$i
		theirs=reject
		tpm2_checkquote -u "$f.pem" -m "$f.msg" -s "$f.sig" \
		    -q "$nonce" -g sha256 >"$tmp/log" 2>&1 && theirs=accept
		n=$((n + 1))
		case "$what $ours $theirs" in
		*" accept accept" | *" reject:"*" reject")
			same=$((same + 1))
			;;
		"append@1."*" reject:tpm.quote.sig accept")
			behind=$((behind + 1))
			;;
		*)
			echo "tpm/$id $what: $ours, they $theirs"
			;;
		esac
	done <"$tmp/tpm"
	bad=$((n - same - behind))
	echo "tpm2_checkquote: $n of tpm, $same alike, $behind explained, $bad not"
	echo "  $behind: octets behind the signature"
	[ $n -gt 400 ] && [ $bad -eq 0 ] || rc=1
}

command -v node >"$tmp/log" && {
	npm nitro @0xsequence/tee-verifier
	npm snp @lit-protocol/sev-snp-utils-sdk
} || echo "skipped: second: node is not installed"
tpm
[ $asked -gt 0 ] || exit 77
exit $rc
