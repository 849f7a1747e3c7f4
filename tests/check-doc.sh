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
	    '`(src|include|doc|man|scripts|tests|examples|lab|fuzz|formal|bench|tools|backend|attester)/[A-Za-z0-9_./-]*`' \
	    "$f" | tr -d '`'); do
		[ -e "$to" ]
		ok $? "$f: no $to"
	done
done

# Manual pages that are spoken of exist.
{
	grep -ohE '\batls[a-z_-]*\([157]\)' *.md doc/*.md include/atls/*.h \
	    tools/atls/*.c examples/*.c
	grep -ohE '\batls_(bytes|error|identity|cmw|collateral|evidence|attester|appraise|backend|ea|config|session|conn|openssl|source|tpm|tpm_evidence)\(3\)' \
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
[ ! -d "$2/sim" ] || commands="$commands sim"
for c in $commands; do
	"$atls" $c --help | grep -oE -- '(^|[^a-z-])(--[a-z-]+|-[a-z]\b)' |
	    grep -oE -- '-.*' | sort -u >"$T/told"
	[ -s "$T/told" ]
	ok $? "atls $c --help: no options"
	sed -n 's/^\.It Fl \([^ ]*\).*/-\1/p' man/atls-$c.1 |
	    grep -v -- '--help' | sort -u >"$T/written"
	diff "$T/told" "$T/written" >"$T/diff"
	ok $? "atls $c: --help (<) and manual (>) differ: $(cat "$T/diff")"
done

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
