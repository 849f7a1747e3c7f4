/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ea_util.h"
#include "t.h"

/*
 * Exported authenticators of another hand: tests/ea_vectors.py.  With
 * ATLS_EA_OUT=DIR, what we make of the same input is left there for it.
 */
#define NGOOD		42
#define NBAD		95
#define NFIELDS		24

struct field {
	char		*key, *text;	/* text: as in the file */
	struct block	 octets;	/* decoded, if it is hex */
};

struct vector {
	struct field	 f[NFIELDS];
	size_t		 n;
	char		*buf;
};

static const char *top;

static int
nibble(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

static struct block
unhex(const char *s)
{
	size_t n = strlen(s) / 2, i;
	uint8_t *tmp = calloc(n + 1, 1);
	struct block b;

	for (i = 0; i < n; i++) {
		int hi = nibble(s[2 * i]), lo = nibble(s[2 * i + 1]);

		if (hi == -1 || lo == -1)
			n = 0;		/* words, not hex */
		else
			tmp[i] = (uint8_t)(hi << 4 | lo);
	}
	b = block_of((struct atls_bytes){ tmp, n });
	free(tmp);
	return b;
}

static void
vector_load(struct vector *v, const char *name)
{
	char path[1024], *line, *save = NULL, *space;
	long size;
	FILE *f;

	*v = (struct vector){ .n = 0 };
	(void)snprintf(path, sizeof(path), "%s/ea/%s", top, name);
	if ((f = fopen(path, "rb")) == NULL || fseek(f, 0, SEEK_END) != 0 ||
	    (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0 ||
	    (v->buf = calloc((size_t)size + 1, 1)) == NULL ||
	    fread(v->buf, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		exit(1);
	}
	(void)fclose(f);
	for (line = strtok_r(v->buf, "\n", &save); line != NULL && v->n <
	    NFIELDS; line = strtok_r(NULL, "\n", &save)) {
		if ((space = strchr(line, ' ')) != NULL)
			*space++ = '\0';
		v->f[v->n].key = line;
		v->f[v->n].text = space == NULL ? line + strlen(line) : space;
		v->f[v->n].octets = unhex(v->f[v->n].text);
		v->n++;
	}
}

static void
vector_free(struct vector *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		block_free(&v->f[i].octets);
	free(v->buf);
}

static const struct field *
get(const struct vector *v, const char *key)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->f[i].key, key) == 0)
			return &v->f[i];
	fprintf(stderr, "no %s\n", key);
	exit(1);
}

static struct atls_bytes
octets(const struct vector *v, const char *key)
{
	return VIEW(get(v, key)->octets);
}

