# SPDX-License-Identifier: Apache-2.0
"""Take TPM evidence apart, for tools that know nothing of ours:

	tpm-split.py EVIDENCE OUTDIR

Writes quote.msg quote.sig quote.pcrs quote.der certify.msg certify.der ak.pem
key.pem cert-N.der and facts, a file of NAME=VALUE.  Shares no code with the
library: CBOR is read by python3-cbor2, structures of the TPM by hand."""
import base64
import hashlib
import struct
import sys
import textwrap

import cbor2

BANKS = {4: "sha1", 0xb: "sha256", 0xc: "sha384", 0xd: "sha512"}


def tpm2b(b, at):
    n, = struct.unpack_from(">H", b, at)
    assert at + 2 + n <= len(b)
    return b[at + 2:at + 2 + n], at + 2 + n


def signature(b):
    """TPMT_SIGNATURE of ECDSA with SHA-256, as DER"""
    assert b[:4] == bytes.fromhex("0018000b")
    r, at = tpm2b(b, 4)
    s, at = tpm2b(b, at)
    assert at == len(b)

    def integer(v):
        v = v.lstrip(b"\0")
        v = b"\0" + v if not v or v[0] >= 0x80 else v
        return bytes([2, len(v)]) + v
    body = integer(r) + integer(s)
    return bytes([0x30, len(body)]) + body


def public(b, attributes):
    """TPMT_PUBLIC of a P-256 key, as PEM"""
    head = bytes.fromhex("0023000b%08x" % attributes) + \
        bytes.fromhex("000000100018000b00030010")
    assert b.startswith(head), b.hex()
    x, at = tpm2b(b, len(head))
    y, at = tpm2b(b, at)
    assert at == len(b)
    der = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107"
                        "03420004") + x.rjust(32, b"\0") + y.rjust(32, b"\0")
    text = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % text


def attest(b, kind):
    assert b[:6] == bytes.fromhex("ff544347") + struct.pack(">H", kind)
    _, at = tpm2b(b, 6)
    extra, at = tpm2b(b, at)
    clock, reset, restart = struct.unpack_from(">QII", b, at)
    return extra, reset, restart, b[at + 8 + 4 + 4 + 1 + 8:]


def pcr_file(banks):
    """The form of tpm2_quote --pcr: structures of the TSS as they lie in the
    memory of a little-endian machine"""
    out = struct.pack("<I", len(banks))
    for alg, pcrs in banks + [(0, {})] * (16 - len(banks)):
        bits = sum(1 << i for i in pcrs)
        out += struct.pack("<HBIx", alg, 3 if alg else 0, bits)
    values = [v for _, pcrs in banks for v in pcrs.values()]
    lists = [values[i:i + 8] for i in range(0, len(values), 8)]
    out += struct.pack("<I", len(lists))
    for some in lists:
        out += struct.pack("<I", len(some))
        for v in some + [b""] * (8 - len(some)):
            out += struct.pack("<H64s", len(v), v)
    return out


def main(path, out):
    def put(name, value):
        with open(out + "/" + name, "wb") as f:
            f.write(value if isinstance(value, bytes) else value.encode())

    raw = open(path, "rb").read()
    e = cbor2.loads(raw)
    assert cbor2.dumps(e, canonical=True) == raw
    kat, pat, ext = e.pop("kat"), e.pop("pat"), e.pop("ext")
    assert not e
    assert set(kat) == {"tpmVer", "kid", "sig", "certInfo", "pubArea"}
    assert set(pat) == {"tpmVer", "kid", "sig", "attestInfo"}
    assert kat["tpmVer"] == pat["tpmVer"] == "2.0"
    digest = hashlib.sha256(ext["akPub"]).digest()
    assert kat["kid"] == pat["kid"] == b"\1" + digest

    put("ak.pem", public(ext["akPub"], 0x00050472))
    put("key.pem", public(kat["pubArea"], 0x00040472))
    put("quote.msg", pat["attestInfo"])
    put("quote.sig", pat["sig"])
    put("quote.der", signature(pat["sig"]))
    put("certify.msg", kat["certInfo"])
    put("certify.der", signature(kat["sig"]))

    extra, reset, restart, rest = attest(kat["certInfo"], 0x8017)
    name, _ = tpm2b(rest, 0)
    assert name == b"\0\x0b" + hashlib.sha256(kat["pubArea"]).digest()
    assert (extra, reset, restart) == attest(pat["attestInfo"], 0x8018)[:3]

    banks, facts = [], {}
    for alg, pcrs in ext["pcrs"]:
        assert list(pcrs) == sorted(pcrs)
        banks.append(BANKS[alg] + ":" + ",".join(map(str, pcrs)))
        for i, v in pcrs.items():
            facts["pcr_%s_%d" % (BANKS[alg], i)] = v.hex()
    put("quote.pcrs", pcr_file([tuple(b) for b in ext["pcrs"]]))
    for i, der in enumerate(ext.get("akCert", [])):
        put("cert-%d.der" % i, der)
    facts.update(nonce=extra.hex(), reset=reset, restart=restart,
                 ak="ak:000b" + digest.hex(), certs=len(ext.get("akCert", [])),
                 banks="+".join(banks))
    put("facts", "".join("%s=%s\n" % f for f in facts.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
