/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVE_JANSSON_H
#define PROVE_JANSSON_H

/* For the prover, in place of jansson's: names, so that files that use it can
 * be read.  Nothing is said of what it does. */
#include <stddef.h>

#define JSON_REJECT_DUPLICATES	1
#define JSON_ERROR_TEXT_LENGTH	160

typedef enum { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER, JSON_REAL,
    JSON_TRUE, JSON_FALSE, JSON_NULL } json_type;
typedef struct json_t { json_type type; size_t refcount; } json_t;
typedef long long json_int_t;
typedef struct {
	int	 line, column, position;
	char	 source[80];
	char	 text[JSON_ERROR_TEXT_LENGTH];
} json_error_t;
enum json_error_code { json_error_unknown, json_error_out_of_memory };

enum json_error_code json_error_code(const json_error_t *e);
json_t	*json_loadb(const char *text, size_t len, size_t flags,
	    json_error_t *e);
json_t	*json_object_get(const json_t *object, const char *key);
int	 json_is_object(const json_t *j);
int	 json_is_string(const json_t *j);
int	 json_is_integer(const json_t *j);
const char *json_string_value(const json_t *j);
size_t	 json_string_length(const json_t *j);
json_int_t json_integer_value(const json_t *j);
void	 json_decref(json_t *j);

#endif
