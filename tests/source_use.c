/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "heap.h"
#include "source_use.h"

const struct atls_need source_needs[NNEEDS] = {
	[NEED_TCB] = { ATLS_TCB_INFO, "tdx:b0c06f000000" },
	[NEED_TCB_CHAIN] = { ATLS_TCB_INFO_CHAIN, "tcb-signing" },
	[NEED_QE] = { ATLS_QE_IDENTITY, "tdx" },
	[NEED_QE_CHAIN] = { ATLS_QE_IDENTITY_CHAIN, "tcb-signing" },
	[NEED_CRL] = { ATLS_PCK_CRL, "platform" },
	[NEED_CRL_CHAIN] = { ATLS_PCK_CRL_CHAIN, "platform" },
	[NEED_ROOT] = { ATLS_ROOT_CA_CRL, "root" },
};

struct atls_bytes
source_vector(const char *name)
{
	const char *dir = getenv("ATLS_VECTORS");
	static uint8_t buf[1 << 20];
	char path[512];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s",
	    dir == NULL ? "tests/vectors" : dir, name);
	if ((f = fopen(path, "rb")) == NULL) {
		perror(path);
		abort();
	}
	n = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);
	return copy((struct atls_bytes){ buf, n });
}

/* "Name: VALUE\r\n", the value in URL encoding */
static char *
header_of(const char *name, struct atls_bytes v)
{
	size_t n = strlen(name), i;
	char *out = malloc(n + 3 * v.len + 8), *p;

	if (out == NULL)
		abort();
	p = out + sprintf(out, "%s: ", name);
	for (i = 0; i < v.len; i++)
		p += sprintf(p, (v.p[i] >= 'A' && v.p[i] <= 'Z') ? "%c" :
		    "%%%02X", v.p[i]);
	(void)strcpy(p, "\r\n");
	return out;
}

static void
begin(struct source_world *w)
{
	if ((w->h = httpd_new()) == NULL)
		abort();
	(void)snprintf(w->base, sizeof(w->base), "http://127.0.0.1:%u",
	    httpd_port(w->h));
	source_world_serve(w);
}

void
source_world_make(struct source_world *w)
{
	struct atls_bytes ca, root;

	memset(w, 0, sizeof(*w));
	w->tcb = source_vector("tdx/collateral/"
	    "tcb-tdx-b0c06f000000-20250619-e17-v3.json");
	w->qe = source_vector("tdx/collateral/qeid-td_qe-20250619-e17.json");
	w->crl = source_vector("tdx/collateral/crl-platform-20250619.der");
	w->root = source_vector("tdx/collateral/crl-root-20250320.der");
	w->signing = source_vector("tdx/collateral/tcb-sign-chain-2025.pem");
	ca = source_vector("tdx/collateral/pck-platform-ca.pem");
	root = source_vector("tdx/collateral/root-ca.pem");
	w->ca = joined(ca, root);
	drop(ca);
	drop(root);
	w->tcb_header = header_of("TCB-Info-Issuer-Chain", w->signing);
	w->qe_header = header_of("SGX-Enclave-Identity-Issuer-Chain",
	    w->signing);
	w->crl_header = header_of("SGX-PCK-CRL-Issuer-Chain", w->ca);
	(void)strcpy(w->dir, "/tmp/t_source.XXXXXX");
	if (mkdtemp(w->dir) == NULL)
		abort();
	begin(w);
}

void
source_world_again(struct source_world *w)
{
	httpd_free(w->h);
	begin(w);
}

void
source_world_serve(struct source_world *w)
{
	const struct httpd_page pages[] = {
		{ PATH_TCB, 200, w->tcb_header, w->tcb, HTTPD_FINE },
		{ PATH_EARLY, 200, w->tcb_header, w->tcb, HTTPD_FINE },
		{ PATH_QE, 200, w->qe_header, w->qe, HTTPD_FINE },
		{ PATH_CRL, 200, w->crl_header, w->crl, HTTPD_FINE },
		{ PATH_ROOT, 200, "", w->root, HTTPD_FINE },
	};
	size_t i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		httpd_put(w->h, &pages[i]);
}

void
source_world_free(struct source_world *w)
{
	httpd_free(w->h);
	drop(w->tcb);
	drop(w->qe);
	drop(w->crl);
	drop(w->root);
	drop(w->signing);
	drop(w->ca);
	free(w->tcb_header);
	free(w->qe_header);
	free(w->crl_header);
	source_rmdir(w->dir);
}

void
source_rmdir(const char *dir)
{
	char path[1024];
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%.700s/%s", dir,
		    e->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			source_rmdir(path);
		else
			(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(dir);
}

struct atls_collateral *
source_store(const struct source_world *w)
{
	const struct {
		enum atls_item		item;
		struct atls_bytes	bytes;
	} all[] = {
		{ ATLS_TCB_INFO, w->tcb }, { ATLS_TCB_INFO_CHAIN, w->signing },
		{ ATLS_QE_IDENTITY, w->qe },
		{ ATLS_QE_IDENTITY_CHAIN, w->signing },
		{ ATLS_PCK_CRL, w->crl }, { ATLS_PCK_CRL_CHAIN, w->ca },
		{ ATLS_ROOT_CA_CRL, w->root },
	};
	struct atls_collateral *c = atls_collateral_new();
	struct atls_err err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (atls_collateral_put(c, all[i].item, all[i].bytes, &err) !=
		    ATLS_OK) {
			fprintf(stderr, "%s: %s\n",
			    atls_item_name(all[i].item), err.detail);
			abort();
		}
	return c;
}

bool
source_put_file(const char *dir, const char *name, struct atls_bytes b)
{
	char path[512];
	FILE *f;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "wb")) == NULL)
		return false;
	ok = fwrite(b.p, 1, b.len, f) == b.len;
	return fclose(f) == 0 && ok;
}

void
source_lay_out(const struct source_world *w, const char *dir)
{
	if (!source_put_file(dir, "tcb-info.json", w->tcb) ||
	    !source_put_file(dir, "tcb-info-chain.pem", w->signing) ||
	    !source_put_file(dir, "qe-identity.json", w->qe) ||
	    !source_put_file(dir, "qe-identity-chain.pem", w->signing) ||
	    !source_put_file(dir, "pck-crl.der", w->crl) ||
	    !source_put_file(dir, "pck-crl-chain.pem", w->ca) ||
	    !source_put_file(dir, "root-ca-crl.der", w->root))
		abort();
}

static struct atls_bytes
taken(BIO *b)
{
	char *p;
	long n = BIO_get_mem_data(b, &p);
	struct atls_bytes out = copy((struct atls_bytes){ (uint8_t *)p,
	    (size_t)n });

	BIO_free(b);
	return out;
}

void
source_key(const char *type, struct atls_bytes *private,
    struct atls_bytes *public)
{
	BIO *a = BIO_new(BIO_s_mem()), *b = BIO_new(BIO_s_mem());
	EVP_PKEY *key;

	if (strcmp(type, "ED25519") == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else if (strcmp(type, "RSA") == 0)
		key = EVP_RSA_gen(2048);
	else
		key = EVP_EC_gen(type);
	if (key == NULL || a == NULL || b == NULL ||
	    PEM_write_bio_PrivateKey(a, key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    PEM_write_bio_PUBKEY(b, key) != 1)
		abort();
	EVP_PKEY_free(key);
	*private = taken(a);
	*public = taken(b);
}
