/* SPDX-License-Identifier: Apache-2.0 */
/* The attester of the Nitro Secure Module, over a module of our own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../attester/nsm/nsm.h"
#include "fake_os.h"
#include "fault.h"
#include "t.h"

#define SLEEP_MAX	10000	/* ms */

static const char *want_path = "/dev/nsm";
static uint8_t reply[NSM_RESPONSE_MAX + 1], seen[NSM_REQUEST_MAX];
static size_t replylen, seenlen;
static uint64_t lie;			/* instead of the length; 0: none */
static bool echo;			/* a document that has the request */
static struct fake f;

static size_t
doc_write(const uint8_t *doc, size_t n)
{
	static const char head[] = "\xa1\x6b" "Attestation\xa1\x68" "document";
	uint8_t *p = reply;

	memcpy(p, head, sizeof(head) - 1);
	p += sizeof(head) - 1;
	if (n < 24)
		*p++ = (uint8_t)(0x40 | n);
	else if (n < 256) {
		*p++ = 0x58;
		*p++ = (uint8_t)n;
	} else {
		*p++ = 0x59;
		*p++ = (uint8_t)(n >> 8);
		*p++ = (uint8_t)n;
	}
	memcpy(p, doc, n);
	return (size_t)(p - reply) + n;
}

static int
nsm(struct fake *fake, unsigned long request, void *arg)
{
	struct nsm_raw *raw = arg;

	(void)fake;
	if (request != 0xc0200a00 || raw->requestlen > sizeof(seen) ||
	    raw->responselen != 0x3000) {
		errno = EINVAL;
		return -1;
	}
	seenlen = (size_t)raw->requestlen;
	memcpy(seen, (const void *)(uintptr_t)raw->request, seenlen);
	if (echo)
		replylen = doc_write(seen, seenlen);
	if (raw->responselen > replylen)
		raw->responselen = replylen;
	memcpy((void *)(uintptr_t)raw->response, reply,
	    (size_t)raw->responselen);
	if (lie != 0)
		raw->responselen = lie;
	return 0;
}

static bool
never_late(const char *path)
{
	T(strcmp(path, want_path) == 0, "%s", path);
	return false;
}

static const struct fake_machine module = {
	.ioctl = nsm, .stores_late = never_late,
};

static uint8_t data[NSM_USER_DATA_MAX + 1], out_p[NSM_RESPONSE_MAX];
static struct atls_buf out = { out_p, sizeof(out_p), 0 };
static struct atls_err err;

static void
boot(void)
{
	fake_init(&f, &module);
	echo = true;
	lie = 0;
}

static enum atls_rc
whole(const char *where, size_t n)
{
	enum atls_rc rc;
	uint8_t *p;
	void *dev;

	err = (struct atls_err){ 0 };
	out.len = 0;
	if ((rc = nsm_open(&dev, where, &f.os, &err)) != ATLS_OK) {
		T(dev == NULL, "device of a failure");
		return rc;
	}
	p = malloc(n);
	if (n > 0)
		memcpy(p, data, n);
	rc = nsm_quote(dev, (struct atls_bytes){ p, n }, &out, &err);
	free(p);
	nsm_close(dev);
	return rc;
}

/* What was asked, written here once more: user_data of n octets. */
static void
test_request(void)
{
	static const char a[] = "\xa1\x6b" "Attestation\xa3\x69" "user_data";
	static const char b[] = "\x65nonce\xf6\x6a" "public_key\xf6";
	uint8_t want[NSM_REQUEST_MAX];
	size_t n, len;

	for (n = 1; n <= NSM_USER_DATA_MAX; n++) {
		boot();
		T(whole("", n) == ATLS_OK, "%zu: %s", n, err.detail);
		len = sizeof(a) - 1;
		memcpy(want, a, len);
		if (n < 24)
			want[len++] = (uint8_t)(0x40 + n);
		else if (n < 256) {
			want[len++] = 0x58;
			want[len++] = (uint8_t)n;
		} else {
			want[len++] = 0x59;
			want[len++] = (uint8_t)(n / 256);
			want[len++] = (uint8_t)(n % 256);
		}
		memcpy(want + len, data, n);
		len += n;
		memcpy(want + len, b, sizeof(b) - 1);
		len += sizeof(b) - 1;
		T(seenlen == len && memcmp(seen, want, len) == 0, "%zu", n);
		T(out.len == len && memcmp(out.p, want, len) == 0, "%zu", n);
		T(fake_fds(&f) == 0 && f.slept == 0, "%zu", n);
	}
	boot();
	T(whole("", 0) == ATLS_E_ARG && out.len == 0, "no data");
	T(whole("", NSM_USER_DATA_MAX + 1) == ATLS_E_ARG && out.len == 0,
	    "too much");
}

static enum atls_rc
answer(const void *p, size_t n)
{
	boot();
	echo = false;
	memcpy(reply, p, n);
	replylen = n;
	return whole("", 64);
}

