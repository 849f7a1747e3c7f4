/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_text.h"

static bool
parses(const char *text, size_t len, struct atls_err *err)
{
	struct atls_policy *p = parse(text, len, err);

	if (p != NULL)
		check_stable("bounds", p);
	atls_policy_free(p);
	return p != NULL;
}

static void
test_bounds(void)
{
	static char text[POLICY_TEXT_MAX + 2];
	size_t n, line = sizeof(PLAIN_OK) - 1, i;
	struct atls_err err;

	strcpy(text, PLAIN_OK);
	memset(text + line, '#', POLICY_LINE_MAX + 1);
	T(parses(text, line + POLICY_LINE_MAX, &err), "512, end of text");
	T(!parses(text, line + POLICY_LINE_MAX + 1, &err), "513");
	T(strcmp(err.detail, "4:1: longer than 512 octets") == 0, "%s",
	    err.detail);
	strcpy(text + line + POLICY_LINE_MAX, "\n#\n");
	T(parses(text, strlen(text), &err), "512, LF");
	strcpy(text + line + POLICY_LINE_MAX, "\r\n#\n");
	T(parses(text, strlen(text), &err), "512, CRLF");
	strcpy(text + line + POLICY_LINE_MAX, "#\r\n#\n");
	T(!parses(text, strlen(text), &err), "513, CRLF");
	strcpy(text + line + POLICY_LINE_MAX, "\r");
	T(!parses(text, strlen(text), &err), "512 and CR");

	memset(text + line, '\n', sizeof(text) - line);
	T(parses(text, POLICY_TEXT_MAX, &err), "64 KiB");
	T(!parses(text, POLICY_TEXT_MAX + 1, &err), "64 KiB and one");
	T(strstr(err.detail, "more than 65536") != NULL, "%s", err.detail);

	/* As many words as a line can have. */
	n = (size_t)sprintf(text, "kind fake\ninstance ak:00\nignore fake.*\n");
	for (i = 0; i < POLICY_LINE_MAX; i++)
		text[n + i] = i % 2 == 0 ? 'x' : ' ';
	T(!parses(text, n + POLICY_LINE_MAX, &err), "256 words");
	T(strstr(err.detail, "unknown key \"x\"") != NULL, "%s", err.detail);

	for (n = 0, i = 0; i < POLICY_BLOCKS_MAX; i++)
		n += (size_t)sprintf(text + n, PLAIN_OK);
	T(parses(text, n, &err), "64 blocks: %s", err.detail);
	n += (size_t)sprintf(text + n, PLAIN_OK);
	T(!parses(text, n, &err), "65 blocks");
	T(strstr(err.detail, "193:1: more than 64 blocks") != NULL, "%s",
	    err.detail);

	/* A list that grows, in all sizes on the way. */
	n = (size_t)sprintf(text, "kind plain\nignore plain.code\n");
	for (i = 0; i < 70; i++) {
		n += (size_t)sprintf(text + n, "instance ak:%02zx\n", i);
		T(parses(text, n, &err), "%zu: %s", i, err.detail);
	}
}

/* What is written out in full may be longer than what was read. */
static void
test_full(void)
{
	static char text[POLICY_TEXT_MAX + 64];
	struct atls_err err;
	size_t n = 0, i;

	for (i = 0; i < POLICY_BLOCKS_MAX; i++)
		n += (size_t)sprintf(text + n, FAKE_OK);
	for (i = 0; n + 16 < POLICY_TEXT_MAX; i++)
		n += (size_t)sprintf(text + n, "instance ak:00\n");
	T(!parses(text, n, &err), "too long in full");
	T(strncmp(err.detail, "1:1: more than 65536 octets when written",
	    40) == 0, "%s", err.detail);
}

