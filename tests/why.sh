#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a verdict tells, on evidence of simulated machines: `atls policy
# explain`, `why-not`, and the JSON of `atls verify`.
#	why.sh ATLS
# Last line: "t_why: N checks, M failed".
set -u
atls=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.." || exit 4
. tests/shell.sh
D=$T/d
binder=$(printf 'ab%.0s' $(seq 32))
is 0 "files" "$atls" sim "$D"

evidence() {	# kind fault, or kind alone: $T/ev, and its collateral
	is 0 "$1: attest" "$atls" attest --binder "$binder" \
	    --attester "sim:$1:${2:+fault=$2}"
	cp "$T/out" "$T/ev"
	rm -rf "$T/c"
	is 0 "$1: collateral" "$atls" sim ${2:+--fault "$2"} "$T/c"
	collateral=$T/c/$1/collateral
}

judge() {	# policy
	"$atls" verify --policy "$1" --binder "$binder" --collateral \
	    "$collateral" "$T/ev"
}

whynot() {	# policy
	"$atls" policy why-not --policy "$1" --binder "$binder" \
	    --collateral "$collateral" "$T/ev"
}

# The policy with what why-not says (on stdin) done to it; but for one of the
# lines to be added, if a number is given.
patched() {	# policy [number]
	cp "$1" "$T/patched"
	added=0 gone=0
	while read -r at sign line; do
		case $sign in
		-)	gone=1			# and the next one in its place
			;;
		+)	added=$((added + 1))
			[ $added -eq "${2:-0}" ] || {
				awk -v at="${at%:}" -v line="$line" -v gone=$gone \
				    'NR != at || !gone { print }
				    NR == at { print line }' \
				    "$T/patched" >"$T/p"
				mv "$T/p" "$T/patched"
			}
			gone=0
			;;
		esac
	done
	# names of files in a policy begin at it
	mv "$T/patched" "$(dirname "$1")/patched"
}

