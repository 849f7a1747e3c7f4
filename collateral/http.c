/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "http.h"

#define CONNECT_TIMEOUT	10L	/* seconds */
#define RETRY_TEXT_MAX	64

/* What one request collects. */
struct taking {
	struct http_reply	*reply;
	const char *const	*chain;
	int64_t			 now;
	enum atls_rc		 rc;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode begun;

static void
begin(void)
{
	begun = curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool
http_url_ok(const char *url, bool insecure_http)
{
	const char *p;

	for (p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == '@' || *p == '#')
			return false;
	if ((size_t)(p - url) >= HTTP_URL_MAX / 2)
		return false;
	return strncmp(url, "https://", 8) == 0 ||
	    (insecure_http && strncmp(url, "http://", 7) == 0);
}

static size_t
take_body(char *p, size_t size, size_t n, void *arg)
{
	struct taking *t = arg;
	struct atls_buf *b = &t->reply->body;
	size_t cap;
	uint8_t *more;

	n *= size;
	if (n > ATLS_ITEM_MAX - b->len) {
		t->rc = ATLS_E_LIMIT;
		return 0;
	}
	if (b->cap - b->len <= n) {
		cap = 2 * (b->len + n) + 4096;
		if ((more = realloc(b->p, cap)) == NULL) {
			t->rc = ATLS_E_MEM;
			return 0;
		}
		b->p = more;
		b->cap = cap;
	}
	memcpy(b->p + b->len, p, n);
	b->len += n;
	return n;
}

/* Seconds, or a date (RFC 9110, 10.2.3). */
static void
take_retry_after(struct taking *t, const char *p, size_t n)
{
	char text[RETRY_TEXT_MAX], *end;
	long long v;

	if (n == 0 || n >= sizeof(text))
		return;
	memcpy(text, p, n);
	text[n] = '\0';
	if (text[0] >= '0' && text[0] <= '9') {
		v = strtoll(text, &end, 10);
		if (*end == '\0')
			t->reply->retry_after = v < INT_MAX ? (int64_t)v :
			    INT_MAX;
	} else if ((v = (long long)curl_getdate(text, NULL)) > 0)
		t->reply->retry_after = v > t->now ? v - t->now : 0;
}

static void
take_chain(struct taking *t, const char *p, size_t n)
{
	struct atls_buf *b = &t->reply->chain;
	char *text;
	int len = 0;

	if (b->p != NULL || n == 0 || n > HTTP_CHAIN_MAX) {
		t->rc = b->p != NULL ? ATLS_E_FORMAT : ATLS_E_LIMIT;
		return;
	}
	text = curl_easy_unescape(NULL, p, (int)n, &len);
	if (text != NULL && len > 0 &&
	    (b->p = malloc((size_t)len)) != NULL) {
		memcpy(b->p, text, (size_t)len);
		b->len = b->cap = (size_t)len;
	} else
		t->rc = ATLS_E_MEM;
	curl_free(text);
}

static bool
is_header(const char *p, size_t n, const char *name)
{
	return name != NULL && strlen(name) == n &&
	    strncasecmp(p, name, n) == 0;
}

static size_t
take_header(char *p, size_t size, size_t n, void *arg)
{
	struct taking *t = arg;
	const char *colon, *v, *end = p + n;
	size_t all = n;

	(void)size;				/* is 1 */
	if ((colon = memchr(p, ':', n)) == NULL)
		return n;
	for (v = colon + 1; v < end && (*v == ' ' || *v == '\t'); )
		v++;
	while (end > v && (end[-1] == '\r' || end[-1] == '\n' ||
	    end[-1] == ' ' || end[-1] == '\t'))
		end--;
	n = (size_t)(colon - p);
	if (is_header(p, n, "Retry-After"))
		take_retry_after(t, v, (size_t)(end - v));
	else if (t->chain != NULL && (is_header(p, n, t->chain[0]) ||
	    is_header(p, n, t->chain[1])))
		take_chain(t, v, (size_t)(end - v));
	return t->rc == ATLS_OK ? all : 0;
}

static bool
set_up(CURL *h, const struct http_conf *conf, const char *url,
    struct taking *t, char *text)
{
	const char *allowed = conf->insecure_http ? "http,https" : "https";
	bool ok = true;

#define SET(opt, v)	ok &= curl_easy_setopt(h, (opt), (v)) == CURLE_OK
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, allowed);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROXY, conf->proxy == NULL ? "" : conf->proxy);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_TIMEOUT, (long)conf->timeout);
	SET(CURLOPT_CONNECTTIMEOUT, conf->timeout < CONNECT_TIMEOUT ?
	    (long)conf->timeout : CONNECT_TIMEOUT);
	SET(CURLOPT_MAXFILESIZE, (long)ATLS_ITEM_MAX);
	SET(CURLOPT_USERAGENT, "atls");
	SET(CURLOPT_ERRORBUFFER, text);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, t);
	if (conf->ca != NULL) {
		SET(CURLOPT_CAINFO, conf->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
#undef SET
	return ok;
}

static enum atls_rc
rc_of(CURLcode r, const struct taking *t)
{
	if (t->rc != ATLS_OK)
		return t->rc;
	if (r == CURLE_OPERATION_TIMEDOUT)
		return ATLS_E_TIMEOUT;
	if (r == CURLE_PARTIAL_FILE || r == CURLE_GOT_NOTHING)
		return ATLS_E_TRUNC;
	if (r == CURLE_FILESIZE_EXCEEDED)
		return ATLS_E_LIMIT;
	if (r == CURLE_PEER_FAILED_VERIFICATION ||
	    r == CURLE_SSL_CONNECT_ERROR || r == CURLE_SSL_CACERT_BADFILE)
		return ATLS_E_CHAIN;
	return r == CURLE_OUT_OF_MEMORY ? ATLS_E_MEM : ATLS_E_IO;
}

static enum atls_rc
judge(struct http_reply *y, CURLcode r, const struct taking *t,
    const char *text)
{
	enum atls_rc rc = ATLS_E_IO;

	if (t->rc == ATLS_E_LIMIT || r == CURLE_FILESIZE_EXCEEDED) {
		rc = ATLS_E_LIMIT;
		(void)snprintf(y->why, sizeof(y->why), "answer too large");
	} else if (r != CURLE_OK) {
		rc = rc_of(r, t);
		(void)snprintf(y->why, sizeof(y->why), "%.55s",
		    rc == ATLS_E_TIMEOUT ? "timed out" :
		    rc == ATLS_E_TRUNC ? "answer ended early" :
		    rc == ATLS_E_FORMAT ? "two issuer chains" :
		    text[0] != '\0' ? text : curl_easy_strerror(r));
	} else if (y->status / 100 == 3)
		(void)snprintf(y->why, sizeof(y->why),
		    "HTTP %ld, redirects are refused", y->status);
	else if (y->status != 200)
		(void)snprintf(y->why, sizeof(y->why), "HTTP %ld", y->status);
	else if (y->body.len == 0) {
		rc = ATLS_E_TRUNC;
		(void)snprintf(y->why, sizeof(y->why), "empty answer");
	} else
		rc = ATLS_OK;
	return rc;
}

enum atls_rc
http_get(const struct http_conf *conf, const char *url,
    const char *const chain[2], int64_t now, struct http_reply *y)
{
	struct taking t = { .reply = y, .chain = chain, .now = now };
	char text[CURL_ERROR_SIZE] = "";
	CURLcode r;
	CURL *h;
	enum atls_rc rc;

	*y = (struct http_reply){ .retry_after = -1 };
	(void)pthread_once(&once, begin);
	h = begun == CURLE_OK ? curl_easy_init() : NULL;
	if (h == NULL || !set_up(h, conf, url, &t, text)) {
		if (h != NULL)
			curl_easy_cleanup(h);
		(void)snprintf(y->why, sizeof(y->why), "no memory");
		return ATLS_E_MEM;
	}
	r = curl_easy_perform(h);
	(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &y->status);
	curl_easy_cleanup(h);
	rc = judge(y, r, &t, text);
	if (rc != ATLS_OK) {
		free(y->body.p);
		y->body = (struct atls_buf){ NULL, 0, 0 };
	}
	return rc;
}

void
http_reply_free(struct http_reply *y)
{
	free(y->body.p);
	free(y->chain.p);
	*y = (struct http_reply){ .retry_after = -1 };
}