static void
test_accessors(void)
{
	static const char text[] = "peer optional\nself never\n" PLAIN_OK
	    "max-age 1h\nbinding-min key\n" PLAIN_OK
	    "max-age 5m\nfreshness-min F0\n" PLAIN_OK;
	struct atls_policy *p, *q;
	struct atls_err err;

	p = parse(text, sizeof(text) - 1, &err);
	T(p != NULL, "%s", err.detail);
	if (p == NULL)
		return;
	T(policy_peer(p) == POLICY_OPTIONAL, "peer");
	T(policy_self(p) == POLICY_NEVER, "self");
	T(policy_max_age(p) == 300, "max-age");
	T(policy_allows(p, (enum atls_kind)PLAIN), "plain");
	T(!policy_allows(p, (enum atls_kind)FAKE), "fake");
	T(!policy_allows(p, ATLS_KIND_NONE), "none");
	T(policy_can_accept(p, ATLS_BINDING_EXPORTER, ATLS_F3), "best");
	T(policy_can_accept(p, ATLS_BINDING_KEY, ATLS_F3), "block 1");
	T(policy_can_accept(p, ATLS_BINDING_EXPORTER, ATLS_F0), "block 2");
	T(!policy_can_accept(p, ATLS_BINDING_KEY, ATLS_F2), "no block");
	T(!policy_can_accept(p, ATLS_BINDING_NONE, ATLS_F4), "no block");
	T(atls_policy_ref(NULL) == NULL, "ref of nothing");
	atls_policy_free(NULL);
	q = atls_policy_ref(p);
	T(q == p, "ref");
	atls_policy_free(p);
	T(policy_max_age(q) == 300, "one owner is left");
	atls_policy_free(q);

	p = parse(PLAIN_OK, sizeof(PLAIN_OK) - 1, &err);
	T(policy_peer(p) == POLICY_REQUIRED, "peer");
	T(policy_self(p) == POLICY_OPTIONAL, "self");
	T(policy_max_age(p) == 0, "no lease");
	atls_policy_free(p);
}

static void
test_arguments(void)
{
	struct atls_bytes ok = { (const uint8_t *)PLAIN_OK,
	    sizeof(PLAIN_OK) - 1 };
	struct atls_bytes pinned = { (const uint8_t *)FAKE_OK,
	    sizeof(FAKE_OK) - 1 };
	struct atls_policy *p;
	struct atls_err err = { 0 };
	uint8_t small[9] = { 0 };
	struct atls_buf b = { small, sizeof(small) - 1, 0 };

	T(atls_policy_parse(ok, NULL, NULL, &err) == NULL, "no files here");
	T(strcmp(err.detail, "2:8: files are not read here") == 0, "%s",
	    err.detail);
	T(atls_policy_parse(ok, NULL, NULL, NULL) == NULL, "no err");
	p = atls_policy_parse(pinned, NULL, NULL, NULL);
	T(p != NULL, "no file needed");
	T(atls_policy_show(p, &b) == ATLS_E_SPACE && b.len > 8, "small");
	T(small[8] == 0, "inside");
	atls_policy_free(p);
	T(atls_policy_show(NULL, &b) == ATLS_E_ARG && b.len == 0, "no policy");
	T(atls_policy_parse((struct atls_bytes){ NULL, 0 }, NULL, NULL,
	    NULL) == NULL, "nothing");
}

/* What was learnt parses, shows what was there, and pins the machine. */
static void
test_learn(void)
{
	static const char want[] =
	    "# Learnt from 1234 octets of fake evidence, of which nothing was"
	    " verified.\nkind fake\ninstance " FAKE_INSTANCE "\nfake.m.0 a0"
	    "00000000000000000000000000000000000000000000000000000000000000\n"
	    "fake.m.10 b0"
	    "00000000000000000000000000000000000000000000000000000000000000\n"
	    "fake.svn 7\nfake.secure yes\nfake.image web server 4\n"
	    "ignore fake.m.1\nbinding-min exporter\nfreshness-min F3\n";
	char text[1024];
	struct atls_buf b = { (uint8_t *)text, sizeof(text) - 1, 0 };
	struct atls_evidence ev;
	struct atls_err err = { 0 };
	struct atls_policy *p;
	size_t need;

	fake_reset();
	fake_claim("fake.m.1")->name = "fake.gone";
	ev = fake.ev;
	ev.kind = (enum atls_kind)FAKE;
	ev.raw.len = 1234;
	T(atls_policy_learn(&ev, &b, &err) == ATLS_OK, "%s", err.detail);
	text[b.len] = '\0';
	T(strcmp(text, want) == 0, "%s", text);
	p = parse(text, b.len, &err);
	T(p != NULL, "%s", err.detail);
	if (p != NULL)
		check_stable("learn", p);
	atls_policy_free(p);

	need = b.len;
	b.cap = need - 1;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_SPACE, "one too few");
	T(b.len == need, "%zu", b.len);
	b.cap = need;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_OK, "just enough");
}

