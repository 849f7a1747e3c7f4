// SPDX-License-Identifier: Apache-2.0
//
// Asks packages of npm about the evidence that t_second prints, and compares:
// the same verdict, or a difference that is explained here.
//	node second.js KIND < lines
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { pathToFileURL } = require('url');

const packages = { nitro: '@0xsequence/tee-verifier',
    snp: '@lit-protocol/sev-snp-utils-sdk' };

// The root of AWS Nitro, SHA-256 of the certificate.
const root = '641a0321a3e244efe456463195d60631' +
    '7ed7cdcc3c1756e09893f3c68f79bb5b';

const ask = {
	async nitro(m, [time, doc]) {
		const a = await m.SignedAttestation.fromDocument(
		    Buffer.from(doc, 'hex').toString('base64'));
		return await a.verifySignature() === true &&
		    await a.verifyRootOfTrust(new Date(1000 * time)) ===
		    true && await a.rootCertFingerprint() === root;
	},
	async snp(m, [vcek, report]) {
		await m.verify_attestation_report(Buffer.from(report,
		    'hex').toString('base64'), Buffer.from(vcek, 'hex'));
		return true;			// or it throws
	},
};

// Is octet `at` of a certificate in the name of the algorithm that is not
// signed, between what is and 4096 bits of signature?
function outerAlgorithm(der, at) {
	const tbs = 4 + 4 + der.readUInt16BE(6);
	return at >= tbs && at < der.length - (512 + 5);
}

// What they do otherwise, and why we do not.
const explained = {
	nitro: [],
	snp: [
		{ why: 'octets that nothing signs, around and behind r and s',
		    ours: /^reject:snp.(report|signature.padding)$/,
		    where: (part, at) => part === 1 && at >= 0x2a0 + 48 },
		{ why: 'the algorithm beside the signature of a certificate',
		    ours: /^reject:snp.chain$/,
		    where: (part, at, [vcek]) => part === 0 &&
		    outerAlgorithm(Buffer.from(vcek, 'hex'), at) },
	],
};

async function theirs(kind, m, rest) {
	try {
		return await ask[kind](m, rest) ? 'accept' : 'reject:false';
	} catch (e) {
		return 'reject:' + (e && e.message || e);
	}
}

async function main(kind) {
	const count = {};
	let same = 0, n = 0, bad = 0;
	// they log, and look for a browser
	console.log = () => {};
	globalThis.window = globalThis;
	const say = (s) => fs.writeSync(1, s + '\n');
	const name = packages[kind];
	const m = await import(pathToFileURL(require.resolve(name)));
	if (m.initWasmSevSnpUtilsSdk)
		await m.initWasmSevSnpUtilsSdk();
	const lines = readline.createInterface({ input: process.stdin });
	for await (const line of lines) {
		const [, id, what, ours, ...rest] = line.split('\t');
		const other = await theirs(kind, m, rest);
		n++;
		if (ours.split(':')[0] === other.split(':')[0]) {
			same++;
			continue;
		}
		const [part, at] = what.split('@')[1].split('.').map(Number);
		const e = explained[kind].find((x) => other === 'accept' &&
		    x.ours.test(ours) && x.where(part, at, rest));
		if (e) {
			count[e.why] = (count[e.why] || 0) + 1;
			continue;
		}
		bad++;
		say(`${kind}/${id} ${what}: ${ours}, they ${other}`);
	}
	say(`${name}: ${n} of ${kind}, ${same} alike, ` +
	    `${n - same - bad} explained, ${bad} not`);
	for (const why of Object.keys(count))
		say(`  ${count[why]}: ${why}`);
	process.exit(bad === 0 && n > 400 ? 0 : 1);
}

main(process.argv[2]);
