#!/bin/sh
# Run the tests of a build directory and sum up what they counted:
#	run-tests.sh BUILDDIR [meson test option...]
# A test program prints "NAME: N checks, M failed"; a suite that cannot run
# here says so by name and counts as skipped.  Last line: N passed, N failed.
set -u
dir=$1; shift
log=$dir/meson-logs/testlog.txt
meson test -C "$dir" --print-errorlogs "$@"
rc=$?
awk -v rc=$rc '
	/^t_[a-z0-9_-]+: [0-9]+ checks, [0-9]+ failed$/ {
		pass += $2 - $4; fail += $4 }
	/^skipped: / { skip++; print }
	/^Timeout: +[1-9]/ || /^Fail: +[1-9]/ { bad = $2 }
	END {
		if (rc != 0 && fail == 0) fail = bad > 0 ? bad : 1
		if (pass == 0) fail++
		printf "%d passed, %d failed", pass, fail
		if (skip > 0) printf ", %d skipped", skip
		print ""
		exit fail != 0
	}' "$log"