static const struct {
	const char		*what, *claim, *text;
	size_t			 len;
	enum atls_claim_type	 type;
} unsayable[] = {
	{ "a line of its own", "fake.image", "a\nallow-debug yes", 17,
	  ATLS_CLAIM_TEXT },
	{ "a comment", "fake.image", "a #b", 4, ATLS_CLAIM_TEXT },
	{ "a comment from the start", "fake.image", "#b", 2,
	  ATLS_CLAIM_TEXT },
	{ "two spaces", "fake.image", "a  b", 4, ATLS_CLAIM_TEXT },
	{ "space before", "fake.image", " b", 2, ATLS_CLAIM_TEXT },
	{ "space behind", "fake.image", "b ", 2, ATLS_CLAIM_TEXT },
	{ "empty text", "fake.image", "", 0, ATLS_CLAIM_TEXT },
	{ "NUL", "fake.image", "a\0b", 3, ATLS_CLAIM_TEXT },
	{ "delete", "fake.image", "\x7f", 1, ATLS_CLAIM_TEXT },
	{ "not ASCII", "fake.image", "\xc3\xa4", 2, ATLS_CLAIM_TEXT },
	{ "another type", "fake.image", "ab", 2, ATLS_CLAIM_BYTES },
	{ "another type", "fake.svn", "ab", 2, ATLS_CLAIM_BOOL },
	{ "empty octets", "fake.m.0", "", 0, ATLS_CLAIM_BYTES },
};

static void
test_learn_refused(void)
{
	static const uint8_t many[POLICY_LINE_MAX] = { 0x20 };
	uint8_t letters[POLICY_LINE_MAX];
	char text[2048];
	struct atls_buf b = { (uint8_t *)text, sizeof(text), 0 };
	struct atls_evidence ev;
	struct atls_claim *c;
	struct atls_policy *p;
	struct atls_err err;
	size_t i;

	for (i = 0; i < NITEMS(unsayable); i++) {
		fake_reset();
		c = fake_claim(unsayable[i].claim);
		c->type = unsayable[i].type;
		c->bytes = (struct atls_bytes){
		    (const uint8_t *)unsayable[i].text, unsayable[i].len };
		ev = fake.ev;
		ev.kind = (enum atls_kind)FAKE;
		err = (struct atls_err){ 0 };
		T(atls_policy_learn(&ev, &b, &err) == ATLS_E_ARG, "%s",
		    unsayable[i].what);
		T(err.where != NULL && strcmp(err.where,
		    unsayable[i].claim) == 0, "%s", unsayable[i].what);
	}
	memset(letters, 'a', sizeof(letters));
	for (i = 250; i <= 253; i++) {	/* "fake.m.0 " and 2 * 251 are 511 */
		fake_reset();
		fake_claim("fake.m.0")->bytes = (struct atls_bytes){ many, i };
		ev = fake.ev;
		ev.kind = (enum atls_kind)FAKE;
		T((atls_policy_learn(&ev, &b, NULL) == ATLS_OK) == (i <= 251),
		    "%zu", i);
		p = i > 251 ? NULL : parse(text, b.len, &err);
		T((p != NULL) == (i <= 251), "%zu: %s", i, err.detail);
		atls_policy_free(p);
	}
	for (i = 500; i <= 503; i++) {	/* "fake.image " and 501 are 512 */
		fake_reset();
		fake_claim("fake.image")->bytes = (struct atls_bytes){
		    letters, i };
		ev = fake.ev;
		ev.kind = (enum atls_kind)FAKE;
		T((atls_policy_learn(&ev, &b, NULL) == ATLS_OK) == (i <= 501),
		    "%zu", i);
		p = i > 501 ? NULL : parse(text, b.len, &err);
		T((p != NULL) == (i <= 501), "%zu: %s", i, err.detail);
		atls_policy_free(p);
	}
	fake_reset();
	ev = fake.ev;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_ARG, "no kind");
	ev.kind = (enum atls_kind)PLAIN;
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_ARG, "names no machine");
	ev.kind = (enum atls_kind)FAKE;
	fake.instance = "";
	T(atls_policy_learn(&ev, &b, NULL) == ATLS_E_ARG, "empty instance");
	T(atls_policy_learn(NULL, &b, NULL) == ATLS_E_ARG, "no evidence");
}

int
main(void)
{
	files_new();
	test_bounds();
	test_full();
	test_accessors();
	test_arguments();
	test_learn();
	test_learn_refused();
	files_free();
	return t_end("t_policy_use");
}
