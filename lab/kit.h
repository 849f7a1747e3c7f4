/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KIT_H
#define KIT_H

#include <pthread.h>

#include <atls/atls.h>
#include <atls/openssl.h>
#include <atls/sim.h>

/*
 * The attack laboratory: a victim, a genuine server and an attacker over
 * loopback sockets.  Uses the public interface of the library, and OpenSSL
 * where the attacker must do what no library of ours does.
 */
#define LAB_NAME	"server.example"	/* whom the client wants */
#define LAB_OTHER	"other.example"		/* a tenant beside it */
#define LAB_SECRET	"the launch code is 00000000"
#define LAB_TEXT	160			/* octets of a line of a story */
#define LAB_EVENTS	48			/* lines of a story */
#define LAB_PEM		16384			/* octets of a chain as text */
#define LAB_EVIDENCE	65536
#define LAB_NITEMS(a)	(sizeof(a) / sizeof((a)[0]))

/* Machines of the world, by number of the simulator. */
enum lab_machine {
	LAB_GENUINE,		/* the server's own */
	LAB_FLEET,		/* of the same operator, another service */
	LAB_FOREIGN,		/* genuine, the attacker's own */
	LAB_LEAKED,		/* whose attestation key leaked */
	LAB_NMACHINES,
};

/* What a policy adds to evidence alone. */
enum lab_measure {
	LAB_BARE,		/* attestation is all there is */
	LAB_PKI,		/* a CA's word for the name */
	LAB_SPKI,		/* one key in handshake and authenticator */
	LAB_PIN,		/* the operator's machines, in the policy */
	LAB_ENROL,		/* this key is of this machine, in a record */
	LAB_ALL,
	LAB_NMEASURES,
};

/* Checks that the laboratory's own client can leave out. */
enum lab_leave {
	LAB_LEAVE_BINDER = 1,	/* report data is not compared */
	LAB_LEAVE_KEY = 2,	/* nor the key a part of it */
	LAB_LEAVE_LABEL = 4,	/* the peer names the label */
	LAB_LEAVE_CONTEXT = 8,	/* the same context each time */
	LAB_LEAVE_EA = 16,	/* CertificateVerify and Finished */
	LAB_LEAVE_REQUIRED = 32, /* no evidence will do */
	LAB_LEAVE_OWN = 64,	/* our own key, and no direction */
	LAB_LEAVE_TAIL = 128,	/* 16 octets are compared */
	LAB_LEAVE_EMPTY = 256,	/* zeros are "no report data" */
	LAB_LEAVE_PADDING = 512, /* what is behind the binder */
	LAB_LEAVE_ENVELOPE = 1024, /* the binder beside the evidence counts */
	LAB_LEAVE_GATE = 2048,	/* data before the verdict */
	LAB_LEAVE_RESUMED = 4096, /* a resumed session is a session */
	LAB_LEAVE_POLICY = 8192, /* "peer optional", in the product */
	LAB_LEAVE_FRESH = 16384, /* a request's context is new */
	LAB_LEAVE_EARLY = 32768, /* data waits for the handshake */
	LAB_LEAVE_FAMILY = 65536, /* evidence in the certificate will do */
	LAB_LEAVE_SIGNATURE = 131072, /* CertificateVerify of TLS */
};

enum lab_family { LAB_POST, LAB_PRE, LAB_INTRA, LAB_TLS_A, LAB_NFAMILIES };

enum lab_who { LAB_CLIENT, LAB_ATTACKER, LAB_SERVER, LAB_NWHO };

struct lab_event {
	enum lab_who	from, to;	/* the same: it does something */
	char		text[LAB_TEXT];
};

/* A key with its certificate. */
struct lab_key {
	char			 chain[LAB_PEM], key[1024];	/* PEM */
	struct atls_identity	*id;
	uint8_t			 spki[256];
	size_t			 spkilen;
};

struct lab_run;

/* What an attacker's attester does with what it is asked to quote. */
typedef enum atls_rc lab_quote(struct lab_run *, struct atls_bytes rd,
    struct atls_buf *out, struct atls_err *);