# What it says makes the evidence accepted, and with any line less it is not.
mends() {	# what policy line...
	label=$1 policy=$2; shift 2
	is 1 "$label: rejected" judge "$policy"
	is 1 "$label: why not" whynot "$policy"
	cp "$T/out" "$T/why"
	for fix; do
		has out "[0-9]: + $fix\$"
	done
	has out '^with these lines it would be accepted$'
	ok $(($(grep -c ': + ' "$T/why") - $#)) "$label: not $# lines"
	patched "$policy" <"$T/why"
	is 0 "$label: mended" judge "$(dirname "$policy")/patched"
	less=0
	for fix; do
		less=$((less + 1))
		patched "$policy" $less <"$T/why"
		is 1 "$label: but for line $less" \
		    judge "$(dirname "$policy")/patched"
	done
}

# --- why-not
for k in tdx sgx snp nitro; do
	evidence $k debug
	p=$D/$k/policy
	if [ $k = nitro ]; then
		mends "$k: debug" $p 'allow-debug yes' 'nitro.pcr.0 0*' \
		    'nitro.pcr.1 0*' 'nitro.pcr.2 0*'
	else
		mends "$k: debug" $p 'allow-debug yes'
	fi
	sed 's/^kind.*/&\nallow-debug no/' $p >$p.no
	is 1 "$k: debug, no" whynot $p.no
	has out ': - allow-debug no$'
	has out ': + allow-debug yes$'
done
for k in tdx sgx; do
	p=$D/$k/policy
	evidence $k out-of-date
	mends "$k: out of date" $p 'tcb-status UpToDate OutOfDate' \
	    'allow-advisory INTEL-SA-01036'
	evidence $k qe-old
	is 1 "$k: QE" whynot $p
	has out 'tcb-status UpToDate OutOfDate$'
	evidence $k tcb-old
	sed 's/^kind.*/&\ntcb-eval-min 6/' $p >$p.min
	is 1 "$k: evaluation" whynot $p.min
	has out ': + tcb-eval-min 5$'
	for f in root leaf-revoked crl-missing signature qe-signature \
	    qe-mrsigner tcb-missing tcb-signature tcb-withdrawn svn; do
		evidence $k $f
		is 1 "$k: $f" whynot $p
		has out '^no line of policy would do: '
	done
done
evidence tdx software
mends "tdx: software" "$D/tdx/policy" 'tdx.mrtd [0-9a-f]*' \
    'tdx.rtmr.0 [0-9a-f]*' 'tdx.rtmr.1 [0-9a-f]*' 'tdx.rtmr.2 [0-9a-f]*' \
    'tdx.rtmr.3 [0-9a-f]*'
evidence tdx migratable
mends "tdx: migratable" "$D/tdx/policy" 'tdx.td_attributes.migratable yes'
evidence snp migrate
mends "snp: migrate" "$D/snp/policy" 'snp.policy.migrate yes'
# what is not at the head of its line, and the other way there
sed 's/^snp.policy.migrate/\t &/' "$D/snp/policy" >"$D/snp/blanks"
mends "snp: migrate" "$D/snp/blanks" 'snp.policy.migrate yes'
evidence snp vmpl
mends "snp: VMPL" "$D/snp/policy" 'snp.vmpl 2'
evidence psa software
mends "psa: software" "$D/psa/policy" 'psa.sw.1.measurement [0-9a-f]*'
evidence ear status
mends "ear: status" "$D/ear/policy" 'ear.status contraindicated'
for k in tdx sgx snp cca psa nitro ear; do
	p=$D/$k/policy
	evidence $k report-data
	is 1 "$k: report data" whynot "$p"
	has out '^no line of policy would do: [a-z._]*: abab.*of this channel'
	evidence $k
	grep -v allow-simulated "$p" >"$p.strict"
	mends "$k: simulated" "$p.strict" 'allow-simulated yes'
	is 0 "$k: nothing is wrong" whynot "$p"
	has out '^it is accepted, by '
done

# of two blocks the one that lacks less
evidence snp software
{ cat "$D/snp/policy"; sed 's/^snp.vmpl .*/snp.vmpl 3/' "$D/snp/policy"; } \
    >"$D/snp/two"
mends "two blocks" "$D/snp/two" 'snp.measurement [0-9a-f]*'
has why '^2: + '
{ sed 's/^snp.vmpl .*/snp.vmpl 3/' "$D/snp/policy"; cat "$D/snp/policy"; } \
    >"$D/snp/two"
second=$(grep -n '^kind' "$D/snp/two" | tail -1 | cut -d: -f1)
mends "two blocks, otherwise" "$D/snp/two" 'snp.measurement [0-9a-f]*'
has why "^$second: + "

# --- explain
explain() {	# policy
	"$atls" policy explain --policy "$1" --binder "$binder" \
	    --collateral "$collateral" "$T/ev"
}
evidence tdx
is 0 "explain" explain "$D/tdx/policy"
has out '^policy line 2$'
has out '^pass tdx.signature  *[0-9a-f]*\.\.: must be the attestation key'
has out '^pass intel.tcb.level '
has out '^pass tdx.mrtd .*(line [0-9]*)$'
has out '^verdict: accept, by '
hasnot out '^FAIL'
is 1 "explain two" explain "$D/snp/two"
has out '^FAIL appraise.kind  *another: must be snp (line 2)$'
has out "^policy line $second\$"
evidence tdx out-of-date
is 1 "explain what is wrong" explain "$D/tdx/policy"
has out '^FAIL appraise.tcb.status  *OutOfDate: must be UpToDate (line 2)$'
has out '^FAIL appraise.tcb.advisory  *INTEL-SA-01036: must be listed'
has out '^pass tdx.mrtd '
has out '^verdict: reject, E_POLICY appraise.tcb.status: '
is 2 "explain nothing" "$atls" policy explain --policy "$D/tdx/policy"
is 2 "unbound" "$atls" policy why-not --policy "$D/tdx/policy" "$T/ev"
is 3 "no policy" "$atls" policy why-not --policy "$T/ev" --binder "$binder" \
    "$T/ev"
is 4 "no file" "$atls" policy explain --policy "$D/tdx/policy" --binder \
    "$binder" "$T/none"

# --- JSON
json() {	# policy
	"$atls" verify -j --policy "$1" --binder "$binder" --collateral \
	    "$collateral" "$T/ev"
}

# Python's words on it: all of it is one object.
says() {	# what expression
	n=$((n + 1))
	python3 - "$T/out" "$2" <<'EOP' || { bad=$((bad + 1)); echo "$1: $2"; }
import json, sys
r = json.load(open(sys.argv[1]))
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
EOP
}
is 1 "JSON" json "$D/tdx/policy"
says "rejected" 'r["verdict"] == "reject" and r["kind"] == "tdx"'
says "first reason" 'r["why"]["rc"] == "E_POLICY" and
    r["why"]["where"] == "appraise.tcb.status"'
says "TCB" 'r["tcb"]["status"] == "OutOfDate" and
    r["tcb"]["advisories"] == ["INTEL-SA-01036"] and
    r["tcb"]["evaluation"] == 17 and r["tcb"]["date"][:2] == "20"'
says "claims" 'len(r["claims"]["tdx.mrtd"]) == 96 and
    r["claims"]["tdx.td_attributes.debug"] is False and
    r["claims"]["tdx.tcb_svn.0"] == 5'
says "instance" 'r["instance"]["kind"] == "pck" and
    len(r["instance"]["value"]) == 32'
"$atls" policy claims tdx | sed 's/ .*//' | sort >"$T/claims"
says "all claims but those of TD 1.5" "set(open('$T/claims').read().split())
    - set(r['claims']) == {'tdx.tcb_svn_2', 'tdx.mrservicetd'}"
evidence tdx outlook
is 0 "outlook" json "$D/tdx/policy"
says "accepted" 'r["verdict"] == "accept" and "why" not in r and
    r["simulated"] is True and r["tcb"]["status"] == "UpToDate"'
says "outlook" 'r["tcb"]["outlook"].startswith("under the next TCB ev")'
for k in sgx snp cca psa nitro ear; do
	evidence $k
	is 0 "$k: JSON" json "$D/$k/policy"
	says "$k" "r['kind'] == '$k' and r['evidence'] == 'good' and
	    len(r['claims']) > 9 and ('instance' in r) == ('$k' != 'ear') and
	    ('tcb' in r) == ('$k' == 'sgx')"
done

echo "t_why: $n checks, $bad failed"
[ $bad -eq 0 ]