static void
test_answers(void)
{
#define GOOD	"\xa1\x6b" "Attestation\xa1\x68" "document"
#define ROW(what, s, why)	{ what, s, sizeof(s) - 1, why }
	static const struct {
		const char	*what, *s;
		size_t		 n;
		const char	*why;		/* NULL: fine */
	} cases[] = {
		ROW("a document", GOOD "\x43" "abc", NULL),
		ROW("an error", "\xa1\x65" "Error\x6f" "InvalidArgument",
		    "InvalidArgument"),
		ROW("another", "\xa1\x65" "Error\x6d" "InternalError",
		    "InternalError"),
		ROW("error of nothing", "\xa1\x65" "Error\x60",
		    "8 octets, not a document"),
		ROW("error with more", "\xa1\x65" "Error\x62" "ab\x00",
		    "11 octets, not a document"),
		ROW("error not a word", "\xa1\x65" "Error\x63" "a\nb",
		    "11 octets, not a document"),
		ROW("error of a long word", "\xa1\x65" "Error\x78\x29"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "50 octets, not a document"),
		ROW("error of bytes", "\xa1\x65" "Error\x43" "abc",
		    "11 octets, not a document"),
		ROW("nothing", "", "0 octets, not a document"),
		ROW("empty document", GOOD "\x40",
		    "24 octets, not a document"),
		ROW("text", GOOD "\x63" "abc", "27 octets, not a document"),
		ROW("null", GOOD "\xf6", "24 octets, not a document"),
		ROW("one octet more", GOOD "\x43" "abcd",
		    "28 octets, not a document"),
		ROW("one octet less", GOOD "\x43" "ab",
		    "26 octets, not a document"),
		ROW("length written long", GOOD "\x58\x03" "abc",
		    "28 octets, not a document"),
		ROW("longer", GOOD "\x59\x00\x03" "abc",
		    "29 octets, not a document"),
		ROW("longer still", GOOD "\x5a\x00\x00\x00\x03" "abc",
		    "31 octets, not a document"),
		ROW("indefinite", GOOD "\x5f\x43" "abc\xff",
		    "29 octets, not a document"),
		ROW("another answer", "\xa1\x69" "GetRandom\xa1\x66random\x41x",
		    "21 octets, not a document"),
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		enum atls_rc rc = answer(cases[i].s, cases[i].n);

		T(rc == (cases[i].why == NULL ? ATLS_OK : ATLS_E_DEVICE),
		    "%s: %d", cases[i].what, (int)rc);
		T(cases[i].why == NULL ? out.len == 3 &&
		    memcmp(out.p, "abc", 3) == 0 : out.len == 0 &&
		    strcmp(err.detail, cases[i].why) == 0, "%s: %s",
		    cases[i].what, err.detail);
		T(fake_fds(&f) == 0 && f.slept == 0, "%s", cases[i].what);
	}
}

/* Each length of a document; each prefix, and each bit of what frames it. */
static void
test_documents(void)
{
	static const size_t lens[] = { 1, 23, 24, 255, 256, 4500,
	    NSM_RESPONSE_MAX - 26 };
	static uint8_t doc[NSM_RESPONSE_MAX];
	uint8_t copy[NSM_RESPONSE_MAX];
	struct atls_bytes view;
	size_t i, n, head, bit;
	uint8_t *p;

	for (i = 0; i < sizeof(doc); i++)
		doc[i] = (uint8_t)(i * 7);
	for (i = 0; i < NITEMS(lens); i++) {
		n = doc_write(doc, lens[i]);
		memcpy(copy, reply, n);
		T(answer(copy, n) == ATLS_OK && out.len == lens[i] &&
		    memcmp(out.p, doc, lens[i]) == 0, "%zu", lens[i]);
		head = n - lens[i];
		for (bit = 0; bit < 8 * head; bit++) {
			memcpy(reply, copy, n);
			reply[bit / 8] ^= (uint8_t)(1U << bit % 8);
			T(nsm_response((struct atls_bytes){ reply, n }, &view,
			    NULL) != ATLS_OK && view.len == 0,
			    "%zu: bit %zu", lens[i], bit);
		}
		for (head = 0; head < n; head++) {
			p = malloc(head);
			memcpy(p, copy, head);
			T(nsm_response((struct atls_bytes){ p, head }, &view,
			    NULL) != ATLS_OK && view.p == NULL,
			    "%zu: prefix %zu", lens[i], head);
			free(p);
		}
	}
	/* one octet too many for the driver, which cuts it */
	n = doc_write(doc, NSM_RESPONSE_MAX - 25);
	memcpy(copy, reply, sizeof(copy));
	T(n == NSM_RESPONSE_MAX + 1 && answer(copy, sizeof(copy)) ==
	    ATLS_E_DEVICE, "cut");
	boot();
	lie = NSM_RESPONSE_MAX + 1;
	T(whole("", 64) == ATLS_E_DEVICE && out.len == 0 &&
	    strcmp(err.where, "nsm.ioctl") == 0, "a driver that lies");
	lie = UINT64_MAX;
	T(whole("", 64) == ATLS_E_DEVICE && out.len == 0, "and how");
}