enum lab_power {
	LAB_NETWORK = 1, LAB_RECORDED = 2, LAB_TLS_KEY = 4, LAB_AK = 8,
	LAB_OWN_MACHINE = 16, LAB_HOST = 32, LAB_ORACLE = 64,
	LAB_TICKET_KEY = 128,
};

struct lab_attack {
	const char	*name, *cause;
	const char	*plan;		/* what he does, or has */
	unsigned	 powers;
	const char	*published;	/* a letter for each family: table.c */
	const char	*na[LAB_NFAMILIES]; /* why it cannot be; or NULL */
	unsigned	 leave[LAB_NFAMILIES]; /* what is left out; 0: no check
					 * of ours is in question */
	const char	*without;	/* what that is, in words */
	enum atls_kind	 kind;		/* NONE: the laboratory's */
	void		(*play)(struct lab_run *);	/* the attacker */
	void		(*victim)(struct lab_run *);	/* NULL: one client */
	lab_quote	*quote;		/* of his attester, if he has one */
};

extern const struct lab_attack	lab_attacks[];
extern const size_t		lab_nattacks;

enum lab_verdict { LAB_NA, LAB_REFUSED, LAB_WINS, LAB_TROUBLE };

/* One attack played once. */
struct lab_run {
	const struct lab_attack	*attack;
	enum lab_family		 family;
	enum lab_measure	 measure;
	unsigned		 leave;
	enum atls_kind		 kind;

	enum lab_verdict	 verdict;	/* what came of it */
	char			 where[64];	/* "tdx.report_data" */
	enum atls_rc		 rc;
	char			 detail[128];	/* of the refusal; why not */
	char			 loot[96];	/* what the attacker printed */

	pthread_mutex_t		 lock;
	pthread_cond_t		 moved;
	int			 listener, port;
	int			 server, server_port;	/* the genuine one's */
	bool			 sent;		/* the victim sent it */
	bool			 ready;		/* the attacker waits for him */
	unsigned		 serves;	/* connections of the server */
	lab_quote		*quotes;	/* its attester */
	pthread_t		 server_thread;
	uint8_t			 record[LAB_EVIDENCE]; /* of the attacker */
	size_t			 recordlen;
	uint8_t			 note[2][256];	/* the same */
	size_t			 notelen[2];
	unsigned		 n;
	struct lab_event	 event[LAB_EVENTS];
	size_t			 nevent;
};

/* world.c: what all runs share, made once.  False, with why. */
bool		 lab_world_open(enum atls_kind, const char *const tpm[],
		    char why[LAB_TEXT]);
void		 lab_world_close(void);
enum atls_kind	 lab_kind(void);
struct atls_trust *lab_trust(void);
struct atls_collateral *lab_collateral(enum atls_kind);
enum atls_rc	 lab_machine_quote(enum atls_kind, enum lab_machine,
		    struct atls_bytes rd, struct atls_buf *,
		    struct atls_err *);
struct atls_policy *lab_policy(const struct lab_run *, bool optional);
bool		 lab_enrolled(const char *instance, struct atls_bytes spki);

/* Keys: of the server; of the attacker, with no CA's word; of the tenant
 * beside; of the attacker with a certificate of the server's name; of the
 * attacker again.  In pre there is evidence in them, of the genuine, the
 * foreign, the fleet's, the genuine and the leaked machine. */
enum lab_whose { LAB_K_SERVER, LAB_K_ATTACKER, LAB_K_TENANT, LAB_K_STOLEN_NAME,
    LAB_K_LEAKED, LAB_K_EAR, LAB_NKEYS };
const struct lab_key *lab_key(enum lab_family, enum lab_whose);

/* tpm.c: real machines in place of simulated ones, by enum lab_machine. */
#define LAB_NTPMS	3
bool		 lab_tpm_open(const char *const where[LAB_NTPMS],
		    char why[LAB_TEXT]);
void		 lab_tpm_close(void);
enum atls_rc	 lab_tpm_quote(enum lab_machine, struct atls_bytes rd,
		    struct atls_buf *, struct atls_err *);
size_t		 lab_tpm_digest(struct atls_bytes rd);
bool		 lab_tpm_key(struct lab_key *, enum lab_machine,
		    const char *name, bool by_ca);
