/* SPDX-License-Identifier: Apache-2.0 */
#include "intel_make.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SVNS5	"{\"svn\":5},{\"svn\":5},{\"svn\":2},{\"svn\":2}," \
    "{\"svn\":3},{\"svn\":1},{\"svn\":0},{\"svn\":5}," ZEROS8
#define SVNS4	"{\"svn\":5},{\"svn\":5},{\"svn\":2},{\"svn\":2}," \
    "{\"svn\":3},{\"svn\":1},{\"svn\":0},{\"svn\":4}," ZEROS8
#define ZEROS8	"{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}," \
    "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}"
#define TDX6	"{\"svn\":5},{\"svn\":0},{\"svn\":6}," ZEROS8 "," \
    "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}"
#define TDX5	"{\"svn\":4},{\"svn\":0},{\"svn\":5}," ZEROS8 "," \
    "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}"
#define LEVEL(sgx, pce, tdx, date, status) "{\"tcb\":{\"sgxtcbcomponents\":" \
    "[" sgx "],\"pcesvn\":" pce ",\"tdxtcbcomponents\":[" tdx "]}," \
    "\"tcbDate\":\"" date "\",\"tcbStatus\":\"" status "\""
#define ZERO96	"000000000000000000000000000000000000000000000000" \
    "000000000000000000000000000000000000000000000000"
#define MODULE	"\"mrsigner\":\"" ZERO96 "\",\"attributes\":" \
    "\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""

const char made_tcb_info[] = "{\"id\":\"TDX\",\"version\":3,"
    "\"issueDate\":\"2025-10-01T00:00:00Z\","
    "\"nextUpdate\":\"2025-10-31T00:00:00Z\",\"fmspc\":\"B0C06F000000\","
    "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,"
    "\"tdxModule\":{" MODULE "},\"tdxModuleIdentities\":[{\"id\":"
    "\"TDX_03\"," MODULE ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},"
    "\"tcbDate\":\"2024-09-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
    "{\"tcb\":{\"isvsvn\":3},\"tcbDate\":\"2024-03-01T00:00:00Z\","
    "\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00003\"]}]},"
    "{\"id\":\"TDX_01\"," MODULE ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":2},"
    "\"tcbDate\":\"2023-09-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}],"
    "\"tcbLevels\":["
    LEVEL(SVNS5, "13", TDX6, "2024-03-13T00:00:00Z", "UpToDate") "},"
    LEVEL(SVNS5, "11", TDX6, "2024-03-13T00:00:00Z", "SWHardeningNeeded")
    ",\"advisoryIDs\":[\"INTEL-SA-00001\"]},"
    LEVEL(SVNS4, "11", TDX5, "2023-08-09T00:00:00Z", "OutOfDate")
    ",\"advisoryIDs\":[\"INTEL-SA-00001\",\"INTEL-SA-00002\"]}]}";

const char made_qe_identity[] = "{\"id\":\"TD_QE\",\"version\":2,"
    "\"issueDate\":\"2025-10-01T00:00:00Z\","
    "\"nextUpdate\":\"2025-10-31T00:00:00Z\","
    "\"tcbEvaluationDataNumber\":17,\"miscselect\":\"00000000\","
    "\"miscselectMask\":\"FFFFFFFF\","
    "\"attributes\":\"11000000000000000000000000000000\","
    "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":"
    "\"0101010101010101010101010101010101010101010101010101010101010101\","
    "\"isvprodid\":2,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},"
    "\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
    "{\"tcb\":{\"isvsvn\":3},\"tcbDate\":\"2023-03-13T00:00:00Z\","
    "\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00004\"]}]}";

static void
must(bool ok)
{
	if (!ok)
		abort();
}

char *
made_with(const char *text, const char *was, const char *is)
{
	const char *at = strstr(text, was);
	char *out = malloc(strlen(text) + strlen(is) + 1);

	must(at != NULL && out != NULL);
	(void)sprintf(out, "%.*s%s%s", (int)(at - text), text, is,
	    at + strlen(was));
	return out;
}

