# SPDX-License-Identifier: Apache-2.0
# For tests in shell, which read it in: "n" checks, of which "bad" failed; a
# folder "$T"; ports from "$port" on, below those that the system gives to
# clients; when the script ends, also what it has in the background.

T=$(mktemp -d)
n=0 bad=0 port=$((12000 + $$ % 20000))

# not $(jobs -p): in a subshell dash knows of no jobs
tidy() {
	jobs -p >"$T/jobs"
	xargs -r kill <"$T/jobs" 2>/dev/null
	rm -rf "$T"
}
trap tidy EXIT

# status what CMD...: stdout in $T/out, stderr in $T/err
is() {
	want=$1 what=$2; shift 2
	n=$((n + 1))
	"$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ $got -eq "$want" ] && return
	bad=$((bad + 1))
	echo "$what: status $got, not $want"
	head -3 "$T/err"
}

ok() {		# status text...
	rc=$1; shift
	n=$((n + 1))
	[ "$rc" -eq 0 ] && return
	bad=$((bad + 1))
	echo "$*"
}

has() {		# file pattern: it is in there
	n=$((n + 1))
	grep -q -e "$2" "$T/$1" && return
	bad=$((bad + 1))
	echo "$what: no '$2' in $1:"
	head -5 "$T/$1"
}

hasnot() {
	n=$((n + 1))
	grep -q -e "$2" "$T/$1" || return
	bad=$((bad + 1))
	echo "$what: '$2' in $1:"
	head -5 "$T/$1"
}

wait_port() {
	i=0
	until grep -q ":$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
	do
		i=$((i + 1))
		[ $i -lt 200 ] || { echo "nobody on port $1"; return; }
		sleep 0.05
	done
}
