#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is written for people agrees with what is there.
#	check-doc.sh SOURCEDIR BUILDDIR
# Last line: "t_check_doc: N checks, M failed".
set -u
cd "$1" || exit 4
atls=$2/tools/atls/atls
checks=0 failed=0
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

ok() {		# status text...: counts, and says what is wrong
	rc=$1; shift
	checks=$((checks + 1))
	[ "$rc" -eq 0 ] && return
	failed=$((failed + 1))
	echo "$*"
}

# An example in README.md is the file that is compiled and run.
for f in $(sed -n 's/^<!-- \(examples\/.*\.c\) -->$/\1/p' README.md); do
	awk -v m="<!-- $f -->" '$0 == m { on = 1; getline; next }
		on && /^```$/ { exit } on' README.md >"$T/shown"
	[ -s "$T/shown" ] && cmp -s "$T/shown" "$f"
	ok $? "README.md: not the text of $f"
done
grep -q '^<!-- examples/hello.c -->$' README.md
ok $? "README.md: examples/hello.c is not shown"

# Links lead somewhere; files that are named exist.
for f in *.md doc/*.md; do
	for to in $(grep -o '](\([^)#]*\)' "$f" | cut -c3-); do
		case $to in
		http*)	continue ;;
		esac
		[ -e "$(dirname "$f")/$to" ]
		ok $? "$f: no $to"
	done
	for to in $(grep -oE \
	    '`(src|include|doc|man|scripts|tests|examples|lab|fuzz|formal|bench|tools|backend|attester|collateral|fail|sim)/[A-Za-z0-9_./-]*`' \
	    "$f" | tr -d '`'); do
		[ -e "$to" ]
		ok $? "$f: no $to"
	done
done

# Manual pages that are spoken of exist.
{
	grep -ohE '\batls[a-z_-]*\([157]\)' *.md doc/*.md include/atls/*.h \
	    tools/atls/*.c examples/*.c
	grep -ohE '\batls_(bytes|error|identity|cmw|collateral|evidence|attester|appraise|backend|ea|config|session|conn|openssl|ratls|result|sim|source|tpm|tpm_evidence|gramine|nsm|tsm)\(3\)' \
	    *.md doc/*.md include/atls/*.h examples/*.c
	sed -n 's/^\.Xr \(atls[a-z_-]*\) \([0-9]\).*/\1(\2)/p' man/atls*
} | sort -u | while IFS='()' read -r page section rest; do
	[ -e "man/$page.$section" ] ||
	    grep -qxF ".Nm $page" man/*.$section ||
	    grep -qxF ".Nm $page ," man/*.$section ||
	    echo "no manual page $page($section)"
done >"$T/pages"
[ ! -s "$T/pages" ]
ok $? "$(cat "$T/pages")"

# The manual is well formed.
if command -v mandoc >/dev/null; then
	for f in man/atls*.[1-8]; do
		mandoc -T lint -W warning "$f" >"$T/lint" 2>&1 &&
		    [ ! -s "$T/lint" ]
		ok $? "$(cat "$T/lint")"
	done
else
	echo "skipped: mandoc is not installed"
fi

# A command's manual has each of its options, and no other.
commands='attest collateral connect inspect policy serve verify'
[ ! -d "$2/sim" ] || commands="$commands lab sim"
for c in $commands; do
	"$atls" $c --help | grep -oE -- '(^|[^A-Za-z-])(--[a-z-]+|-[a-z]\b)' |
	    grep -oE -- '-.*' | sort -u >"$T/told"
	[ -s "$T/told" ]
	ok $? "atls $c --help: no options"
	sed -n 's/^\.It Fl \([^ ]*\).*/-\1/p' man/atls-$c.1 |
	    grep -v -- '--help' | sort -u >"$T/written"
	diff "$T/told" "$T/written" >"$T/diff"
	ok $? "atls $c: --help (<) and manual (>) differ: $(cat "$T/diff")"
done

# What atls-kinds(7) says of each kind is what the code does.  In names, braces
# stand for each of what is in them: a.{b,c}, a.{0-3}.
kinds=man/atls-kinds.7
expand() {	# lines of "name rest": as many as the names that are meant
	awk '{
		n = split($1, name, SUBSEP); rest = $0; sub(/^[^ ]*/, "", rest)
		while (match(name[1], /\{[^}]*\}/)) {
			in_ = substr(name[1], RSTART + 1, RLENGTH - 2)
			k = split(in_, v, ",")
			if (in_ ~ /^[0-9]+-[0-9]+$/) {
				split(in_, ends, "-"); k = 0
				for (i = ends[1] + 0; i <= ends[2] + 0; i++)
					v[++k] = i
			}
			m = 0
			for (j = 1; j <= n; j++) {
				match(name[j], /\{[^}]*\}/)
				for (i = 1; i <= k; i++)
					more[++m] = substr(name[j], 1,
					    RSTART - 1) v[i] substr(name[j],
					    RSTART + RLENGTH)
			}
			for (n = 1; n <= m; n++)
				name[n] = more[n]
			n = m
		}
		for (j = 1; j <= n; j++)
			print name[j] rest
	}'
}
section() {	# kind: its lines
	awk -v k=".Ss $1" '/^\.S[sh] / { on = $0 == k } on' $kinds
}
all=$(sed -n 's/^\.Ss \([a-z][a-z-]*\)$/\1/p' $kinds)
for k in $all; do
	section "$k" | sed -n 's/^\.It Ic \([^ ]*\) Pq \(.*\)$/\1 \2/p' |
	    expand | tr -d , >"$T/claims.$k"
