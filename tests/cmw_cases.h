/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMW_CASES_H
#define CMW_CASES_H

#include <atls/cmw.h>

/*
 * Messages for t_cmw.  An input that begins with '[' or '{' is JSON, others
 * are hex.  What a good one says: for each record its form (C, J, T), type or
 * #format, value, ind, label, depth; then the type of the collection.  Keys
 * and types of inner collections are not told, nor white space, nor in which
 * of two ways a tag was numbered: idle counts the bits of those that can be
 * flipped.
 */
#define RIM	"746170706c69636174696f6e2f72696d2b636f7365"	/* text */
#define XA	"63612f62"		/* "a/b" */

static const struct {
	const char	*what, *in, *says;
	unsigned	 idle;	/* bits that change nothing of that */
} good[] = {
	{ "RFC 9999, record", "8219fde7442347da55",
	    "C #64999 2347da55 0 - 0;", 0 },
	{ "RFC 9999, tag", "da6374ffe6442347da55",
	    "T #64999 2347da55 0 - 0;", 0 },
	{ "RFC 9999, record with ind",
	    "83" RIM "4ad28440a044d901f5a04003",
	    "C application/rim+cose d28440a044d901f5a040 3 - 0;", 0 },
	{ "RFC 9999, JSON record",
	    "[\"application/vnd.example.rats-conceptual-msg\",\"I0faVQ\"]",
	    "J application/vnd.example.rats-conceptual-msg 2347da55 0 - 0;",
	    0 },
	{ "RFC 9999, JSON collection", "{\"__cmwc_t\":\"tag:example.com,"
	    "2024:another-composite-attester\",\"attester A\":"
	    "[\"application/eat-ucs+json\",\"e30K\",4],\"attester B\":"
	    "[\"application/eat-ucs+cbor\",\"oA\",4]}",
	    "J application/eat-ucs+json 7b7d0a 4 attester A 1;"
	    "J application/eat-ucs+cbor a0 4 attester B 1;"
	    "tag:example.com,2024:another-composite-attester", 0 },
	{ "format 0", "820040", "C #0  0 - 0;", 0 },
	{ "format 65535", "8219ffff4101", "C #65535 01 0 - 0;", 0 },
	{ "ind 1", "8300410101", "C #0 01 1 - 0;", 0 },
	{ "ind 31", "83004101181f", "C #0 01 31 - 0;", 0 },
	{ "no end, two", "9f004101ff", "C #0 01 0 - 0;", 0 },
	{ "no end, three", "9f00410104ff", "C #0 01 4 - 0;", 0 },
	{ "first tag", "da637401014101", "T #0 01 0 - 0;", 0 },
	{ "tag, octet ff", "da637401ff4101", "T #254 01 0 - 0;", 0 },
	{ "tag, next octet", "da637402014101", "T #255 01 0 - 0;", 0 },
	{ "last tag", "da6374ffff4101", "T #65024 01 0 - 0;", 0 },
	{ "cmw+cbor", "da6374021343820040", "T #273 820040 0 - 0;", 0 },
	{ "cmw+json by TN()", "da63740214417b", "T #274 7b 0 - 0;", 1 },
	{ "cmw+json by table", "da63740215415b", "T #274 5b 0 - 0;", 1 },
	{ "cmw+cose by TN()", "da637402154184", "T #275 84 0 - 0;", 1 },
	{ "cmw+cose by table", "da6374021441d2", "T #275 d2 0 - 0;", 1 },
	{ "cmw+jws", "da637402164165", "T #276 65 0 - 0;", 0 },
	{ "274 in a record", "821901124101", "C #274 01 0 - 0;", 0 },
	{ "keys", "a4" "0182004120" "2082004121" "0a82004122" "616182004123",
	    "C #0 20 0 01 1;C #0 21 0 20 1;C #0 22 0 0a 1;C #0 23 0 6161 1;",
	    0 },
	{ "no end, map", "bf01820041aaff", "C #0 aa 0 01 1;", 0 },
	{ "type last", "a20182004101685f5f636d77635f7463312e32",
	    "C #0 01 0 01 1;1.2", 0 },
	{ "type is a lone arc", "a2685f5f636d77635f7461320182004101",
	    "C #0 01 0 01 1;2", 0 },
	{ "type is a URI", "a2685f5f636d77635f7465783a2534310182004101",
	    "C #0 01 0 01 1;x:%41", 0 },
	{ "four deep", "a101a101a101a10182004101", "C #0 01 0 01 4;", 18 },
	{ "inner type", "a101a2685f5f636d77635f7463312e300182004101",
	    "C #0 01 0 01 2;", 11 },
	{ "tag inside", "a101da637401014101", "T #0 01 0 01 1;", 0 },
	{ "JSON, spaces", "[ \"a/b\" ,\t\"AQ\"\r\n, 31 ]",
	    "J a/b 01 31 - 0;", 2 },
	{ "JSON, escaped type", "[\"a\\/b;c=\\\"\\\\\\\\\\\"\",\"AQ\"]",
	    "J a\\/b;c=\\\"\\\\\\\\\\\" 01 0 - 0;", 0 },
	{ "JSON, deep", "{\"a\":{\"b\":{\"c\":{\"d\":[\"a/b\",\"AQ\"]}}}}",
	    "J a/b 01 0 d 4;", 20 },
	{ "JSON, escaped key", "{\"\\u005f_cmwc_t\":\"1.0.10\","
	    "\"\":[\"a/b\",\"AQ\"]}", "J a/b 01 0 - 1;1.0.10", 1 },
	{ "JSON, other key", "{\"__cmwc_T\":[\"a/b\",\"AQ\"]}",
	    "J a/b 01 0 __cmwc_T 1;", 0 },
};