char *
made_signed(const struct pki_cert *by, const char *name, const char *body)
{
	size_t len = 80, i, room = strlen(body) + strlen(name) + 200;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[80], rs[64];
	const uint8_t *at = der;
	char *out = malloc(room);
	ECDSA_SIG *sig;
	int n;

	must(ctx != NULL && out != NULL &&
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, by->key) == 1 &&
	    EVP_DigestSign(ctx, der, &len, (const uint8_t *)body,
	    strlen(body)) == 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	must(sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32) ==
	    32 && BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32) == 32);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	n = snprintf(out, room, "{\"%s\":%s,\"signature\":\"", name, body);
	for (i = 0; i < sizeof(rs); i++)
		n += snprintf(out + n, room - (size_t)n, "%02x", rs[i]);
	(void)snprintf(out + n, room - (size_t)n, "\"}");
	return out;
}

/* Short elements are enough but for the lists. */
struct der {
	uint8_t	b[1024];
	size_t	n;
};

static void
add(struct der *d, unsigned tag, const void *p, size_t n)
{
	must(n < 65536 && d->n + n + 4 <= sizeof(d->b));
	d->b[d->n++] = (uint8_t)tag;
	if (n >= 256)
		d->b[d->n++] = 0x82;
	else if (n >= 128)
		d->b[d->n++] = 0x81;
	if (n >= 256)
		d->b[d->n++] = (uint8_t)(n >> 8);
	d->b[d->n++] = (uint8_t)n;
	if (n > 0)
		memcpy(d->b + d->n, p, n);
	d->n += n;
}

/* SEQUENCE { 1.2.840.113741.1.13.1 below..., value } */
static void
pair(struct der *d, const uint8_t *below, size_t nbelow, unsigned tag,
    const void *p, size_t n)
{
	uint8_t oid[16] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d,
	    0x01 };
	struct der e = { .n = 0 };

	memcpy(oid + 9, below, nbelow);
	add(&e, 0x06, oid, 9 + nbelow);
	add(&e, tag, p, n);
	add(d, 0x30, e.b, e.n);
}

static void
number(struct der *d, unsigned i, unsigned v, enum pck_fault f)
{
	const uint8_t below[2] = { 2, (uint8_t)i };
	uint8_t b[4];
	size_t n = 0;

	if (v >= 0x800000 || f == PCK_SVN_PADDED)
		b[n++] = 0;
	if (v >= 65536)
		b[n++] = (uint8_t)(v >> 16);
	if (v >= 256)
		b[n++] = (uint8_t)(v >> 8);
	else if (v >= 128 && f != PCK_SVN_NEGATIVE)
		b[n++] = 0;
	b[n++] = (uint8_t)v;
	pair(d, below, 2, 0x02, b, n);
}

static void
tcb(struct der *out, enum pck_fault f)
{
	static const unsigned svn[16] = { 5, 5, 2, 2, 3, 1, 0, 5, 200, 0, 0,
	    0, 0, 0, 0, 3 };
	uint8_t cpusvn[16], below[2] = { 2, 18 };
	struct der list = { .n = 0 };
	unsigned i, v;

	for (i = 0; i < 16; i++) {
		cpusvn[i] = (uint8_t)svn[i];
		v = i == 0 && f == PCK_SVN_256 ? 256 : svn[i];
		if (i == 0 && f == PCK_SVN_NEGATIVE)
			v = 0x85;
		number(&list, i == 1 && f == PCK_SVN_TWICE ? 1 : i + 1, v,
		    i == 0 ? f : PCK_GOOD);
	}
	if (f != PCK_NO_PCESVN)
		number(&list, 17, f == PCK_PCESVN_65536 ? 65536 : 13,
		    PCK_GOOD);
	pair(&list, below, 2, 0x04, cpusvn, sizeof(cpusvn));
	for (i = 0; i < 3; i++) {		/* what is to come */
		below[1] = (uint8_t)(i == 0 ? 0 : 18 + i);
		pair(&list, below, 2, 0x04, cpusvn, 1);
	}
	pair(out, below, 1, 0x30, list.b, list.n);
}

