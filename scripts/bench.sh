#!/bin/sh
# The figures of README.md: an optimised build, one core.
set -eu
cd "$(dirname "$0")/.."
dir=${1:-build-bench}
[ -f "$dir/build.ninja" ] ||
    meson setup "$dir" --buildtype=release -Db_ndebug=false >/dev/null
ninja -C "$dir" bench/bench-post bench/bench-families \
    bench/bench-pre bench/bench-evidence >/dev/null
cpu=
command -v taskset >/dev/null && cpu="taskset -c 0"
$cpu "$dir/bench/bench-post"
echo
$cpu "$dir/bench/bench-families"
$cpu "$dir/bench/bench-pre"
echo
$cpu "$dir/bench/bench-evidence"
