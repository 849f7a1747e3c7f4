#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Exported authenticators (RFC 9261), written a second time from the text.

    ea_vectors.py write DIR     make vectors, good and bad, with fresh keys
    ea_vectors.py check DIR     validate what t_ea made (ATLS_EA_OUT=DIR)
    ea_vectors.py interop T_EA  both, in a temporary directory

Shares no code with the library: the TLS 1.3 key schedule is hmac and hashlib,
signatures and certificates are python3-cryptography.  One vector is a file of
lines "key hex"; the values of "expect" and "where" are plain words.
"""
import datetime
import hashlib
import hmac
import os
import struct
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime(2026, 7, 1)
ATTESTATION = 0xFF77            # the code point that the tests ask for
SCHEMES = [0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0807]
DIGEST = {0x0403: hashes.SHA256, 0x0503: hashes.SHA384, 0x0804: hashes.SHA256,
          0x0805: hashes.SHA384, 0x0806: hashes.SHA512}
HASH = {'sha256': 1, 'sha384': 2}
ROLE = {'client': 1, 'server': 2}


# RFC 8446, 7.1 and 7.5

def expand(h, prk, info, n):
    out = block = b''
    i = 1
    while len(out) < n:
        block = hmac.new(prk, block + info + bytes([i]), h).digest()
        out += block
        i += 1
    return out[:n]


def expand_label(h, secret, label, context, n):
    full = b'tls13 ' + label
    info = (struct.pack('>H', n) + bytes([len(full)]) + full +
            bytes([len(context)]) + context)
    return expand(h, secret, info, n)


def digest(h, *parts):
    return hashlib.new(h, b''.join(parts)).digest()


def exporter(h, ems, label, context, n):
    derived = expand_label(h, ems, label.encode(), digest(h),
                           hashlib.new(h).digest_size)
    return expand_label(h, derived, b'exporter', digest(h, context), n)


# RFC 8446, 3.4 and 4

def vec(lenlen, body):
    return len(body).to_bytes(lenlen, 'big') + body


def message(kind, body):
    return bytes([kind]) + vec(3, body)


def extension(kind, data=b''):
    return struct.pack('>H', kind) + vec(2, data)


def request(asker, context, schemes=SCHEMES, exts=((ATTESTATION, b''),)):
    sigalgs = vec(2, b''.join(struct.pack('>H', s) for s in schemes))
    body = vec(1, context) + vec(2, extension(13, sigalgs) + b''.join(
        extension(*e) for e in exts))
    return message(17 if asker == 'client' else 13, body)


def certificate(context, chain, exts, others=b''):
    entries = b''
    for i, der in enumerate(chain):
        entries += vec(3, der) + vec(2, exts if i == 0 else others)
    return message(11, vec(1, context) + vec(3, entries))


# RFC 9261, 5

class Connection:
    def __init__(self, h, ems=None):
        self.h = h
        self.n = hashlib.new(h).digest_size
        self.ems = ems or os.urandom(self.n)

    def hc(self, maker):
        return exporter(self.h, self.ems, 'EXPORTER-%s authenticator '
                        'handshake context' % maker, b'', self.n)

    def fk(self, maker):
        return exporter(self.h, self.ems, 'EXPORTER-%s authenticator '
                        'finished key' % maker, b'', self.n)

    def finished(self, maker, *parts):
        th = digest(self.h, self.hc(maker), *parts)
        return message(20, hmac.new(self.fk(maker), th, self.h).digest())


def to_be_signed(th):
    return b' ' * 64 + b'Exported Authenticator' + b'\0' + th


def pss(scheme, salt=None):
    d = DIGEST[scheme]()
    return padding.PSS(padding.MGF1(d), salt if salt is not None
                       else d.digest_size), d


def sign(key, scheme, tbs, salt=None):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(tbs)
    if isinstance(key, rsa.RSAPrivateKey):
        if scheme == 0x0401:
            return key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
        return key.sign(tbs, *pss(scheme, salt))
    return key.sign(tbs, ec.ECDSA(DIGEST[scheme]()))


def verify(pub, scheme, sig, tbs):
    if scheme == 0x0807:
        pub.verify(sig, tbs)
    elif scheme in (0x0804, 0x0805, 0x0806):
        pub.verify(sig, tbs, *pss(scheme))
    else:
        want = {0x0403: 'secp256r1', 0x0503: 'secp384r1'}[scheme]
        if pub.curve.name != want:
            raise InvalidSignature('curve')
        pub.verify(sig, tbs, ec.ECDSA(DIGEST[scheme]()))


# PKI

class Identity:
    def __init__(self, key, scheme, issuer=None, name='ea.example'):
        self.key, self.scheme, self.issuer = key, scheme, issuer
        ca = issuer is None
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        b = x509.CertificateBuilder().subject_name(subject)
        b = b.issuer_name(subject if ca else issuer.cert.subject)
        b = b.public_key(key.public_key())
        b = b.serial_number(x509.random_serial_number())
        b = b.not_valid_before(datetime.datetime(2026, 1, 1))
        b = b.not_valid_after(datetime.datetime(2046, 1, 1))
        b = b.add_extension(x509.BasicConstraints(ca, None), True)
        b = b.add_extension(x509.KeyUsage(not ca, False, False, False, False,
                                          ca, ca, False, False), True)
        b = b.add_extension(x509.SubjectKeyIdentifier.from_public_key(
            key.public_key()), False)
        signer = self if ca else issuer
        b = b.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                signer.key.public_key()), False)
        if not ca:
            b = b.add_extension(x509.SubjectAlternativeName(
                [x509.DNSName(name)]), False)
            b = b.add_extension(x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH,
                 ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        self.cert = b.sign(signer.key, hashes.SHA256())
        self.der = self.cert.public_bytes(serialization.Encoding.DER)
        self.pem = self.cert.public_bytes(serialization.Encoding.PEM)

    def key_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())


def identities():
    root = Identity(ec.generate_private_key(ec.SECP256R1()), 0x0403,
                    name='EA test root')
    rsakey = rsa.generate_private_key(65537, 2048)
    return {
        'root': root,
        'p256': Identity(ec.generate_private_key(ec.SECP256R1()), 0x0403,
                         root),
        'p384': Identity(ec.generate_private_key(ec.SECP384R1()), 0x0503,
                         root),
        'rsa': Identity(rsakey, 0x0804, root),
        'rsa384': Identity(rsakey, 0x0805, root),
        'rsa512': Identity(rsakey, 0x0806, root),
        'ed25519': Identity(ed25519.Ed25519PrivateKey.generate(), 0x0807,
                            root),
    }


# A vector: what an honest maker does, with a hook wherever one can go wrong.

def other(role):
    return 'client' if role == 'server' else 'server'


class Case:
    """Made by build(); keyword arguments of `bend` replace single steps."""

    def __init__(self, idents, who, h, maker, kind='request', **bend):
        self.idents, self.who, self.id = idents, who, idents[who]
        self.conn, self.maker, self.kind = Connection(h), maker, kind
        self.bend = bend
        self.context = (bytes([ROLE[other(maker)]]) + os.urandom(31))
        self.expect, self.where = 'OK', '-'
        self.offered = (bend.get('offered_schemes', SCHEMES),
                        bend.get('offered_types', [13, 51, ATTESTATION]))
        self.request = b''
        if kind != 'spontaneous':
            self.request = request(other(maker), self.context,
                                   bend.get('schemes', SCHEMES),
                                   bend.get('asked', ((ATTESTATION, b''),)))
        self.build()

    def get(self, name, honest):
        """The bent value of a step, or the honest one."""
        v = self.bend.get(name, honest)
        return v(self, honest) if callable(v) else v

    def build(self):
        c, h, maker = self.conn, self.conn.h, self.maker
        hc = self.get('hc', c.hc(maker))
        fk = self.get('fk', c.fk(maker))
        req = self.get('hashed_request', self.request)
        ext = self.get('ext', b'')
        if ext == b'' and 'ext' not in self.bend and self.kind != 'empty':
            ext = extension(ATTESTATION, vec(2, os.urandom(40)))
        self.ext = ext
        if self.kind == 'empty':
            cert = certificate(self.context, [], b'')
            cert = self.get('empty_certificate', cert)
            th2 = digest(h, hc, req, cert)
            self.out = message(20, hmac.new(fk, th2, h).digest())
        else:
            chain = self.get('chain', [self.id.der])
            cert = self.get('certificate', certificate(
                self.get('echo', self.context), chain, ext,
                self.bend.get('others', b'')))
            th1 = self.get('th1', digest(h, hc, req, cert))
            tbs = self.get('tbs', to_be_signed(th1))
            scheme = self.get('scheme', self.id.scheme)
            sig = self.get('signature', None)
            if sig is None:
                sig = sign(self.get('key', self.id.key),
                           self.bend.get('sign_as', scheme), tbs,
                           self.bend.get('salt'))
            verify_msg = self.get('certificate_verify', message(
                15, struct.pack('>H', scheme) + vec(2, sig)))
            self.parts = (hc, req, cert, verify_msg)
            th2 = self.get('th2', digest(h, hc, req, cert, verify_msg))
            mac = self.get('mac', hmac.new(fk, th2, h).digest())
            self.out = cert + verify_msg + self.get('finished',
                                                    message(20, mac))
        self.out = self.get('all', self.out)

    def fields(self):
        c = self.conn
        u16 = lambda v: b''.join(struct.pack('>H', x) for x in v)
        return [
            ('expect', self.expect), ('where', self.where),
            ('hash', bytes([HASH[c.h]])), ('maker', bytes([ROLE[self.maker]])),
            ('ems', c.ems), ('hc', c.hc(self.maker)), ('fk', c.fk(self.maker)),
            ('context', self.context), ('request', self.request),
            ('offered_schemes', u16(self.offered[0])),
            ('offered_types', u16(self.offered[1])),
            ('ext', self.ext), ('scheme', u16([self.id.scheme])),
            ('authenticator', self.out),
        ]


def save(path, fields):
    with open(path, 'w', encoding='ascii') as f:
        for k, v in fields:
            f.write(('%s %s' % (k, v if isinstance(v, str)
                                else v.hex())).rstrip() + '\n')


def good(ids):
    for h in HASH:
        for who in ('p256', 'p384', 'rsa', 'rsa384', 'rsa512', 'ed25519'):
            for maker in ROLE:
                yield ('%s-%s-%s' % (who, h, maker),
                       Case(ids, who, h, maker))
            yield ('%s-%s-spontaneous' % (who, h),
                   Case(ids, who, h, 'server', 'spontaneous'))
        yield 'others-%s-server' % h, Case(
            ids, 'p256', h, 'server', others=extension(ATTESTATION),
            chain=[ids['p256'].der] + 2 * [ids['root'].der])
        for maker in ROLE:
            c = Case(ids, 'p256', h, maker, 'empty')
            c.expect, c.where = 'E_REFUSED', 'ea'
            yield 'empty-%s-%s' % (h, maker), c


def raw_rs(c, _):
    r, s = decode_dss_signature(
        sign(c.id.key, 0x0403, to_be_signed(digest(
            c.conn.h, c.conn.hc(c.maker), c.request,
            certificate(c.context, [c.id.der], c.ext)))))
    return r.to_bytes(32, 'big') + s.to_bytes(32, 'big')


def bad(ids):
    """(name, rc, where, who, hash, maker, kind, what is bent)"""
    strange = Identity(ec.generate_private_key(ec.SECP256R1()), 0x0403)
    foreign = Identity(ec.generate_private_key(ec.SECP256R1()), 0x0403,
                       strange)
    p256, fin = ids['p256'], 'ea.finished'
    cv, entry = 'ea.certificate_verify', 'ea.certificate'
    att = extension(ATTESTATION, vec(2, b'x'))
    many = list(range(0x5000, 0x5011))
    s2, s3, sv = 'sha256', 'sha384', 'server'
    rows = [
        # the exporter, RFC 9261, 5.1
        ('labels-of-the-other-role', 'E_SIG', fin, {
            'hc': lambda c, _: c.conn.hc(other(c.maker)),
            'fk': lambda c, _: c.conn.fk(other(c.maker))}),
        ('finished-key-of-the-other-role', 'E_SIG', fin, {
            'fk': lambda c, _: c.conn.fk(other(c.maker))}),
        ('context-given-to-exporter', 'E_SIG', fin, {
            'hc': lambda c, _: exporter(
                c.conn.h, c.conn.ems, 'EXPORTER-server authenticator '
                'handshake context', c.context, c.conn.n)}),
        ('context-of-64-octets', 'E_SIG', fin, {
            'hc': lambda c, _: exporter(
                c.conn.h, c.conn.ems, 'EXPORTER-server authenticator '
                'handshake context', b'', 64)}),
        ('another-connection', 'E_SIG', fin, {
            'hc': lambda c, _: Connection(c.conn.h).hc(c.maker),
            'fk': lambda c, _: Connection(c.conn.h).fk(c.maker)}),
        ('context-of-another-connection', 'E_SIG', cv, {
            'th1': lambda c, _: digest(
                c.conn.h, Connection(c.conn.h).hc(c.maker), c.request,
                certificate(c.context, [c.id.der], c.ext))}),
        # Finished, RFC 9261, 5.2.3
        ('finished-over-raw-octets', 'E_SIG', fin, {
            'mac': lambda c, _: hmac.new(c.conn.fk(c.maker), b''.join(
                c.parts), c.conn.h).digest()}),
        ('finished-key-derived-again', 'E_SIG', fin, {
            'fk': lambda c, v: expand_label(c.conn.h, v, b'finished', b'',
                                            c.conn.n)}),
        ('finished-is-a-digest', 'E_SIG', fin, {
            'mac': lambda c, _: digest(c.conn.h, *c.parts)}),
        ('finished-without-request', 'E_SIG', fin, {
            'th2': lambda c, _: digest(c.conn.h, c.parts[0], *c.parts[2:])}),
        ('finished-without-verify', 'E_SIG', fin, {
            'th2': lambda c, _: digest(c.conn.h, *c.parts[:3])}),
        ('finished-without-context', 'E_SIG', fin, {
            'th2': lambda c, _: digest(c.conn.h, *c.parts[1:])}),
        ('finished-one-short', 'E_FORMAT', fin, {
            'mac': lambda c, v: v[:-1]}),
        ('finished-one-long', 'E_FORMAT', fin, {
            'mac': lambda c, v: v + b'\0'}),
        ('finished-empty', 'E_FORMAT', fin, {'mac': b''}),
        # CertificateVerify, RFC 9261, 5.2.2
        ('verify-of-the-handshake', 'E_SIG', cv, {
            'tbs': lambda c, v: b' ' * 64 + b'TLS 1.3, server '
            b'CertificateVerify\0' + v[-c.conn.n:]}),
        ('verify-padding-63', 'E_SIG', cv, {'tbs': lambda c, v: v[1:]}),
        ('verify-no-separator', 'E_SIG', cv, {
            'tbs': lambda c, v: v.replace(b'\0', b'', 1)}),
        ('verify-context-hashed', 'E_SIG', cv, {
            'th1': lambda c, _: digest(
                c.conn.h, digest(c.conn.h, c.conn.hc(c.maker)), c.request,
                certificate(c.context, [c.id.der], c.ext))}),
        ('verify-without-request', 'E_SIG', cv, {
            'th1': lambda c, _: digest(
                c.conn.h, c.conn.hc(c.maker), certificate(
                    c.context, [c.id.der], c.ext))}),
        ('verify-without-certificate', 'E_SIG', cv, {
            'th1': lambda c, _: digest(c.conn.h, c.conn.hc(c.maker),
                                       c.request)}),
        ('verify-raw-transcript', 'E_SIG', cv, {
            'th1': lambda c, _: c.conn.hc(c.maker) + c.request + certificate(
                c.context, [c.id.der], c.ext)}),
        ('signed-by-another-key', 'E_SIG', cv, {'key': strange.key}),
        ('signature-not-der', 'E_SIG', cv, {'signature': raw_rs}),
        ('signature-empty', 'E_FORMAT', cv, {'signature': b''}),
        ('signature-of-zeros', 'E_SIG', cv, {'signature': bytes(71)}),
        ('verify-trailing-octet', 'E_TRAIL', cv, {
            'certificate_verify': lambda c, v: message(15, v[4:] + b'\0')}),
        ('verify-cut', 'E_TRUNC', cv, {
            'certificate_verify': lambda c, v: message(15, v[4:-1])}),
        ('verify-of-one-octet', 'E_TRUNC', cv, {
            'certificate_verify': message(15, b'\4')}),
        # schemes
        ('scheme-not-offered', 'E_SIG', cv + '.scheme', {
            'schemes': [0x0503, 0x0807]}),
        ('scheme-of-no-tls', 'E_SIG', cv + '.scheme', {
            'schemes': SCHEMES + [0x0b0b], 'scheme': 0x0b0b,
            'sign_as': 0x0403}),
        ('scheme-of-another-curve', 'E_SIG', cv, {
            'scheme': 0x0503}),
        ('scheme-of-another-kind', 'E_SIG', cv, {
            'scheme': 0x0804, 'sign_as': 0x0403}),
        # the request and its context
        ('request-without-header', 'E_SIG', fin, {
            'hashed_request': lambda c, v: v[4:]}),
        ('request-serialised-anew', 'E_SIG', fin, {
            'hashed_request': lambda c, v: request(
                other(c.maker), c.context, SCHEMES[::-1])}),
        ('request-of-other-type', 'E_SIG', fin, {
            'hashed_request': lambda c, v: b'\x0d' + v[1:]}),
        ('context-not-echoed', 'E_PEER', 'ea.context', {
            'echo': lambda c, v: v[:-1] + bytes([v[-1] ^ 1])}),
        ('context-cut', 'E_PEER', 'ea.context', {
            'echo': lambda c, v: v[:-1]}),
        ('context-prolonged', 'E_PEER', 'ea.context', {
            'echo': lambda c, v: v + b'\0'}),
        ('context-empty', 'E_PEER', 'ea.context', {'echo': b''}),
        ('context-overruns', 'E_TRUNC', 'ea.context', {
            'certificate': lambda c, v: message(11, b'\xff' + c.context)}),
        # entries and extensions, RFC 9261, 5.2.1
        ('list-empty', 'E_FORMAT', entry, {'chain': []}),
        ('entry-empty', 'E_FORMAT', entry, {'chain': [b'']}),
        ('second-entry-empty', 'E_FORMAT', entry, {'chain': [p256.der, b'']}),
        ('entries-too-many', 'E_LIMIT', entry, {'chain': [p256.der] * 9}),
        ('list-trailing-octet', 'E_TRAIL', entry, {
            'certificate': lambda c, v: message(11, v[4:] + b'\0')}),
        ('list-cut', 'E_TRUNC', entry, {
            'certificate': lambda c, v: message(11, v[4:-1])}),
        ('entry-overruns', 'E_TRUNC', entry, {
            'certificate': lambda c, v: message(
                11, vec(1, c.context) + vec(3, b'\xff\xff\xff' +
                                            p256.der + vec(2, b'')))}),
        ('entry-without-extensions', 'E_TRUNC', entry, {
            'certificate': lambda c, v: message(
                11, vec(1, c.context) + vec(3, vec(3, p256.der)))}),
        ('extension-not-asked-for', 'E_FORMAT', entry, {
            'ext': att + extension(0xFF78)}),
        ('extension-not-asked-for-at-all', 'E_FORMAT', entry, {
            'asked': (), 'ext': att}),
        ('extension-not-asked-for-in-second', 'E_FORMAT', entry, {
            'chain': [p256.der, ids['root'].der], 'ext': att,
            'others': extension(0xFF78)}),
        ('extension-twice', 'E_FORMAT', entry, {'ext': att + att}),
        ('extension-twice-in-second', 'E_FORMAT', entry, {
            'chain': [p256.der, ids['root'].der], 'ext': b'',
            'others': att + att}),
        ('extension-not-of-certificate', 'E_FORMAT', entry, {
            'ext': extension(13, vec(2, b'\4\3'))}),
        ('extension-cut', 'E_TRUNC', entry, {'ext': att[:-1]}),
        ('extension-of-one-octet', 'E_TRUNC', entry, {'ext': b'\xff'}),
        # messages
        ('trailing-octet', 'E_TRAIL', 'ea.messages', {
            'all': lambda c, v: v + b'\0'}),
        ('fourth-message', 'E_TRAIL', 'ea.messages', {
            'all': lambda c, v: v + message(20, bytes(32))}),
        ('two-finished', 'E_TRAIL', 'ea.messages', {
            'all': lambda c, v: message(20, bytes(32)) + v}),
        ('verify-first', 'E_FORMAT', 'ea.messages', {
            'all': lambda c, v: c.parts[3] + c.parts[2] + v[len(
                c.parts[2] + c.parts[3]):]}),
        ('certificate-only', 'E_TRUNC', 'ea.messages', {
            'all': lambda c, v: c.parts[2]}),
        ('no-verify', 'E_FORMAT', 'ea.messages', {
            'all': lambda c, v: c.parts[2] + v[-36:]}),
        ('no-finished', 'E_TRUNC', 'ea.messages', {
            'all': lambda c, v: v[:-36]}),
        ('nothing', 'E_TRUNC', 'ea.messages', {'all': b''}),
        ('finished-of-another-type', 'E_FORMAT', 'ea.messages', {
            'all': lambda c, v: v[:-36] + b'\x18' + v[-35:]}),
        ('a-request', 'E_FORMAT', 'ea.messages', {
            'all': lambda c, v: c.request}),
        # the chain
        ('chain-of-another-root', 'E_CHAIN', 'ea.chain', {
            'chain': [foreign.der, strange.der], 'key': foreign.key}),
        ('chain-not-a-certificate', 'E_FORMAT', '*', {
            'chain': [b'\x30\x03\x02\x01\x00']}),
        ('chain-trailing-octet', 'E_FORMAT', '*', {
            'chain': [p256.der + b'\0']}),
        ('chain-second-not-a-certificate', 'E_FORMAT', '*', {
            'chain': [p256.der, b'\x00']}),
    ]
    for name, rc, where, bend in rows:
        yield name, rc, where, Case(ids, 'p256', s2, sv, **bend)
    th256 = lambda c, _: digest('sha256', c.conn.hc(c.maker), c.request,
                                certificate(c.context, [c.id.der], c.ext))
    yield ('sha256-under-sha384', 'E_FORMAT', fin, Case(
        ids, 'p256', s3, sv,
        mac=lambda c, _: hmac.new(c.conn.fk(c.maker), digest(
            s2, *c.parts), s2).digest(), th1=th256))
    yield ('sha256-transcript-under-sha384', 'E_SIG', cv, Case(
        ids, 'p256', s3, sv, th1=th256))
    yield ('sha256-mac-under-sha384', 'E_FORMAT', fin, Case(
        ids, 'p256', s3, sv, mac=lambda c, v: v[:32]))
    yield ('rsa-pkcs1-offered-and-used', 'E_SIG', cv + '.scheme', Case(
        ids, 'rsa', s2, sv, schemes=SCHEMES + [0x0401], scheme=0x0401))
    yield ('rsa-salt-of-20', 'E_SIG', cv, Case(ids, 'rsa', s2, sv, salt=20))
    yield ('rsa-salt-of-0', 'E_SIG', cv, Case(ids, 'rsa', s2, sv, salt=0))
    yield ('rsa-hash-of-another-scheme', 'E_SIG', cv, Case(
        ids, 'rsa', s2, sv, scheme=0x0805, sign_as=0x0804))
    yield ('p384-key-as-p256', 'E_SIG', cv, Case(
        ids, 'p384', s2, sv, scheme=0x0403))
    yield ('ed25519-key-as-p256', 'E_SIG', cv, Case(
        ids, 'ed25519', s2, sv, scheme=0x0403))
    yield ('p256-key-as-ed25519', 'E_SIG', cv, Case(
        ids, 'p256', s2, sv, scheme=0x0807, sign_as=0x0403))
    for name, rc, where, bend in [
            ('spontaneous-type-not-in-hello', 'E_FORMAT', entry, {
                'offered_types': [13, 51]}),
            ('spontaneous-type-not-of-certificate', 'E_FORMAT', entry, {
                'ext': extension(51)}),
            ('spontaneous-too-many-types', 'E_LIMIT', entry, {
                'offered_types': many,
                'ext': b''.join(extension(t) for t in many)}),
            ('spontaneous-too-many-types-in-others', 'E_LIMIT', entry, {
                'offered_types': many, 'ext': b'',
                'chain': [p256.der, p256.der, p256.der],
                'certificate': lambda c, v: message(11, vec(
                    1, c.context) + vec(3, vec(3, p256.der) + vec(2, b'') +
                                        vec(3, p256.der) + vec(2, b''.join(
                                            extension(t)
                                            for t in many[:16])) +
                                        vec(3, p256.der) + vec(2, extension(
                                            many[16]))))}),
            ('spontaneous-scheme-not-in-hello', 'E_SIG', cv + '.scheme', {
                'offered_schemes': [0x0804]}),
            ('spontaneous-scheme-of-no-tls', 'E_SIG', cv + '.scheme', {
                'offered_schemes': SCHEMES + [0x0b0b], 'scheme': 0x0b0b,
                'sign_as': 0x0403}),
            ('spontaneous-context-empty', 'E_PEER', 'ea.context', {
                'echo': b''})]:
        yield name, rc, where, Case(ids, 'p256', s2, sv, 'spontaneous',
                                    **bend)
    yield ('spontaneous-rsa-pkcs1', 'E_SIG', cv + '.scheme', Case(
        ids, 'rsa', s2, sv, 'spontaneous', scheme=0x0401,
        offered_schemes=SCHEMES + [0x0401]))
    yield ('spontaneous-by-client', 'E_PEER', 'ea.spontaneous', Case(
        ids, 'p256', s2, 'client', 'spontaneous'))
    for name, bend in [
            ('empty-of-another-request', {'hashed_request': lambda c, v:
                                          v[:-1] + b'\1'}),
            ('empty-without-certificate', {'empty_certificate': b''}),
            ('empty-without-context', {'empty_certificate':
                                       certificate(b'', [], b'')}),
            ('empty-list-of-two-octets', {
                'empty_certificate': lambda c, v: message(11, v[4:-1])}),
            ('empty-of-the-other-role', {
                'hc': lambda c, _: c.conn.hc(other(c.maker)),
                'fk': lambda c, _: c.conn.fk(other(c.maker))})]:
        yield name, 'E_SIG', fin, Case(ids, 'p256', s2, sv, 'empty', **bend)


def write(top):
    ids = identities()
    os.makedirs(top, exist_ok=True)
    for old in os.listdir(top):
        os.unlink(os.path.join(top, old))
    save(os.path.join(top, 'root.txt'), [
        ('pem', ids['root'].pem),
        ('now', int(NOW.replace(tzinfo=datetime.timezone.utc)
                    .timestamp()).to_bytes(8, 'big'))])
    for who in ids.keys() - {'root'}:
        save(os.path.join(top, 'identity-%s.txt' % who), [
            ('chain_pem', ids[who].pem), ('key_pem', ids[who].key_pem())])
    for name, case in good(ids):
        save(os.path.join(top, 'good-%s.txt' % name), case.fields())
    for name, rc, where, case in bad(ids):
        case.expect, case.where = rc, where
        save(os.path.join(top, 'bad-%s.txt' % name), case.fields())
    zero = [('%s_%s' % (h, r), Connection(
        h, bytes(hashlib.new(h).digest_size)).hc(r))
        for h in HASH for r in ROLE]
    save(os.path.join(top, 'zero-secret.txt'), zero)


# Validation, of what another implementation made

class Reader:
    def __init__(self, octets):
        self.left = octets

    def take(self, n):
        assert n <= len(self.left), 'truncated'
        out, self.left = self.left[:n], self.left[n:]
        return out

    def number(self, n):
        return int.from_bytes(self.take(n), 'big')

    def vec(self, lenlen):
        return self.take(self.number(lenlen))

    def messages(self):
        while self.left:
            kind, start = self.left[0], self.left
            self.take(1)
            body = self.vec(3)
            yield kind, start[:4 + len(body)], body

    def extensions(self):
        while self.left:
            kind = self.number(2)
            yield kind, self.vec(2)


def read_request(octets):
    (kind, raw, body), = Reader(octets).messages()
    r = Reader(body)
    context = r.vec(1)
    exts = list(Reader(r.vec(2)).extensions())
    assert not r.left and raw == octets
    sigalgs = Reader(Reader(dict(exts)[13]).vec(2))
    schemes = []
    while sigalgs.left:
        schemes.append(sigalgs.number(2))
    assert len(set(k for k, _ in exts)) == len(exts)
    return kind, context, schemes, [k for k, _ in exts]


def check_one(f):
    h = {v: k for k, v in HASH.items()}[f['hash'][0]]
    maker = {v: k for k, v in ROLE.items()}[f['maker'][0]]
    conn = Connection(h, f['ems'])
    hc, fk, req = conn.hc(maker), conn.fk(maker), f['request']
    context, schemes, types = f['context'], SCHEMES, [ATTESTATION]
    if req:
        kind, context, schemes, types = read_request(req)
        assert kind == (17 if maker == 'server' else 13), 'request type'
        assert context == f['context'], 'context'
    else:
        assert maker == 'server', 'a client spoke unasked'
        types = [int.from_bytes(f['offered_types'][i:i + 2], 'big')
                 for i in range(0, len(f['offered_types']), 2)]
    msgs = list(Reader(f['authenticator']).messages())
    if len(msgs) == 1:
        cert = certificate(context, [], b'')
        want = hmac.new(fk, digest(h, hc, req, cert), h).digest()
        assert msgs[0][0] == 20 and msgs[0][2] == want, 'refusal'
        return
    assert [m[0] for m in msgs] == [11, 15, 20], 'messages'
    r = Reader(msgs[0][2])
    assert r.vec(1) == context, 'context echo'
    entries = Reader(r.vec(3))
    assert not r.left
    chain, found = [], []
    while entries.left:
        chain.append(x509.load_der_x509_certificate(entries.vec(3)))
        found.append(list(Reader(entries.vec(2)).extensions()))
        assert all(k in types for k, _ in found[-1]), 'extension'
    assert b''.join(extension(*e) for e in found[0]) == f['ext'], 'ext'
    r = Reader(msgs[1][2])
    scheme, sig = r.number(2), r.vec(2)
    assert not r.left and scheme in schemes, 'scheme'
    verify(chain[0].public_key(), scheme, sig,
           to_be_signed(digest(h, hc, req, msgs[0][1])))
    th2 = digest(h, hc, req, msgs[0][1], msgs[1][1])
    assert msgs[2][2] == hmac.new(fk, th2, h).digest(), 'Finished'


def check(top):
    n = 0
    for name in sorted(os.listdir(top)):
        f = {}
        with open(os.path.join(top, name), encoding='ascii') as lines:
            for line in lines:
                k, _, v = line.rstrip('\n').partition(' ')
                f[k] = v if k in ('expect', 'where') else bytes.fromhex(v)
        try:
            check_one(f)
        except (AssertionError, InvalidSignature) as e:
            sys.exit('%s: %s %s' % (name, type(e).__name__, e))
        n += 1
    if n == 0:
        sys.exit('%s: nothing to check' % top)
    print('%d authenticators checked' % n)


def interop(t_ea):
    with tempfile.TemporaryDirectory() as top:
        out = os.path.join(top, 'out')
        os.mkdir(out)
        write(os.path.join(top, 'ea'))
        subprocess.run([t_ea], check=True, env=dict(
            os.environ, ATLS_VECTORS=top, ATLS_EA_OUT=out))
        check(out)


def main(argv):
    verbs = {'write': write, 'check': check, 'interop': interop}
    if len(argv) != 3 or argv[1] not in verbs:
        sys.exit(__doc__)
    verbs[argv[1]](argv[2])


main(sys.argv)