done
for k in $all; do
	# .\" claims of KIND... -CLAIM...: those, too
	for w in $(section "$k" | sed -n 's/^\.\\" claims of //p'); do
		case $w in
		-*)	grep -v "^${w#-} " "$T/more" >"$T/less"
			mv "$T/less" "$T/more" ;;
		*)	cat "$T/claims.$w" >>"$T/more" ;;
		esac
	done
	[ ! -e "$T/more" ] || cat "$T/more" >>"$T/claims.$k"
	rm -f "$T/more"
	sort "$T/claims.$k" >"$T/written"
	"$atls" policy claims "$k" | awk '{ $1 = $1; print }' | sort >"$T/told"
	[ -s "$T/told" ] && diff "$T/told" "$T/written" >"$T/diff"
	ok $? "$kinds, $k: atls policy claims (<) and page (>) differ: $(
	    cat "$T/diff")"
	cut -d' ' -f1 "$T/told" >>"$T/claims"
done
for k in $(sed -n 's/^	\[ATLS_KIND_.*= &evidence_\(.*\),$/\1/p' \
    src/evidence/evidence.c | sed 's/^az_\(.*\)/az-\1-vtpm/'); do
	echo "$all" | grep -qx "$k"
	ok $? "$kinds: nothing about $k"
done

# Checks are in the order in which they are made, shown by simulated machines.
[ ! -d "$2/sim" ] || "$atls" sim "$T/sim"
for k in $(ls "$T/sim" 2>/dev/null); do
	binder=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	"$atls" attest --attester "sim:$k:" --binder $binder --raw \
	    >"$T/evidence" && "$atls" policy explain --kind "$k" \
	    --policy "$T/sim/$k/policy" --collateral "$T/sim/$k/collateral" \
	    --binder $binder "$T/evidence" | awk '/^pass / { print $2 }
	    /must be of this channel/ { exit }' >"$T/steps"
	section "$k" | sed -n 's/^\.It Va //p' | sed 's/ , /\n/g' >"$T/page"
	awk 'NR == FNR { at[$0] = FNR; next }
		$0 in at && !seen[$0]++ { if (at[$0] < last) bad = 1
			last = at[$0]; n++ }
		END { exit bad || n < 5 }' "$T/page" "$T/steps"
	ok $? "$kinds, $k: checks are not in their order"
done

# Each check is there by its name, and nothing is that no check is called.
sed -n 's/^\.It Va //p' $kinds | sed 's/ , /\n/g' | sort -u >"$T/written"
{
	cat src/evidence/*.c src/endorse/*.c src/appraise/*.c |
	    grep -oE '"[a-z_]+(\.[a-z0-9_]+)+"|"tsm_report"' | tr -d '"'
	sed -n 's/.*= DCAP_NAME("\(.*\)").*/sgx.\1\ntdx.\1/p' src/evidence/dcap_quote.h
} | grep -v '\.h$' | sort -u >"$T/told"
for r in $(comm -13 "$T/told" "$T/written"); do
	ok 1 "$kinds: no check is called $r"
done
# not checks: claims, and what is remembered under a name
{ cat "$T/claims"; echo intel.crls; echo intel.signer; } | sort -u >"$T/others"
comm -23 "$T/told" "$T/written" | comm -23 - "$T/others" |
    grep -E '^(tpm|tdx|sgx|intel|snp|cca|psa|nitro|az|ear|tsm_report)(\.|$)' \
    >"$T/diff"
[ ! -s "$T/diff" ]
ok $? "$kinds: nothing about these checks: $(cat "$T/diff")"

# A reason that SECURITY.md or the README names is one that is given.
for r in $(grep -ohE '`[a-z_]+(\.[a-z0-9_]+)+`' README.md SECURITY.md |
    tr -d '`' | sort -u); do
	case $r in
	*.h|*.c|*.md|*.sh)	continue ;;
	esac
	grep -rqF "\"$r\"" src backend attester
	ok $? "no check is called $r"
done

# One version.
v=$(sed -n 's/^#define ATLS_VERSION[	 ]*"\(.*\)"$/\1/p' include/atls/atls.h)
grep -q "version: '$v'" meson.build
ok $? "meson.build: not version $v"
[ "$(sed -n 's/^## \([0-9.]*\).*/\1/p' CHANGELOG.md | head -1)" = "$v" ]
ok $? "CHANGELOG.md: its first entry is not $v"
[ "$("$atls" --version)" = "atls $v" ]
ok $? "atls --version: not $v"

echo "t_check_doc: $checks checks, $failed failed"
[ $failed -eq 0 ]
