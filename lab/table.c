/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attacks.  Published verdicts, for post, pre, intra, tls-a: y stopped by
 * the protocol, n open, P a duty of platform or policy, ? disputed, - nothing
 * was said.  For post: draft-fossati-seat-expat with a fixed label and one
 * key; pre: Interoperable RA-TLS; intra: draft-fossati-seat-early-attestation
 * from -04 on; tls-a: a nonce and the key, "Intra-handshake.fail", mechanism 6.
 */
#include "moves.h"

#define EVERY(x)	{ x, x, x, x }
#define BUT_PRE(x)	{ x, 0, x, x }
#define ONLY_POST(why)	{ NULL, why, why, why }
#define BINDER		LAB_LEAVE_BINDER

static const char one_round[] = "one round on a connection, no second";
static const char no_message[] = "there are no authenticators";
static const char one_key[] = "there is one certificate, and one key";
static const char no_label[] = "nothing in it is named by a peer";

const struct lab_attack lab_attacks[] = {
{ "replay", "nothing of this connection is in what was signed",
    "evidence of an earlier connection, and the server's TLS key",
    LAB_RECORDED | LAB_TLS_KEY, "ynyy", { NULL }, BUT_PRE(BINDER),
    "report data is not compared", ATLS_KIND_NONE, play_replay, NULL,
    quote_recorded },
{ "replay-in-connection", "two requests carry one context",
    "a machine that changed after it attested, in one connection",
    LAB_RECORDED | LAB_TLS_KEY, "ynnn", ONLY_POST(one_round),
    { LAB_LEAVE_FRESH }, "the context of requests stays the same",
    ATLS_KIND_NONE, play_replay_inside, victim_twice, NULL },
{ "context-reuse", "an old answer under a new context",
    "the first answer, with the second request's context written into it",
    LAB_RECORDED | LAB_TLS_KEY, "yn--", ONLY_POST(one_round),
    { LAB_LEAVE_EA | BINDER },
    "signature and Finished of the authenticator, and the binder",
    ATLS_KIND_NONE, play_context_reuse, victim_twice, NULL },
{ "relay-safe-key", "evidence not tied to who holds the channel",
    "ends the client's TLS with a key of his own, and shows evidence that "
    "the server gave him", LAB_NETWORK, "yyyy", { NULL },
    { BINDER, LAB_LEAVE_SIGNATURE, BINDER, BINDER },
    "report data is not compared; in pre, CertificateVerify",
    ATLS_KIND_NONE, play_relay_safe, NULL, NULL },
{ "relay-leaked-key", "evidence not tied to the channel's secrets",
    "has the server's own TLS key, which leaked, and copies what the client "
    "chose into a connection of his own",
    LAB_NETWORK | LAB_TLS_KEY, "yn?n", { NULL },
    { BINDER, 0, BINDER, 0 }, "report data is not compared",
    ATLS_KIND_NONE, play_relay_leaked, NULL, NULL },
{ "relay-same-hello", "only the ClientHello is in what was signed",
    "passes the ClientHello on as it is, sees on the server's host what is "
    "quoted for it, and answers the client himself with the leaked key",
    LAB_NETWORK | LAB_TLS_KEY | LAB_HOST, "--?n",
    { "evidence is asked for behind the handshake, which he cannot finish "
    "with the server", "no handshake is in the binding: see "
    "relay-leaked-key" }, { 0, 0, BINDER, 0 },
    "report data is not compared", ATLS_KIND_NONE, carried_same_hello, NULL,
    NULL },
{ "tls-proxy", "who ends TLS is not who attests",
    "a proxy with a certificate of the server's name, of a careless CA",
    LAB_NETWORK, "yyyy", { NULL },
    { LAB_LEAVE_EA | BINDER, BINDER, BINDER, BINDER },
    "signature and Finished of the authenticator, and the binder",
    ATLS_KIND_NONE, play_proxy, NULL, NULL },
{ "swapped-evidence", "evidence of one connection shown on another",
    "two live connections with a leaked key: each is shown the evidence of "
    "the other", LAB_TLS_KEY | LAB_HOST, "yn--", { NULL },
    BUT_PRE(BINDER), "report data is not compared",
    ATLS_KIND_NONE, play_swapped, victim_pair, quote_swapped },
{ "hrr-confusion", "which ClientHello is in the binder",
    "a relay that sends the client through a HelloRetryRequest, and the "
    "server not", LAB_NETWORK | LAB_TLS_KEY, "----",
    { NULL, "no handshake is in the binding: see relay-leaked-key" },
    { BINDER, 0, BINDER, 0 }, "report data is not compared",
    ATLS_KIND_NONE, play_hrr, NULL, NULL },
{ "diversion-leaked-ak", "the verdict does not ask which machine it was",
    "signs evidence with the attestation key of any one machine",
    LAB_NETWORK | LAB_AK, "PPPP", { NULL }, EVERY(0), NULL,
    ATLS_KIND_NONE, play_leaked, NULL, quote_leaked },
{ "diversion-genuine", "the verdict does not ask which machine it was",
    "runs the same public image on a genuine machine of his own",
    LAB_NETWORK | LAB_OWN_MACHINE, "PPPP", { NULL }, EVERY(0), NULL,
    ATLS_KIND_NONE, play_own_key, NULL, quote_foreign },
{ "identity-crisis", "attestation says what runs, not whose it is",
    "a tenant beside the server: same image, same operator, and a "
    "certificate, of another name", LAB_NETWORK | LAB_OWN_MACHINE, "PnPn",
    { NULL }, EVERY(0), NULL, ATLS_KIND_NONE, play_tenant, NULL,
    quote_fleet },
{ "replication", "the key is not of one instance",
    "a copy of the server's key on another machine of the fleet, with its "
    "own evidence", LAB_TLS_KEY | LAB_OWN_MACHINE, "Pnnn", { NULL },
    EVERY(0), NULL, ATLS_KIND_NONE, play_stolen_key, NULL, quote_fleet },
{ "evidence-oracle", "the machine quotes what an outsider hands in",
    "has the server's machine quote his own binder, under the leaked key",
    LAB_TLS_KEY | LAB_ORACLE, "Pnnn", { NULL }, EVERY(0), NULL,
    ATLS_KIND_NONE, play_stolen_key, NULL, lab_quote_oracle },
{ "key-substitution", "evidence and proof of possession checked apart",
    "TLS ends outside of the machine, under a key that is not the one inside",
    LAB_HOST, "yyyy", { NULL },
    { LAB_LEAVE_KEY, BINDER, BINDER, BINDER },
    "the key is not in the binder, or the binder is not compared",
    ATLS_KIND_NONE, play_key_substitution, NULL, NULL },
{ "split-ends", "who shook hands is not who answers",
    "ends TLS himself, with a certificate of the name, and has an agent in "
    "the server's machine sign and quote what he exports",
    LAB_NETWORK | LAB_ORACLE, "P---", ONLY_POST(one_key), { 0 }, NULL,
    ATLS_KIND_NONE, post_split, NULL, NULL },
{ "reflection", "one label for both directions",
    "both ends hold one key, and both attest: the client's own evidence is "
    "shown to it", LAB_TLS_KEY, "y---", { NULL,
    "what is in certificates is public: see replay",
    "the server's evidence is sent before the client's",
    "the server's evidence is sent before the client's" },
    { LAB_LEAVE_OWN }, "the direction of contexts, and that it is our own key",
    ATLS_KIND_NONE, play_reflection, victim_mutual, NULL },
{ "stripping", "attestation is negotiated, not demanded",
    "does as if he had never heard of evidence", LAB_NETWORK, "PPPP",
    { NULL }, EVERY(LAB_LEAVE_REQUIRED), "no evidence is good enough",
    ATLS_KIND_NONE, play_stripping, NULL, NULL },
{ "downgrade", "the peer says which family it speaks",
    "has the server's TLS key, its certificate of RA-TLS with evidence "
    "inside, and nothing better", LAB_NETWORK | LAB_TLS_KEY, "P-PP",
    { NULL, "there is no family below it" }, BUT_PRE(LAB_LEAVE_FAMILY),
    "evidence in the certificate is good enough, for its key alone",
    ATLS_KIND_NONE, play_downgrade, NULL, NULL },
{ "empty-authenticator", "a well-formed no is taken for a yes",
    "answers with an empty authenticator", LAB_NETWORK, "P---",
    ONLY_POST(no_message), { LAB_LEAVE_REQUIRED },
    "no evidence is good enough", ATLS_KIND_NONE, post_empty, NULL, NULL },
{ "label-confusion", "the peer says which label is meant",
    "evidence over a value of the same connection, exported for something "
    "else", LAB_TLS_KEY | LAB_HOST, "y---", ONLY_POST(no_label),
    { LAB_LEAVE_LABEL }, "the label is the peer's", ATLS_KIND_NONE,
    post_label, NULL, NULL },
{ "context-confusion", "the binder is not of this request",
    "evidence over the exporter of the same connection with another context",
    LAB_TLS_KEY | LAB_HOST, "y---", ONLY_POST(no_label),
    { LAB_LEAVE_CONTEXT }, "the context is not in the binder",
    ATLS_KIND_NONE, post_context, NULL, NULL },
{ "unsigned-envelope", "the binder is compared with a field of the message",
    "recorded evidence, and his own connection's binder beside it",
    LAB_RECORDED | LAB_TLS_KEY, "y---", ONLY_POST(
    "no field beside evidence is carried"), { LAB_LEAVE_ENVELOPE },
    "the binder beside the evidence is compared", ATLS_KIND_NONE,
    post_envelope, NULL, NULL },
{ "report-data-truncated", "only the front is compared",
    "evidence over 16 octets of the binder, and zeros",
    LAB_TLS_KEY | LAB_HOST, "y---", { NULL },
    { LAB_LEAVE_TAIL, BINDER, BINDER, BINDER },
    "16 octets are compared, or none", ATLS_KIND_NONE, play_bent, NULL,
    quote_truncated },
{ "report-data-empty", "nothing to compare is taken for equal",
    "evidence over zeros", LAB_TLS_KEY | LAB_HOST, "y---", { NULL },
    { LAB_LEAVE_EMPTY, BINDER, BINDER, BINDER },
    "zeros are taken for absent, or nothing is compared", ATLS_KIND_NONE,
    play_bent, NULL, quote_empty },
{ "report-data-padded", "what is behind the binder is ignored",
    "evidence over the binder, with something behind it",
    LAB_TLS_KEY | LAB_HOST, "y---", { NULL },
    { LAB_LEAVE_PADDING, BINDER, BINDER, BINDER },
    "the rest of the field is not compared, or nothing is",
    ATLS_KIND_NONE, play_bent, NULL, quote_padded },
{ "data-before-verdict", "the first request leaves after the handshake",
    "an impostor with a certificate of the name, who never attests",
    LAB_NETWORK, "y---", { NULL }, EVERY(LAB_LEAVE_GATE),
    "data is sent at once", ATLS_KIND_NONE, play_data_early, NULL, NULL },
{ "resumption-ticket", "a resumed session counts as attested",
    "holds the keys of tickets, and so the session, without the machine",
    LAB_TICKET_KEY, "y---", { NULL }, EVERY(LAB_LEAVE_RESUMED),
    "a resumed session is as good as the first", ATLS_KIND_NONE,
    play_resumption, victim_resumes, NULL },
{ "early-data", "the first request leaves with the first flight",
    "holds the keys of tickets, and reads what comes before the handshake "
    "has ended", LAB_TICKET_KEY, "y---", { NULL }, EVERY(LAB_LEAVE_EARLY),
    "what there is to say goes out as early data", ATLS_KIND_NONE,
    play_early_data, victim_hurries, NULL },
{ "passport-theft", "a result names no key: anyone shows it",
    "a Verifier's result about the server, shown under his own key",
    LAB_RECORDED, "nnnn", { NULL }, EVERY(BINDER),
    "the nonce of the result is not compared", ATLS_KIND_EAR, play_theft,
    NULL, quote_recorded },
{ "passport-reuse", "a result names the key, and no connection",
    "the same result, under the server's stolen key", LAB_RECORDED | LAB_TLS_KEY, "nnnn",
    { NULL }, BUT_PRE(BINDER), "the nonce of the result is not compared",
    ATLS_KIND_EAR, play_replay, NULL, quote_recorded },
};

const size_t lab_nattacks = LAB_NITEMS(lab_attacks);