static const struct {
	const char	*what, *in;
	enum atls_rc	 rc;
} bad[] = {
	/* RFC 9999, 3.4: the first octet */
	{ "nothing", "", ATLS_E_TRUNC },
	{ "uint", "00", ATLS_E_FORMAT },
	{ "bstr", "4101", ATLS_E_FORMAT },
	{ "array of one", "8100", ATLS_E_FORMAT },
	{ "array of four", "8400410101" "01", ATLS_E_FORMAT },
	{ "array head too long", "98020040", ATLS_E_FORMAT },
	{ "short tag", "d24101", ATLS_E_FORMAT },
	{ "tag of eight octets", "db00000000637401014101", ATLS_E_FORMAT },
	{ "map head bc", "bc", ATLS_E_FORMAT },
	{ "simple", "f6", ATLS_E_FORMAT },
	{ "space before JSON", "205b22612f62222c224151225d", ATLS_E_FORMAT },
	{ "byte order mark", "efbbbf5b22612f62222c224151225d", ATLS_E_FORMAT },
	{ "JSON string", "22612f6222", ATLS_E_FORMAT },
	/* RFC 9999, 3.1: records */
	{ "octet behind", "82004000", ATLS_E_TRAIL },
	{ "record and record", "820040820040", ATLS_E_TRAIL },
	{ "no end, one", "9f00ff", ATLS_E_FORMAT },
	{ "no end, none", "9fff", ATLS_E_FORMAT },
	{ "no end, four", "9f0041010101ff", ATLS_E_FORMAT },
	{ "no end, no break", "9f004101", ATLS_E_TRUNC },
	{ "format 65536", "821a0001000040", ATLS_E_FORMAT },
	{ "format 2^32", "821b000000010000000040", ATLS_E_FORMAT },
	{ "format not shortest", "82180040", ATLS_E_FORMAT },
	{ "format negative", "822040", ATLS_E_FORMAT },
	{ "format a float", "82f9000040", ATLS_E_FORMAT },
	{ "type a bstr", "8243612f6240", ATLS_E_FORMAT },
	{ "type in chunks", "827f" XA "ff40", ATLS_E_FORMAT },
	{ "type not UTF-8", "8263612fff40", ATLS_E_FORMAT },
	{ "type empty", "826040", ATLS_E_FORMAT },
	{ "type not a media type", "8264" "6170706c" "40", ATLS_E_FORMAT },
	{ "value text", "82006101", ATLS_E_FORMAT },
	{ "value a number", "820001", ATLS_E_FORMAT },
	{ "value in chunks", "82005f4101ff", ATLS_E_FORMAT },
	{ "value short", "82004201", ATLS_E_TRUNC },
	{ "value tagged", "8200d8184101", ATLS_E_FORMAT },
	{ "ind 0", "8300410100", ATLS_E_FORMAT },
	{ "ind 32", "830041011820", ATLS_E_FORMAT },
	{ "ind 2^32+4", "830041011b0000000100000004", ATLS_E_FORMAT },
	{ "ind not shortest", "830041011804", ATLS_E_FORMAT },
	{ "ind negative", "8300410120", ATLS_E_FORMAT },
	{ "ind a float", "83004101f94400", ATLS_E_FORMAT },
	{ "ind null", "83004101f6", ATLS_E_FORMAT },
	{ "ind a bstr", "830041014104", ATLS_E_FORMAT },
	/* RFC 9277, appendix B: tags */
	{ "tag below", "da637401004101", ATLS_E_UNKNOWN },
	{ "tag before", "da637400ff4101", ATLS_E_UNKNOWN },
	{ "tag above", "da637500014101", ATLS_E_UNKNOWN },
	{ "tag 0 octet", "da637402004101", ATLS_E_UNKNOWN },
	{ "last 0 octet", "da6374ff004101", ATLS_E_UNKNOWN },
	{ "tag not shortest", "da000000184101", ATLS_E_FORMAT },
	{ "tag of text", "da6374010163612f62", ATLS_E_FORMAT },
	{ "tag of a record", "da63740101820040", ATLS_E_FORMAT },
	{ "tag of a tag", "da63740101da637401014101", ATLS_E_FORMAT },
	{ "tag of nothing", "da63740101", ATLS_E_TRUNC },
	{ "neither JSON nor COSE", "da637402144182", ATLS_E_FORMAT },
	{ "neither, other tag", "da6374021540", ATLS_E_FORMAT },
	{ "EAT tag inside", "a101d9025a4101", ATLS_E_UNKNOWN },
	/* RFC 9999, 3.3: collections */
	{ "empty map", "a0", ATLS_E_FORMAT },
	{ "empty, no end", "bfff", ATLS_E_FORMAT },
	{ "type only", "a1685f5f636d77635f7463312e32", ATLS_E_FORMAT },
	{ "inner type only", "a201a1018200410102a1685f5f636d77635f7463312e30",
	    ATLS_E_FORMAT },
	{ "inner one empty", "a2018200400" "2a0", ATLS_E_FORMAT },
	{ "inner array, no end", "a1019f0040ff", ATLS_E_FORMAT },
	{ "inner map, no end", "a101bf01820040ff", ATLS_E_FORMAT },
	{ "same number", "a20182004001820040", ATLS_E_FORMAT },
	{ "same text", "a2616182004061618200" "40", ATLS_E_FORMAT },
	{ "same number inside", "a101a20182004001820040", ATLS_E_FORMAT },
	{ "two types", "a3685f5f636d77635f7463312e32685f5f636d77635f7463312e"
	    "3201820040", ATLS_E_FORMAT },
	{ "key a bstr", "a14101820040", ATLS_E_FORMAT },
	{ "key a bool", "a1f5820040", ATLS_E_FORMAT },
	{ "key not shortest", "a11801820040", ATLS_E_FORMAT },
	{ "key not UTF-8", "a161ff820040", ATLS_E_FORMAT },
	{ "value a number", "a10100", ATLS_E_FORMAT },
	{ "value text", "a10161" "61", ATLS_E_FORMAT },
	{ "no value", "a101", ATLS_E_TRUNC },
	{ "entry of one", "a1018100", ATLS_E_FORMAT },
	{ "five deep", "a101a101a101a101a10182004101", ATLS_E_LIMIT },
	{ "type holds a record", "a2685f5f636d77635f748200400182" "0040",
	    ATLS_E_FORMAT },
	{ "type a bstr", "a2685f5f636d77635f7443312e3201820040",
	    ATLS_E_FORMAT },
	{ "map not shortest", "b80101820040", ATLS_E_FORMAT },
	{ "map behind", "a101820040a0", ATLS_E_TRAIL },
	/* JSON */
	{ "J: one", "[\"a/b\"]", ATLS_E_FORMAT },
	{ "J: none", "[]", ATLS_E_FORMAT },
	{ "J: four", "[\"a/b\",\"AQ\",4,4]", ATLS_E_FORMAT },
	{ "J: comma", "[\"a/b\",\"AQ\",]", ATLS_E_FORMAT },
	{ "J: format", "[60,\"AQ\"]", ATLS_E_FORMAT },
	{ "J: type", "[\"ab\",\"AQ\"]", ATLS_E_FORMAT },
	{ "J: type, half pair", "[\"a/b\\ud800\",\"AQ\"]", ATLS_E_FORMAT },
	{ "J: type, NUL", "[\"a/b\\u0000\",\"AQ\"]", ATLS_E_FORMAT },
	{ "J: value empty", "[\"a/b\",\"\"]", ATLS_E_FORMAT },
	{ "J: value padded", "[\"a/b\",\"AQ==\"]", ATLS_E_FORMAT },
	{ "J: value, unused bits", "[\"a/b\",\"AR\"]", ATLS_E_FORMAT },
	{ "J: value of one", "[\"a/b\",\"A\"]", ATLS_E_FORMAT },
	{ "J: value, base64", "[\"a/b\",\"+/+/\"]", ATLS_E_FORMAT },
	{ "J: value escaped", "[\"a/b\",\"\\u0041Q\"]", ATLS_E_FORMAT },
	{ "J: value a number", "[\"a/b\",1]", ATLS_E_FORMAT },
	{ "J: value null", "[\"a/b\",null]", ATLS_E_FORMAT },
	{ "J: ind 0", "[\"a/b\",\"AQ\",0]", ATLS_E_FORMAT },
	{ "J: ind 32", "[\"a/b\",\"AQ\",32]", ATLS_E_FORMAT },
	{ "J: ind 2^32+4", "[\"a/b\",\"AQ\",4294967300]", ATLS_E_FORMAT },
	{ "J: ind 2^64", "[\"a/b\",\"AQ\",18446744073709551616]",
	    ATLS_E_LIMIT },
	{ "J: ind 04", "[\"a/b\",\"AQ\",04]", ATLS_E_FORMAT },
	{ "J: ind 4.0", "[\"a/b\",\"AQ\",4.0]", ATLS_E_FORMAT },
	{ "J: ind 4e0", "[\"a/b\",\"AQ\",4e0]", ATLS_E_FORMAT },
	{ "J: ind -4", "[\"a/b\",\"AQ\",-4]", ATLS_E_FORMAT },
	{ "J: ind text", "[\"a/b\",\"AQ\",\"4\"]", ATLS_E_FORMAT },
	{ "J: behind", "[\"a/b\",\"AQ\"]x", ATLS_E_TRAIL },
	{ "J: twice", "[\"a/b\",\"AQ\"] []", ATLS_E_TRAIL },
	{ "J: empty", "{}", ATLS_E_FORMAT },
	{ "J: type only", "{\"__cmwc_t\":\"1.2\"}", ATLS_E_FORMAT },
	{ "J: inner empty", "{\"a\":{}}", ATLS_E_FORMAT },
	{ "J: same", "{\"a\":[\"a/b\",\"AQ\"],\"a\":[\"a/b\",\"AQ\"]}",
	    ATLS_E_FORMAT },
	{ "J: same, escaped", "{\"a\":[\"a/b\",\"AQ\"],"
	    "\"\\u0061\":[\"a/b\",\"AQ\"]}", ATLS_E_FORMAT },
	{ "J: two types", "{\"__cmwc_t\":\"1.2\",\"\\u005f_cmwc_t\":\"1.2\","
	    "\"a\":[\"a/b\",\"AQ\"]}", ATLS_E_FORMAT },
	{ "J: type holds a record", "{\"__cmwc_t\":[\"a/b\",\"AQ\"],"
	    "\"a\":[\"a/b\",\"AQ\"]}", ATLS_E_FORMAT },
	{ "J: type escaped", "{\"__cmwc_t\":\"http:\\/\\/x\","
	    "\"a\":[\"a/b\",\"AQ\"]}", ATLS_E_FORMAT },
	{ "J: key a number", "{1:[\"a/b\",\"AQ\"]}", ATLS_E_FORMAT },
	{ "J: entry a number", "{\"a\":1}", ATLS_E_FORMAT },
	{ "J: no entry", "{\"a\":", ATLS_E_TRUNC },
	{ "J: five deep", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":"
	    "[\"a/b\",\"AQ\"]}}}}}", ATLS_E_LIMIT },
};