static struct der
extension(enum pck_fault f)
{
	static const uint8_t ppid[16] = { 7, 7, 7 }, pceid[3] = { 0 };
	static const uint8_t fmspc[6] = { 0xb0, 0xc0, 0x6f };
	static const uint8_t type = 1, instance[16] = { 9, 9 }, on = 0xff;
	static const uint8_t id[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	static const uint8_t longer[] = { 4, 1 }, later[] = { 0, 19, 100 };
	struct der list = { .n = 0 }, conf = { .n = 0 }, out = { .n = 0 };
	size_t i;

	if (f == PCK_EMPTY)
		goto done;
	if (f != PCK_NO_PPID)
		pair(&list, &id[0], 1, 0x04, ppid, 16);
	tcb(&list, f);
	pair(&list, &id[2], 1, 0x04, pceid, f == PCK_LONG_PCEID ? 3 : 2);
	if (f == PCK_OID_LONGER)
		pair(&list, longer, 2, 0x04, fmspc, 6);
	else if (f != PCK_NO_FMSPC)
		pair(&list, &id[3], 1, 0x04, fmspc,
		    f == PCK_SHORT_FMSPC ? 5 : 6);
	if (f == PCK_TWO_FMSPC)
		pair(&list, &id[3], 1, 0x04, fmspc, 6);
	pair(&list, &id[4], 1, 0x0a, &type, 1);
	pair(&list, &id[5], 1, 0x04, instance, 16);
	add(&conf, 0x01, &on, 1);
	pair(&list, &id[6], 1, 0x30, conf.b, conf.n);
	pair(&list, &id[8], 1, 0x05, NULL, 0);	/* something to come */
	for (i = 0; i < sizeof(later); i++)
		pair(&list, &later[i], 1, 0x02, &type, 1);
done:
	add(&out, 0x30, list.b, list.n);
	if (f == PCK_TRAIL)
		add(&out, 0x05, NULL, 0);
	return out;
}

struct pki_cert
made_pck(const struct pki_cert *ca, enum pck_fault f)
{
	struct pki_cert c = pki_cert(&(struct pki_ask){
	    .cn = f == PCK_NAME ? "Test SGX RA-TLS" :
	    "Test SGX PCK Certificate" }, ca, NOW);
	struct der d = extension(f);
	ASN1_OBJECT *o = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;
	int n;

	must(o != NULL && s != NULL &&
	    ASN1_OCTET_STRING_set(s, d.b, (int)d.n) == 1);
	e = X509_EXTENSION_create_by_OBJ(NULL, o, 0, s);
	must(e != NULL && (f == PCK_NO_EXTENSION ||
	    X509_add_ext(c.x509, e, -1) == 1));
	must(X509_sign(c.x509, ca->key, EVP_sha256()) > 0);
	OPENSSL_free(c.der);
	c.der = NULL;
	must((n = i2d_X509(c.x509, &c.der)) > 0);
	c.len = (size_t)n;
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(s);
	ASN1_OBJECT_free(o);
	return c;
}

static const uint8_t attributes[16] = { 0x15, 0, 0, 0, 0, 0, 0, 0, 0xe7 };
static const uint8_t mrsigner[32] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
static const uint8_t svn[16] = { 4, 3, 6 }, zeros[48];

static char *
crl(const struct pki_cert *ca)
{
	return pki_crl(ca, NULL, 0, NOW - PKI_DAY, NOW + 30 * PKI_DAY);
}

struct made *
made_new(void)
{
	struct made *m = calloc(1, sizeof(*m));

	must(m != NULL);
	m->root = pki_cert(&(struct pki_ask){ .cn = "Test SGX Root CA",
	    .ca = true, .until = NOW + 3650 * PKI_DAY }, NULL, NOW);
	m->platform = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX PCK Platform CA" }, &m->root, NOW);
	m->processor = pki_cert(&(struct pki_ask){ .ca = true,
	    .cn = "Test SGX PCK Processor CA" }, &m->root, NOW);
	m->signing = pki_cert(&(struct pki_ask){
	    .cn = "Test SGX TCB Signing" }, &m->root, NOW);
	m->pck = made_pck(&m->platform, PCK_GOOD);
	m->trust = atls_trust_new(pki_view(m->root.pem),
	    (struct atls_bytes){ NULL, 0 }, NULL);
	must(m->trust != NULL);
	m->good[ATLS_TCB_INFO] = made_signed(&m->signing, "tcbInfo",
	    made_tcb_info);
	m->good[ATLS_QE_IDENTITY] = made_signed(&m->signing,
	    "enclaveIdentity", made_qe_identity);
	m->good[ATLS_TCB_INFO_CHAIN] = pki_join(m->signing.pem, m->root.pem,
	    NULL);
	m->good[ATLS_QE_IDENTITY_CHAIN] = pki_join(m->signing.pem,
	    m->root.pem, NULL);
	m->good[ATLS_PCK_CRL] = crl(&m->platform);
	m->good[ATLS_PCK_CRL_CHAIN] = pki_join(m->platform.pem, m->root.pem,
	    NULL);
	m->good[ATLS_ROOT_CA_CRL] = crl(&m->root);
	m->p = (struct intel_platform){ .tee = INTEL_TDX,
	    .qe = { .attributes = ATLS_ARRAY(attributes),
	    .mrsigner = ATLS_ARRAY(mrsigner), .isvprodid = 2, .isvsvn = 4 },
	    .td = { .tcb_svn = ATLS_ARRAY(svn), .tcb_svn_2 = ATLS_ARRAY(svn),
	    .mrsigner_seam = ATLS_ARRAY(zeros),
	    .seam_attributes = { zeros, 8 } } };
	return m;
}

void
made_free(struct made *m)
{
	size_t i;

	for (i = 0; i < ATLS_NITEMS; i++)
		free(m->good[i]);
	atls_trust_free(m->trust);
	pki_cert_free(&m->root);
	pki_cert_free(&m->platform);
	pki_cert_free(&m->processor);
	pki_cert_free(&m->signing);
	pki_cert_free(&m->pck);
	free(m);
}

void
made_put(struct atls_collateral *c, enum atls_item item, const char *text)
{
	struct atls_err err = { .rc = ATLS_OK };

	if (atls_collateral_put(c, item, pki_view(text), &err) == ATLS_OK)
		return;
	fprintf(stderr, "%s: %s\n", err.where, err.detail);
	abort();
}

void
made_put_body(const struct made *m, struct atls_collateral *c,
    enum atls_item item, const char *body)
{
	char *text = made_signed(&m->signing, item == ATLS_QE_IDENTITY ?
	    "enclaveIdentity" : "tcbInfo", body);

	made_put(c, item, text);
	free(text);
}

struct atls_collateral *
made_store(const struct made *m)
{
	struct atls_collateral *c = atls_collateral_new();
	size_t i;

	must(c != NULL);
	for (i = 0; i < ATLS_NITEMS; i++)
		if (m->good[i] != NULL)
			made_put(c, (enum atls_item)i, m->good[i]);
	return c;
}

int
made_check(const struct made *m, struct atls_collateral *c,
    const struct pki_cert *pck, int64_t now, struct atls_result *res)
{
	const struct pki_cert *leaf = pck != NULL ? pck : &m->pck;
	struct atls_bytes chain[] = { { m->root.der, m->root.len },
	    { leaf->der, leaf->len }, { m->platform.der, m->platform.len } };
	struct evidence_trust trust = { .anchors = m->trust, .collateral = c,
	    .now = now };
	struct intel_platform p = m->p;
	struct crypto_chain *got;
	int ok;

	*res = (struct atls_result){ .verdict = ATLS_VERDICT_NONE };
	ok = intel_pck_check(&trust, chain, 3, &got, &p.pck, res);
	if (ok == 1)
		ok = intel_tcb_check(&trust, &p, res);
	crypto_chain_free(got);
	return ok;
}