static bool
same(struct atls_bytes a, struct atls_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static size_t
codes(struct atls_bytes b, uint16_t *out)
{
	size_t i;

	for (i = 0; i + 1 < b.len; i += 2)
		out[i / 2] = (uint16_t)(b.p[i] << 8 | b.p[i + 1]);
	return b.len / 2;
}

/* Both ends of the vector's connection. */
static void
connect_ends(struct ea_pair *p, const struct vector *v)
{
	struct fake_end *ends[2] = { &p->tls.client, &p->tls.server };
	struct atls_bytes ems = octets(v, "ems");
	size_t i;

	ea_pair(p, octets(v, "hash").p[0] == 2 ? ATLS_SHA384 : ATLS_SHA256, 0);
	for (i = 0; i < 2; i++) {
		memcpy(ends[i]->secret, ems.p, ems.len);
		ends[i]->nscheme = codes(octets(v, "offered_schemes"),
		    ends[i]->scheme);
		ends[i]->ntype = codes(octets(v, "offered_types"),
		    ends[i]->type);
	}
}

static void
check_exporter(const char *name, struct ea_pair *p, const struct vector *v)
{
	bool server = octets(v, "maker").p[0] == ATLS_SERVER;
	struct atls_bytes hc = octets(v, "hc"), fk = octets(v, "fk");
	const struct atls_bytes none = { NULL, 0 };
	uint8_t out[64];

	fake_export(p->tls.client.info.hash, p->tls.client.secret, server ?
	    "EXPORTER-server authenticator handshake context" :
	    "EXPORTER-client authenticator handshake context", none, out,
	    hc.len);
	T(same(hc, (struct atls_bytes){ out, hc.len }), "%s", name);
	fake_export(p->tls.client.info.hash, p->tls.client.secret, server ?
	    "EXPORTER-server authenticator finished key" :
	    "EXPORTER-client authenticator finished key", none, out, fk.len);
	T(same(fk, (struct atls_bytes){ out, fk.len }), "%s", name);
}

/* Issues the request of the vector, whose octets are then returned. */
static struct block
ask(struct ea_pair *p, const struct vector *v)
{
	bool server = octets(v, "maker").p[0] == ATLS_SERVER;
	const struct atls_ea_ext ext = { EA_EXT, { NULL, 0 } };
	uint8_t out[512];
	struct atls_buf buf = { out, sizeof(out), 0 };

	T(atls_ea_request(server ? p->client : p->server,
	    octets(v, "context"), &ext, 1, &buf, NULL) == ATLS_OK, "request");
	return block_of((struct atls_bytes){ buf.p, buf.len });
}

static struct atls_trust	*trust;
static int64_t			 now;

static enum atls_rc
validate(struct ea_pair *p, const struct vector *v, struct atls_bytes auth,
    struct atls_ea_peer *peer, struct atls_err *err)
{
	bool server = octets(v, "maker").p[0] == ATLS_SERVER;

	*err = (struct atls_err){ 0 };
	return atls_ea_validate(server ? p->client : p->server,
	    octets(v, "request"), auth, trust, "ea.example", now, peer, err);
}

static void
check_validate(const char *name, const struct vector *v)
{
	bool others = strncmp(name, "good-others-", 12) == 0;
	const char *where = get(v, "where")->text;
	struct atls_ea_peer peer;
	struct ea_pair p;
	struct block request = { NULL, 0 };
	struct atls_err err;
	enum atls_rc rc;

	connect_ends(&p, v);
	check_exporter(name, &p, v);
	if (octets(v, "request").len != 0)
		request = ask(&p, v);
	if (strncmp(name, "good-", 5) == 0 && request.len != 0)
		T(same(VIEW(request), octets(v, "request")), "%s", name);
	rc = validate(&p, v, octets(v, "authenticator"), &peer, &err);
	T(strcmp(atls_rc_name(rc), get(v, "expect")->text) == 0,
	    "%s: %s %s: %s", name, atls_rc_name(rc), err.where, err.detail);
	T(rc == err.rc, "%s", name);
	if (rc != ATLS_OK) {
		T(peer.nchain == 0 && peer.spki.len == 0, "%s", name);
		T(strcmp(where, "*") == 0 || strcmp(where, err.where) == 0,
		    "%s: %s, want %s", name, err.where, where);
	} else {
		T(peer.nchain == (others ? 3 : 1) && peer.spki.len > 0, "%s",
		    name);
		T(others ? peer.nother == 1 && peer.other[0] == EA_EXT :
		    peer.nother == 0, "%s", name);
		T(same(peer.context, octets(v, "context")), "%s", name);
		T(peer.next == 1 && peer.ext[0].type == EA_EXT &&
		    peer.ext[0].data.len == octets(v, "ext").len - 4, "%s",
		    name);
		T(peer.scheme == (octets(v, "scheme").p[0] << 8 |
		    octets(v, "scheme").p[1]), "%s", name);
		T(peer.not_after > now, "%s", name);
	}
	if (rc == ATLS_OK || rc == ATLS_E_REFUSED) {
		rc = validate(&p, v, octets(v, "authenticator"), &peer, &err);
		T(rc == ATLS_E_PEER, "%s: again: %s", name, atls_rc_name(rc));
	}
	block_free(&request);
	ea_pair_free(&p);
}

/* Leaves a vector with our authenticator in place of theirs. */
static void
leave(const char *name, const struct vector *v, struct atls_bytes auth)
{
	const char *dir = getenv("ATLS_EA_OUT");
	char path[1024];
	size_t i, j;
	FILE *f;

	if (dir == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "w")) == NULL) {
		perror(path);
		exit(1);
	}
	for (i = 0; i < v->n; i++) {
		if (strcmp(v->f[i].key, "authenticator") != 0) {
			fprintf(f, "%s %s\n", v->f[i].key, v->f[i].text);
			continue;
		}
		fprintf(f, "authenticator ");
		for (j = 0; j < auth.len; j++)
			fprintf(f, "%02x", auth.p[j]);
		fprintf(f, "\n");
	}
	T(fclose(f) == 0, "%s", name);
}

static struct atls_identity *
identity(const char *name)
{
	char file[64];
	struct vector v;
	struct atls_identity *id;

	(void)snprintf(file, sizeof(file), "identity-%.*s.txt",
	    (int)strcspn(name + 5, "-"), name + 5);
	vector_load(&v, file);
	id = atls_identity_new(octets(&v, "chain_pem"), octets(&v, "key_pem"),
	    NULL);
	vector_free(&v);
	return id;
}

