#!/bin/sh
# A second opinion on quotes of TDX and SGX: npm's @phala/dcap-qvl, which is
# looked for in $DCAP_QVL/node_modules, and where node looks.
#	dcap-second.sh PROGRAM		PROGRAM is t_quote_second
# Exit 77 with a line "skipped: ..." when it is not there.
set -u
prog=$1
here=$(cd "$(dirname "$0")" && pwd)
vectors=${ATLS_VECTORS:-$here/vectors}
NODE_PATH=${DCAP_QVL:+$DCAP_QVL/node_modules:}${NODE_PATH:-}
export NODE_PATH

command -v node >/dev/null || {
	echo "skipped: dcap-second: node is not installed"
	exit 77
}
node -e 'require("@phala/dcap-qvl")' >/dev/null 2>&1 || {
	echo "skipped: dcap-second: npm's @phala/dcap-qvl is not installed"
	exit 77
}
tmp=$(mktemp "${TMPDIR:-/tmp}/quotes.XXXXXX") || exit 4
trap 'rm -f "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
"$prog" >"$tmp" || {
	echo "dcap-second.sh: $prog failed" >&2
	exit 1
}
node "$here/dcap-second.js" "$vectors:${ATLS_VECTORS_EXTRA:-}" <"$tmp"
