// SPDX-License-Identifier: Apache-2.0
//
// Asks npm's @phala/dcap-qvl about the quotes that t_quote_second prints, and
// compares: the same verdict, or a difference that is explained here.
//	node dcap-second.js FOLDERS < lines		FOLDERS joined by ":"
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { verify } = require('@phala/dcap-qvl');
const { version } = require('@phala/dcap-qvl/package.json');

const folders = process.argv[2].split(':').filter((f) => f !== '');

function file(name) {
	for (const f of folders)
		if (fs.existsSync(path.join(f, name)))
			return fs.readFileSync(path.join(f, name));
	throw new Error('no file ' + name);
}

// The signed text as it was received, out of {"name":TEXT,"signature":"hex"}.
function signed(json, name) {
	const text = json.toString('utf8');
	const from = text.indexOf('{', text.indexOf('"' + name + '"'));
	const to = text.lastIndexOf(',"signature"');
	return { text: text.slice(from, to),
	    signature: JSON.parse(text).signature };
}

const cases = {};
for (const kind of ['tdx', 'sgx']) {
	const lines = file(kind + '/cases.tsv').toString().split('\n');
	for (const line of lines.slice(1)) {
		const c = line.split('\t');
		cases[kind + '/' + c[0]] = c;
	}
}

const made = {};
function collateral(kind, id) {
	const key = kind + '/' + id;
	if (made[key])
		return made[key];
	const c = cases[key];
	const at = (i) => file(kind + '/' + c[i]);
	const tcb = signed(at(2), 'tcbInfo');
	const qe = signed(at(3), 'enclaveIdentity');
	const signers = at(6).toString();
	made[key] = { now: Date.parse(c[7]) / 1000, collateral: {
		pck_crl_issuer_chain: signers,
		root_ca_crl: at(5).toString('hex'),
		pck_crl: at(4).toString('hex'),
		tcb_info_issuer_chain: signers, tcb_info: tcb.text,
		tcb_info_signature: tcb.signature,
		qe_identity_issuer_chain: signers, qe_identity: qe.text,
		qe_identity_signature: qe.signature,
	} };
	return made[key];
}

function theirs(kind, id, quote) {
	const c = collateral(kind, id);
	try {
		return 'accept:' + verify(quote, c.collateral, c.now).status;
	} catch (e) {
		return 'reject:' + e.message +
		    (e.cause ? ': ' + e.cause.message : '');
	}
}

// What they do otherwise, and why we do not.
const explained = [
	// they take all, we some
	{ why: 'sizes of parts that do not add up, or octets behind them',
	    ours: /^reject:(tdx|sgx)\.(quote|padding|body)$/,
	    theirs: /^accept/ },
	{ why: 'text around, or base64 in, the PEM that is not as it should be',
	    ours: /^reject:(tdx|sgx)\.certification_data$/,
	    theirs: /^accept/ },
	// we take all, they some; the first four are known of the row itself
	{ why: 'components 0 and 1 are the module\'s, if it has a major version',
	    ours: /^accept:/, theirs: /^accept:OutOfDate|No matching TCB/, row: true },
	{ why: 'their own policy: SEPT_VE_DISABLE',
	    ours: /^accept:/, theirs: /SEPT_VE_DISABLE/, row: true },
	{ why: 'their own policy: service TDs',
	    ours: /^accept:/, theirs: /mr service td/, row: true },
	{ why: 'TCB info of version 2',
	    ours: /^accept:/, theirs: /decode TcbInfo/, row: true },
	{ why: 'the root that was sent along, of which we make no use',
	    ours: /^accept:/, theirs: /^reject:/, root: true },
];

function explain(ours, other, inRoot, known) {
	return explained.find((e) => e.ours.test(ours) &&
	    e.theirs.test(other) && (!e.root || inRoot) && (!e.row || known));
}

// Where the last certificate begins: an octet that was changed behind it.
function inRoot(what, quote) {
	const at = Number(what.split('@')[1]);
	return at >= quote.lastIndexOf('-----BEGIN');
}

async function main() {
	const count = {};
	let same = 0, n = 0, bad = 0;
	const lines = readline.createInterface({ input: process.stdin });
	for await (const line of lines) {
		const [kind, id, what, ours, hex] = line.split('\t');
		const quote = Buffer.from(hex, 'hex');
		const other = theirs(kind, id, quote);
		n++;
		if (ours === other ||
		    (ours.startsWith('reject') && other.startsWith('reject'))) {
			same++;
			continue;
		}
		const e = explain(ours, other, inRoot(what, quote),
		    cases[kind + '/' + id][12].includes('js differs'));
		if (e) {
			count[e.why] = (count[e.why] || 0) + 1;
			continue;
		}
		bad++;
		console.log(`${kind}/${id} ${what}: ${ours}, they ${other}`);
	}
	console.log(`@phala/dcap-qvl ${version}: ${n} quotes, ` +
	    `${same} alike, ${n - same - bad} explained, ${bad} not`);
	for (const why of Object.keys(count))
		console.log(`  ${count[why]}: ${why}`);
	process.exit(bad === 0 && n > 3000 ? 0 : 1);
}

main();
