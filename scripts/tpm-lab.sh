#!/bin/sh
# A private TPM 2.0 in software (swtpm), with an EK certificate of its own
# "vendor", for tests and demonstrations.  Nothing it says proves anything.
#
#	tpm-lab.sh start DIR [CA]	make it, the first time; start it; print
#					its TCTI.  CA: directory of a vendor that
#					several TPMs share (default DIR/ca)
#	tpm-lab.sh stop DIR		as when the power goes
#	tpm-lab.sh restart DIR		both: PCRs are zero again
#	tpm-lab.sh tcti DIR		print its TCTI
#	tpm-lab.sh ek-cert DIR		print its EK certificate, PEM
#	tpm-lab.sh ek-ca DIR [CA]	print the vendor's certificates, PEM
#
# DIR is of any length that a socket's name can have (about 90 octets).
# TPM_LAB_FLAGS: swtpm's --flags, if the TPM should wait for TPM2_Startup.
# Exit: 0 done, 2 usage, 4 this machine's trouble.
set -eu

die() {
	echo "tpm-lab.sh: $1" >&2
	exit 4
}

usage() {
	sed -n '5,12p' "$0" | cut -c2- >&2
	exit 2
}

# swtpm is picky: --daemon changes directory, so every path is absolute
absolute() {
	mkdir -p "$1"
	(cd "$1" && pwd)
}

manufacture() {
	mkdir -p "$ca"
	cat >"$dir/localca.conf" <<-EOF
	statedir = $ca
	signingkey = $ca/signkey.pem
	issuercert = $ca/issuercert.pem
	certserial = $ca/certserial
	EOF
	cat >"$dir/localca.options" <<-EOF
	--platform-manufacturer Laboratory
	--platform-model swtpm
	--platform-version 1
	EOF
	cat >"$dir/setup.conf" <<-EOF
	create_certs_tool = $(command -v swtpm_localca)
	create_certs_tool_config = $dir/localca.conf
	create_certs_tool_options = $dir/localca.options
	active_pcr_banks = sha256,sha384
	EOF
	rm -rf "$dir/state.new"
	mkdir "$dir/state.new"
	# root would become tss, which may not write here; others may not try
	[ "$(id -u)" -ne 0 ] || runas='--runas root'
	swtpm_setup --tpm2 --tpmstate "$dir/state.new" ${runas-} \
	    --create-ek-cert --config "$dir/setup.conf" \
	    --logfile "$dir/setup.log" >/dev/null ||
	    die "swtpm_setup failed, see $dir/setup.log"
	mv "$dir/state.new" "$dir/state"
}

running() {
	[ -s "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null
}

start() {
	[ "${#dir}" -le 90 ] || die "$dir: too long for a socket"
	for c in swtpm swtpm_setup swtpm_localca swtpm_ioctl; do
		command -v $c >/dev/null || die "$c is not installed"
	done
	running && die "$dir: is running"
	[ -d "$dir/state" ] || manufacture
	rm -f "$dir/sock" "$dir/sock.ctrl" "$dir/pid"
	swtpm socket --tpm2 --tpmstate dir="$dir/state" \
	    --server type=unixio,path="$dir/sock" \
	    --ctrl type=unixio,path="$dir/sock.ctrl" \
	    --flags "${TPM_LAB_FLAGS:-not-need-init,startup-clear}" \
	    --pid file="$dir/pid" --log file="$dir/log" --daemon ||
	    die "swtpm did not start, see $dir/log"
	i=0
	until running && [ -S "$dir/sock" ]; do
		i=$((i + 1))
		[ $i -le 50 ] || die "swtpm is not there, see $dir/log"
		sleep 0.1
	done
}

stop() {
	running || return 0
	pid=$(cat "$dir/pid")
	swtpm_ioctl --unix "$dir/sock.ctrl" -s || die "swtpm does not listen"
	i=0
	while kill -0 "$pid" 2>/dev/null; do
		i=$((i + 1))
		[ $i -le 50 ] || die "swtpm does not end"
		sleep 0.1
	done
	rm -f "$dir/pid"
}

# TCG EK Credential Profile, 2.2.1.4: 0x01c00002 is the RSA 2048 certificate
ek_cert() {
	tpm2_nvread -T "swtpm:path=$dir/sock" 0x01c00002 >"$dir/ek.der" ||
	    die "no EK certificate"
	openssl x509 -inform DER -in "$dir/ek.der"
}

[ $# -eq 2 ] || [ $# -eq 3 ] || usage
dir=$(absolute "$2")
ca=$(absolute "${3:-$dir/ca}")
case $1 in
start)
	start
	echo "swtpm:path=$dir/sock"
	;;
stop)	stop ;;
restart)
	stop
	start
	;;
tcti)	echo "swtpm:path=$dir/sock" ;;
ek-cert)
	ek_cert
	;;
ek-ca)	cat "$ca/swtpm-localca-rootca-cert.pem" "$ca/issuercert.pem" ;;
*)	usage ;;
esac