enum atls_rc	 lab_tpm_policy(struct atls_buf *);	/* no AK in it */
void		 lab_tpm_instance(enum lab_machine,
		    char out[ATLS_INSTANCE_MAX]);
/* Why an attack cannot be on such machines, or NULL. */
const char	*lab_tpm_na(const struct lab_attack *, enum lab_family);

/* keys.c */
bool		 lab_pki_open(void);
void		 lab_pki_close(void);
struct atls_bytes lab_ca_pem(void), lab_ca_key_pem(void);
bool		 lab_key_new(struct lab_key *, const char *name, bool by_ca);
/* The evidence of one certificate in a certificate for another key. */
bool		 lab_key_graft(struct lab_key *, const struct lab_key *of,
		    const char *name);
bool		 lab_key_read(struct lab_key *);	/* from its text */
bool		 lab_key_known(struct lab_key *); /* id is there: the rest */
/* A certificate for a public key, EVP_PKEY. */
struct evp_pkey_st;
bool		 lab_certify(char chain[LAB_PEM], struct evp_pkey_st *,
		    const char *name, bool by_ca);
void		 lab_key_free(struct lab_key *);

/* net.c */
int		 lab_bind(int *port);
int		 lab_dial(int port);
int		 lab_answer(int listener);		/* accept, or -1 */
void		 lab_hang_up(int fd);

/* story.c: what happened.  Threads may call it. */
void		 lab_tell(struct lab_run *, enum lab_who from, enum lab_who to,
		    const char *fmt, ...)
		    __attribute__((format(printf, 4, 5)));
void		 lab_refused(struct lab_run *, const struct atls_err *);
void		 lab_loot(struct lab_run *, const void *, size_t);
void		 lab_failed(struct lab_run *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* ends.c: endpoints of the product */
struct lab_end {
	struct atls_config	*config;
	void			*ctx, *tls;
	struct atls_conn	*conn;
	struct atls_err		 err;
	int			 fd;
};

enum atls_rc	 lab_genuine_quote(struct lab_run *, struct atls_bytes,
		    struct atls_buf *, struct atls_err *);
/* The handshake of a client; then attestation: 1, or the reason in err. */
bool		 lab_shake(struct lab_run *, struct lab_end *, int port);
bool		 lab_attest(struct lab_run *, struct lab_end *);
void		 lab_end_close(struct lab_end *);
struct atls_bytes lab_peer_key(const struct lab_end *);
struct atls_config *lab_config(struct lab_run *, enum atls_role,
		    const struct lab_key *attests, bool relies);
bool		 lab_ctx(struct lab_run *, struct atls_config *,
		    enum atls_role, const struct lab_key *, void **ctx);
bool		 lab_handshake(void *tls, struct atls_err *);
void		 lab_client(struct lab_run *);	/* the victim */
void		 lab_client_of(struct lab_run *, const struct lab_key *own);
void		 lab_speak(struct lab_run *, struct lab_end *);
bool		 lab_has_pki(const struct lab_run *);
/* Serves one connection as the product does, and says what came. */
void		 lab_impostor(struct lab_run *, int fd,
		    const struct lab_key *, lab_quote *);
enum atls_rc	 lab_quote_oracle(struct lab_run *, struct atls_bytes,
		    struct atls_buf *, struct atls_err *);

/* The genuine server, in a thread: n connections, then lab_server_stop(). */
bool		 lab_server_start(struct lab_run *, unsigned n);
bool		 lab_server_start_as(struct lab_run *, unsigned n,
		    lab_quote *);	/* its host looks on */
void		 lab_server_stop(struct lab_run *);

/* weak.c: a client of the laboratory's own that leaves checks out. */
void		 lab_weak_client(struct lab_run *);

/* play.c */
void		 lab_victim_one(struct lab_run *);	/* as is left out */
void		 lab_ready(struct lab_run *);	/* let the victim come */
void		 lab_play(struct lab_run *, const struct lab_attack *,
		    enum lab_family, enum lab_measure, unsigned leave);
const char	*lab_family_name(enum lab_family);
const char	*lab_measure_name(enum lab_measure);
bool		 lab_family_works(enum lab_family);

#endif
