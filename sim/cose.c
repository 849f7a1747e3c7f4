/* SPDX-License-Identifier: Apache-2.0 */
#include "cose.h"

#include <string.h>

#include "sim.h"

void
sim_cose(struct put *w, const struct sim_cose *c, const struct put *payload)
{
	struct put head = { .p = NULL }, tbs = { .p = NULL };
	struct put sig = { .p = NULL };

	if (c->alg != 0) {
		put_cbor(&head, CBOR_MAJOR_MAP, 1);
		put_cbor_int(&head, 1);
		put_cbor_int(&head, c->alg);
	}
	put_cbor(&tbs, CBOR_MAJOR_ARRAY, 4);	/* RFC 9052, 4.4 */
	put_cbor_tstr(&tbs, "Signature1");
	put_cbor_bstr(&tbs, put_view(&head));
	put_cbor_bstr(&tbs, (struct atls_bytes){ NULL, 0 });
	put_cbor_bstr(&tbs, put_view(payload));
	sim_put_sign(&sig, &c->by, put_view(&tbs));
	if (c->fault == SIM_F_SIGNATURE)
		put_flip(&sig, 0);
	else if (c->fault == SIM_F_SIGNATURE_S)
		put_flip(&sig, sig.len - 1);
	else if (c->fault == SIM_F_SIGNATURE_ZERO)
		put_le_at(&sig, 0, 0, sig.len);
	put_fail(w, payload->rc);
	put_fail(w, head.rc);
	put_fail(w, tbs.rc);
	put_fail(w, sig.rc);
	if (c->tag)
		put_cbor(w, CBOR_MAJOR_TAG, 18);
	put_cbor(w, CBOR_MAJOR_ARRAY, 4);
	put_cbor_bstr(w, put_view(&head));
	put_cbor(w, CBOR_MAJOR_MAP, 0);
	put_cbor_bstr(w, put_view(payload));
	put_cbor_bstr(w, put_view(&sig));
	put_free(&head);
	put_free(&tbs);
	put_free(&sig);
}

void
sim_cose_key(struct put *w, const struct sim_key *k)
{
	uint8_t xy[2 * SIM_FIELD_MAX];
	size_t field = sim_key_field(k->alg);

	put_fail(w, sim_key_point(k, xy));
	put_cbor(w, CBOR_MAJOR_MAP, 4);
	put_cbor_int(w, 1);			/* kty: EC2 */
	put_cbor_int(w, 2);
	put_cbor_int(w, -1);			/* crv: P-384 */
	put_cbor_int(w, 2);
	put_cbor_int(w, -2);
	put_cbor_bstr(w, (struct atls_bytes){ xy, field });
	put_cbor_int(w, -3);
	put_cbor_bstr(w, (struct atls_bytes){ xy + field, field });
}