static void
test_space(void)
{
	size_t cap;

	for (cap = 0; cap <= 130; cap++) {
		boot();
		out = (struct atls_buf){ malloc(cap), cap, 0 };
		T(whole("", 64) == (cap < 109 ? ATLS_E_SPACE : ATLS_OK) &&
		    out.len == 109, "%zu: %zu", cap, out.len);
		free(out.p);
	}
	out = (struct atls_buf){ out_p, sizeof(out_p), 0 };
}

static void
test_conf(void)
{
	static const struct {
		const char	*where;
		enum atls_rc	 rc;
	} cases[] = {
		{ NULL, ATLS_OK }, { "", ATLS_OK }, { "dev=/dev/x", ATLS_OK },
		{ "dev=", ATLS_E_CONF }, { "dev", ATLS_E_CONF },
		{ "dev=a,dev=b", ATLS_E_CONF }, { "de=a", ATLS_E_CONF },
		{ "/dev/nsm", ATLS_E_CONF },
	};
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		boot();
		T(whole(cases[i].where, 64) == cases[i].rc, "%zu", i);
		T((f.n > 0) == (cases[i].rc == ATLS_OK), "%zu", i);
	}
}

static void
test_every_call(void)
{
	static const struct {
		int	no, times;
		bool	passes;
	} cases[] = {
		{ EINTR, 1, true }, { EBUSY, 11, true }, { EBUSY, 12, false },
		{ EIO, 3, true }, { EIO, 4, false }, { ETIMEDOUT, 1, true },
		{ ETIMEDOUT, 2, false }, { ENOENT, 1, false },
		{ EACCES, 1, false }, { EMSGSIZE, 1, false },
	};
	static const char *const ops[] = { "open", "ioctl" };
	size_t i, op;
	enum atls_rc rc;
	int n;

	for (i = 0; i < NITEMS(cases); i++)
		for (op = 0; op < NITEMS(ops); op++)
			for (n = 1;; n++) {
				boot();
				f.fail_op = ops[op];
				f.fail_at = n;
				f.fail_times = cases[i].times;
				f.fail_no = cases[i].no;
				rc = whole("", 64);
				if (f.failed == 0)
					break;
				T(rc == (cases[i].passes ? ATLS_OK :
				    ATLS_E_DEVICE) || (op == 0 && n == 2 &&
				    rc == ATLS_OK), "%zu: %s %d: %s", i,
				    ops[op], n, err.detail);
				T((rc == ATLS_OK) == (out.len == 109),
				    "%zu octets", out.len);
				T(fake_fds(&f) == 0 && f.slept < SLEEP_MAX,
				    "%u ms", f.slept);
			}
	boot();
	f.fail_op = "close";
	f.fail_at = 1;
	f.fail_times = FAKE_ALWAYS;
	f.fail_no = EIO;
	T(whole("", 64) == ATLS_OK, "nothing to lose by close()");
}

static void
test_memory(void)
{
	enum atls_rc rc;
	void *dev;

	boot();
	fault_set(FAULT_MEM, 1);
	rc = nsm_open(&dev, "", &f.os, &err);
	T(rc == ATLS_E_MEM && dev == NULL && f.n == 0, "no memory");
	fault_set(FAULT_MEM, 2);
	T(nsm_open(&dev, "", &f.os, &err) == ATLS_OK, "one is enough");
	T(nsm_quote(dev, (struct atls_bytes){ data, 64 }, &out, &err) ==
	    ATLS_OK && !fault_fired(), "no other");
	fault_set(FAULT_NONE, 0);
	nsm_close(dev);
	nsm_close(NULL);
}

/* The machine's own operations, on what is no such device. */
static void
test_os(void)
{
	const struct atls_attester *a = &atls_attester_nsm;
	void *dev;

	err = (struct atls_err){ 0 };
	T(a->open(&dev, "dev=/nonexistent", &err) == ATLS_E_DEVICE &&
	    dev == NULL && a->identity == NULL, "%s", err.detail);
	T(a->open(&dev, "dev=/dev/null", NULL) == ATLS_OK, "/dev/null");
	err = (struct atls_err){ 0 };
	T(a->quote(dev, (struct atls_bytes){ data, 64 }, &out, &err) ==
	    ATLS_E_DEVICE && strcmp(err.where, "nsm.ioctl") == 0, "%s",
	    err.detail);
	a->close(dev);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(3 * i + 5);
	test_request();
	test_answers();
	test_documents();
	test_space();
	test_conf();
	test_every_call();
	test_memory();
	test_os();
	return t_end("t_nsm");
}
