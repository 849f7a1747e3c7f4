#!/bin/sh
# Install the Debian 12 packages that atls needs.  Idempotent; a second run
# takes a moment and needs neither root nor the network.
#	setup.sh [build|check|fuzz|prove]...	(default: build check)
set -eu

build='gcc libc6-dev make meson ninja-build pkg-config libssl-dev libtss2-dev libjansson-dev
libcurl4-openssl-dev mandoc'
check='clang libclang-rt-14-dev openssl swtpm swtpm-tools tpm2-tools
python3-minimal python3-cryptography python3-cbor2 procps binutils spin'
fuzz='clang libclang-rt-14-dev llvm'
prove='frama-c-base why3 z3 cvc4'

want=
for set in ${*:-build check}; do
	case $set in
	build) want="$want $build" ;;
	check) want="$want $build $check" ;;
	fuzz) want="$want $build $fuzz" ;;
	prove) want="$want $prove" ;;
	*) echo "setup.sh: no package set '$set'" >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "setup.sh: not a Debian system; needed are the equivalents of:" >&2
	echo $want >&2
	exit 4
fi

missing=
for p in $want; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
	sudo=
elif command -v sudo >/dev/null; then
	sudo=sudo
else
	echo "setup.sh: as root, run: apt-get install$missing" >&2
	exit 4
fi
echo "setup.sh: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
