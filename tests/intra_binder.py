#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The binder of draft-fossati-seat-early-attestation, once more, over live
# handshakes:	intra_binder.py T_OPENSSL_CARRY
import subprocess
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand


def digest(alg, data):
    h = hashes.Hash(alg)
    h.update(data)
    return h.finalize()


def expand_label(alg, secret, label, context):
    full = b"tls13 " + label
    info = (alg.digest_size.to_bytes(2, "big") + bytes([len(full)]) + full +
            bytes([len(context)]) + context)
    return HKDFExpand(alg, alg.digest_size, info).derive(secret)


def binder(alg, messages, spki):
    if len(messages) == 4:              # RFC 8446, 4.4.1
        first = digest(alg, messages[0])
        messages[0] = b"\xfe\0\0" + bytes([len(first)]) + first
    base = expand_label(alg, bytes(alg.digest_size), b"attestation base",
                        digest(alg, b"".join(messages)))
    return expand_label(alg, base, b"attestation", digest(alg, spki))


algs = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}
out = subprocess.run([sys.argv[1], "dump"], check=True, text=True,
                     stdout=subprocess.PIPE).stdout
shapes, bad = set(), 0
for line in out.splitlines():
    name, *rest = line.split()
    *messages, spki, want = [bytes.fromhex(x) for x in rest]
    shapes.add((name, len(messages)))
    if binder(algs[name], messages, spki) != want:
        bad += 1
        print("%s, %d messages: another binder" % (name, len(rest) - 2))
if shapes != {(a, n) for a in algs for n in (2, 4)}:
    bad += 1
    print("not all kinds of handshakes: %s" % shapes)
print("intra_binder: %d handshakes, %d failed" % (len(out.splitlines()), bad))
sys.exit(bad != 0)