/* RFC 9999, 3.3: what "__cmwc_t" may be. */
static const struct {
	const char	*text;
	bool		 ok;
} types[] = {
	{ "tag:example.com,2024:x", true }, { "https://example.com/x?y", true },
	{ "urn:ietf:rfc:9999", true }, { "a+b-c.1:", true }, { "A:", true },
	{ "http://[::1]/%20", true }, { "x:-._~:/?[]@!$&'()*+,;=", true },
	{ "0", true }, { "2", true }, { "1.3.6.1.5.5.7.1.35", true },
	{ "2.999", true }, { "1.0.0", true }, { "2.16.840.10", true },
	{ "", false }, { ":", false }, { "1a:x", false }, { "+a:x", false },
	{ "example.com/x", false }, { "//example.com", false },
	{ "/x", false }, { "a_b:x", false }, { "http://x#y", false },
	{ "x:a b", false }, { "x:\"", false }, { "x:\\\\", false },
	{ "x:<y>", false }, { "x:{y}", false }, { "x:|", false },
	{ "x:^", false }, { "x:`", false },
	{ "x:%2", false }, { "x:%", false }, { "x:%g0", false },
	{ "x:%0g", false }, { "x:\xc3\xa9", false }, { "x:\x7f", false },
	{ "3", false }, { "3.1", false }, { "1.", false }, { ".1", false },
	{ "1..2", false }, { "1.02", false }, { "1.00", false },
	{ "12", false }, { "1.2.", false }, { "1.2 ", false },
	{ "1.a", false }, { "1,2", false }, { "-1.2", false },
};

#endif