static void
check_make(const char *name, const struct vector *v)
{
	bool server = octets(v, "maker").p[0] == ATLS_SERVER;
	bool empty = strncmp(name, "good-empty", 10) == 0;
	const struct atls_bytes none = { NULL, 0 };
	struct atls_bytes theirs = octets(v, "authenticator");
	struct atls_identity *id = empty ? NULL : identity(name);
	struct atls_ea_ext ext = { EA_EXT, octets(v, "ext") };
	struct atls_ea_request q, *asked = NULL;
	uint8_t out[EA_ROOM];
	struct atls_buf buf = { out, sizeof(out), 0 };
	struct ea_pair p;
	struct atls_ea *ea;
	enum atls_rc rc;
	size_t same_len;

	connect_ends(&p, v);
	ea = server ? p.server : p.client;
	ext.data.p += empty ? 0 : 4;
	ext.data.len -= empty ? 0 : 4;
	if (octets(v, "request").len != 0) {
		asked = &q;
		T(atls_ea_receive(ea, octets(v, "request"), &q, NULL) ==
		    ATLS_OK, "%s", name);
		T(same(q.context, octets(v, "context")) && q.nscheme == 6 &&
		    q.next == 2, "%s", name);
	}
	if (empty) {
		rc = atls_ea_refuse(ea, asked, &buf, NULL);
	} else {
		T(id != NULL, "%s", name);
		id->nscheme = codes(octets(v, "scheme"), id->scheme);
		rc = atls_ea_authenticate(ea, asked, asked == NULL ?
		    octets(v, "context") : none, id, &ext, 1, &buf, NULL);
	}
	T(rc == ATLS_OK, "%s: %s", name, atls_rc_name(rc));
	/* what does not depend on a random signature is the same */
	same_len = empty || strncmp(name, "good-ed25519", 12) == 0 ?
	    theirs.len : theirs.len == 0 ? 0 : 4 + ((size_t)theirs.p[2] << 8 |
	    theirs.p[3]);
	T(buf.len >= same_len && same((struct atls_bytes){ out, same_len },
	    (struct atls_bytes){ theirs.p, same_len }), "%s", name);
	leave(name, v, (struct atls_bytes){ buf.p, buf.len });
	atls_identity_free(id);
	ea_pair_free(&p);
}

/* The values that a library gives which is asked too early. */
static void
check_zero_secret(void)
{
	static const char *const key[2][2] = {
		{ "sha256_client", "sha256_server" },
		{ "sha384_client", "sha384_server" } };
	const struct atls_bytes none = { NULL, 0 };
	uint8_t zeros[48] = { 0 }, out[64];
	struct atls_bytes want;
	struct vector v;
	int h, r;

	vector_load(&v, "zero-secret.txt");
	for (h = 0; h < 2; h++)
		for (r = 0; r < 2; r++) {
			want = octets(&v, key[h][r]);
			fake_export(h ? ATLS_SHA384 : ATLS_SHA256, zeros, r ?
			    "EXPORTER-server authenticator handshake context" :
			    "EXPORTER-client authenticator handshake context",
			    none, out, want.len);
			T(same(want, (struct atls_bytes){ out, want.len }),
			    "%s", key[h][r]);
		}
	vector_free(&v);
}

int
main(void)
{
	size_t ngood = 0, nbad = 0;
	char path[1024];
	struct dirent *e;
	struct vector v;
	DIR *d;

	if ((top = getenv("ATLS_VECTORS")) == NULL)
		top = "tests/vectors";
	vector_load(&v, "root.txt");
	trust = atls_trust_new(octets(&v, "pem"), (struct atls_bytes){ NULL,
	    0 }, NULL);
	T(trust != NULL, "root.txt");
	for (size_t i = 0; i < octets(&v, "now").len; i++)
		now = now << 8 | octets(&v, "now").p[i];
	vector_free(&v);
	(void)snprintf(path, sizeof(path), "%s/ea", top);
	if ((d = opendir(path)) == NULL) {
		perror(path);
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		bool good = strncmp(e->d_name, "good-", 5) == 0;

		if (!good && strncmp(e->d_name, "bad-", 4) != 0)
			continue;
		vector_load(&v, e->d_name);
		check_validate(e->d_name, &v);
		if (good && strncmp(e->d_name, "good-others-", 12) != 0)
			check_make(e->d_name, &v);
		vector_free(&v);
		*(good ? &ngood : &nbad) += 1;
	}
	(void)closedir(d);
	check_zero_secret();
	T(ngood == NGOOD, "%zu good vectors", ngood);
	T(nbad == NBAD, "%zu bad vectors", nbad);
	atls_trust_free(trust);
	return t_end("t_ea_vectors");
}
