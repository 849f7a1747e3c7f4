#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are the recorded results of formal/ those of the models as they are?  With
# ProVerif, a few rows are proved again; all of them by `make formal`.
cd "$(dirname "$0")/../formal" || exit 4
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
./run.py --check-expected >"$T/out"
rc=$?
cat "$T/out"
[ $rc -eq 0 ] || exit 1
# The events of the trace checker are those of the models.
checks=0 failed=0
sed -n 's/^EVENT(\([A-Za-z_]*\),[ \t]*\([0-9]*\))$/\1 \2/p' events.def |
    sort >"$T/ours"
tr '\n' ' ' <lib/world.pvl | grep -o 'event [A-Za-z_]*([^)]*)\.' |
    awk -F'[ (]' '{ print $2, gsub(/,/, ",") + 1 }' | sort >"$T/theirs"
checks=$((checks + 1))
if [ ! -s "$T/ours" ] || [ -n "$(comm -23 "$T/ours" "$T/theirs")" ]; then
	echo "events.def is not of lib/world.pvl:"
	comm -23 "$T/ours" "$T/theirs"
	failed=$((failed + 1))
fi

# A model that changes makes its result stale, and so does a row without one.
stale() {	# what, file, text added
	checks=$((checks + 1))
	rm -rf "$T/t"; mkdir "$T/t"; cp -r . "$T/t/formal"; cp -r ../doc "$T/t/"
	printf '%s\n' "$3" >>"$T/t/formal/$2"
	if "$T/t/formal/run.py" --check-expected >"$T/out"; then
		echo "formal: $1 was not noticed"
		failed=$((failed + 1))
	fi
}
stale 'a change in the library' lib/tls13.pvl '(* more *)'
stale 'a change in one protocol' mutual.pv '(* more *)'
stale 'a change in the goals' goals-key.pvl '(*: X *) event(Outside(p));'
stale 'a goal without a tag' goals-key.pvl 'event(Outside(p));'
stale 'a new row' rows.tsv "$(printf 'x\tX\tpost\t-\t\t.')"
stale 'a change of a result' expected.tsv "$(grep '^post	' expected.tsv |
    sed 's/C1a=+/C1a=-/')"
stale 'an attack of no cell' attacks.list "$(printf 'x\tpost:C1a\t-\ty')"
echo "t_formal-stale: $checks checks, $failed failed"
[ $failed -eq 0 ] || exit 1

if ! command -v proverif >/dev/null; then
	echo "skipped: formal: nothing was proved, proverif is not on the PATH"
	exit 0
fi
./run.py -j 1 --only post-key --only s-inst --only tls-a-06-weak \
    --only pre-name >"$T/out" 2>&1 || { cat "$T/out"; exit 1; }
