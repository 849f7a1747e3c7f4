/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "os.h"

static const struct att_key *
key_named(const struct att_key *keys, size_t nkeys, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < nkeys; i++)
		if (strlen(keys[i].name) == len &&
		    strncmp(keys[i].name, s, len) == 0)
			return &keys[i];
	return NULL;
}

enum atls_rc
att_conf(const char *text, const struct att_key *keys, size_t nkeys,
    const char *where, struct atls_err *err)
{
	const char *s = text, *value;
	const struct att_key *k;
	size_t i, len;

	for (i = 0; i < nkeys; i++)
		keys[i].value[0] = '\0';
	if (s == NULL || *s == '\0')
		return ATLS_OK;
	for (;; s = value + len + 1) {
		value = s + strcspn(s, "=,");
		if (*value != '=')
			return fail_set(err, ATLS_E_CONF, where,
			    "'%.40s', wanted is key=value", s);
		k = key_named(keys, nkeys, s, (size_t)(value - s));
		if (k == NULL)
			return fail_set(err, ATLS_E_CONF, where,
			    "no key '%.*s'", (int)(value - s < 40 ?
			    value - s : 40), s);
		len = strcspn(++value, ",");
		if (k->value[0] != '\0' || len == 0 || len >= k->cap)
			return fail_set(err, ATLS_E_CONF, where,
			    "%s=: twice, empty, or over %zu octets", k->name,
			    k->cap - 1);
		memcpy(k->value, value, len);
		k->value[len] = '\0';
		if (value[len] == '\0')
			return ATLS_OK;
	}
}
