/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

int
complain(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("atls: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

int
complain_err(int status, const char *what, const struct atls_err *e)
{
	return complain(status, "%s: %s %s, offset %zu: %s", what,
	    atls_rc_name(e->rc), e->where == NULL ? "-" : e->where, e->offset,
	    e->detail);
}

int
status_of_file(enum atls_rc rc)
{
	switch (atls_rc_class(rc)) {
	case ATLS_CLASS_OK:
		return EX_ACCEPTED;
	case ATLS_CLASS_CALLER:
		return rc == ATLS_E_CONF ? EX_MALFORMED : EX_USAGE_ERROR;
	case ATLS_CLASS_HOST:
		return EX_TROUBLE;
	case ATLS_CLASS_BYTES:
		return EX_MALFORMED;
	case ATLS_CLASS_CRYPTO:
	case ATLS_CLASS_APPRAISAL:
	case ATLS_CLASS_PROTOCOL:
		break;
	}
	return EX_REJECTED;
}

/* Whatever a peer sends, and we do not like, is a rejection. */
int
status_of_peer(enum atls_rc rc)
{
	int status = status_of_file(rc);

	return status == EX_MALFORMED && rc != ATLS_E_CONF ? EX_REJECTED :
	    status;
}

int
file_read(const char *path, struct atls_buf *out)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	uint8_t *p;
	size_t n;

	*out = (struct atls_buf){ NULL, 0, 0 };
	if (f == NULL)
		return -1;
	do {
		if (out->cap - out->len < 2) {
			out->cap = out->cap == 0 ? 4096 : 2 * out->cap;
			if (out->cap > FILE_MAX) {
				errno = EFBIG;
				goto fail;
			}
			if ((p = realloc(out->p, out->cap)) == NULL)
				goto fail;
			out->p = p;
		}
		n = fread(out->p + out->len, 1, out->cap - out->len - 1, f);
		out->len += n;
	} while (n > 0);
	if (ferror(f))
		goto fail;
	out->p[out->len] = '\0';
	if (f != stdin)
		fclose(f);
	return 0;
fail:
	if (f != stdin)
		fclose(f);
	free(out->p);
	*out = (struct atls_buf){ NULL, 0, 0 };
	return -1;
}

struct atls_bytes
buf_view(const struct atls_buf *b)
{
	return (struct atls_bytes){ b->p, b->len };
}

int64_t
parse_duration(const char *s)
{
	static const char unit[] = "smhd";
	static const int64_t seconds[] = { 1, 60, 3600, 86400 };
	const char *u;
	char *end;
	long v;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	v = strtol(s, &end, 10);
	if (errno != 0 || v > 36500)
		return -1;
	if (*end == '\0')
		return v;
	if ((u = strchr(unit, *end)) == NULL || end[1] != '\0')
		return -1;
	return v * seconds[u - unit];
}

int64_t
parse_time(const char *s)
{
	struct tm tm = { 0 };
	char *end;
	long long v;
	int n = 0;

	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno == 0 && end != s && *end == '\0' && v > 0)
		return (int64_t)v;
	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &tm.tm_year, &tm.tm_mon,
	    &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 6 ||
	    n != 20 || s[n] != '\0')
		return -1;
	/* days since 1970 by the civil calendar; timegm(3) is not POSIX */
	tm.tm_mon -= 1;
	if (tm.tm_year < 1970 || tm.tm_mon < 0 || tm.tm_mon > 11 ||
	    tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour < 0 ||
	    tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
	    tm.tm_sec < 0 || tm.tm_sec > 60)
		return -1;
	v = tm.tm_mon < 2 ? tm.tm_year - 1 : tm.tm_year;
	v = 365 * v + v / 4 - v / 100 + v / 400 +
	    (153 * ((tm.tm_mon + 10) % 12) + 2) / 5 + tm.tm_mday - 1 - 719468;
	return (int64_t)(v * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 +
	    tm.tm_sec);
}

static int
nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
parse_hex(const char *s, uint8_t *out, size_t cap, size_t *len)
{
	size_t n = strlen(s), i;

	*len = 0;
	if (n == 0 || n % 2 != 0 || n / 2 > cap)
		return 0;
	for (i = 0; i < n; i += 2) {
		if (nibble(s[i]) < 0 || nibble(s[i + 1]) < 0)
			return 0;
		out[i / 2] = (uint8_t)(nibble(s[i]) * 16 + nibble(s[i + 1]));
	}
	*len = n / 2;
	return 1;
}

int
parse_binder(const char *s, uint8_t out[64], size_t *len)
{
	if (parse_hex(s, out, 64, len) && (*len == 32 || *len == 48))
		return -1;
	return complain(EX_USAGE_ERROR, "--binder: 32 or 48 octets of hex");
}

int
parse_profile(const char *s, enum atls_profile *out)
{
	static const struct {
		const char		*name;
		enum atls_profile	 profile;
	} names[] = {
		{ "expat-rd-1", ATLS_PROFILE_EXPAT_1 },
		{ "expat-rd-2", ATLS_PROFILE_EXPAT_2 },
		{ "cocos", ATLS_PROFILE_COCOS },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(s, names[i].name) == 0) {
			*out = names[i].profile;
			return 1;
		}
	return 0;
}
