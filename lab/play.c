/* SPDX-License-Identifier: Apache-2.0 */
/* One attack, played once: victim and attacker in a thread each. */
#include <stdio.h>
#include <string.h>

#include "kit.h"

/* These are left out in the product itself, by its own options. */
#define OF_PRODUCT	LAB_LEAVE_POLICY

static const struct {
	const char		*name;
	enum atls_family	 family;
} families[LAB_NFAMILIES] = {
	[LAB_POST] = { "post", ATLS_FAMILY_POST },
	[LAB_PRE] = { "pre", ATLS_FAMILY_PRE },
	[LAB_INTRA] = { "intra", ATLS_FAMILY_INTRA },
	[LAB_TLS_A] = { "tls-a", ATLS_FAMILY_INSECURE_TLS_A },
};

const char *
lab_family_name(enum lab_family f)
{
	return families[f].name;
}

bool
lab_family_works(enum lab_family f)
{
	return f == LAB_POST || f == LAB_PRE ||
	    atls_backend_openssl.wanted != NULL;
}

const char *
lab_measure_name(enum lab_measure m)
{
	static const char *const names[LAB_NMEASURES] = {
		[LAB_BARE] = "bare", [LAB_PKI] = "name",
		[LAB_SPKI] = "one-key", [LAB_PIN] = "pin",
		[LAB_ENROL] = "enrolment", [LAB_ALL] = "all",
	};

	return names[m];
}

void
lab_ready(struct lab_run *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->ready = true;
	(void)pthread_cond_broadcast(&r->moved);
	(void)pthread_mutex_unlock(&r->lock);
}

static void *
attacker_main(void *arg)
{
	struct lab_run *r = arg;

	r->attack->play(r);
	lab_ready(r);
	lab_server_stop(r);
	return NULL;
}

void
lab_victim_one(struct lab_run *r)
{
	if ((r->leave & ~(unsigned)OF_PRODUCT) != 0)
		lab_weak_client(r);
	else
		lab_client(r);
}

static void
victim(struct lab_run *r)
{
	if (r->attack->victim != NULL)
		r->attack->victim(r);
	else
		lab_victim_one(r);
}

/* The attacker wins if he has what the victim sent, and not otherwise. */
static void
conclude(struct lab_run *r)
{
	if (r->verdict == LAB_TROUBLE)
		return;
	if (r->sent && strcmp(r->loot, LAB_SECRET) == 0)
		r->verdict = LAB_WINS;
	else if (r->rc != ATLS_OK && !r->sent && r->loot[0] == '\0')
		r->verdict = LAB_REFUSED;
	else
		lab_failed(r, "%s, and the attacker has '%s'", r->sent ?
		    "the secret was sent" : "no reason was given", r->loot);
}

static void
last_words(struct lab_run *r)
{
	if (r->verdict == LAB_REFUSED)
		lab_tell(r, LAB_CLIENT, LAB_CLIENT, "refuses: %s %s: %s",
		    atls_rc_name(r->rc), r->where, r->detail);
	else if (r->verdict == LAB_WINS)
		lab_tell(r, LAB_ATTACKER, LAB_ATTACKER, "prints: %s",
		    r->loot);
}

void
lab_play(struct lab_run *r, const struct lab_attack *a, enum lab_family f,
    enum lab_measure m, unsigned leave)
{
	pthread_t attacker;
	const char *na;

	memset(r, 0, sizeof(*r));
	r->attack = a;
	r->family = f;
	r->measure = m;
	r->leave = leave;
	r->kind = a->kind == ATLS_KIND_NONE ? lab_kind() : a->kind;
	r->server = -1;
	na = lab_kind() == ATLS_KIND_TPM ? lab_tpm_na(a, f) : a->na[f];
	if (na != NULL) {
		(void)snprintf(r->detail, sizeof(r->detail), "%s", na);
		return;
	}
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->moved, NULL);
	r->listener = lab_bind(&r->port);
	if (r->listener == -1 || pthread_create(&attacker, NULL,
	    attacker_main, r) != 0) {
		lab_failed(r, "no socket, or no thread");
	} else {
		(void)pthread_mutex_lock(&r->lock);
		while (!r->ready)
			(void)pthread_cond_wait(&r->moved, &r->lock);
		(void)pthread_mutex_unlock(&r->lock);
		victim(r);
		(void)pthread_join(attacker, NULL);
	}
	lab_hang_up(r->listener);
	conclude(r);
	last_words(r);
	(void)pthread_cond_destroy(&r->moved);
	(void)pthread_mutex_destroy(&r->lock);
}
