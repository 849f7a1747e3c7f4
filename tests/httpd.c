/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "httpd.h"

#define PAGES		32
#define PATHS		256	/* requests that are remembered */
#define CONNECTIONS	64
#define PATH_LEN	512
#define ANSWER_MAX	16384	/* octets of a head */
#define ENDLESS		(64u << 20)

struct httpd {
	int			 fd;
	unsigned		 port;
	pthread_t		 thread;
	pthread_mutex_t		 lock;
	bool			 end;
	struct httpd_page	 page[PAGES];
	size_t			 npage;
	char			 asked[PATHS][PATH_LEN];
	size_t			 nasked;
	pthread_t		 worker[CONNECTIONS];
	size_t			 nworker;
	FILE			*log;
};

struct connection {
	struct httpd	*h;
	int		 fd;
};

static bool
ended(struct httpd *h)
{
	bool end;

	(void)pthread_mutex_lock(&h->lock);
	end = h->end;
	(void)pthread_mutex_unlock(&h->lock);
	return end;
}

/* Sleeps; false if the server is to end, or the peer went. */
static bool
nap(struct connection *c, int ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char octet;

	if (poll(&p, 1, ms) == 1 && recv(c->fd, &octet, 1, MSG_PEEK) <= 0)
		return false;
	if (p.revents != 0) {
		struct timespec t = { 0, ms * 1000000L };

		(void)nanosleep(&t, NULL);
	}
	return !ended(c->h);
}

static bool
put(struct connection *c, const void *p, size_t n)
{
	const char *s = p;
	ssize_t k;

	while (n > 0) {
		if ((k = send(c->fd, s, n, MSG_NOSIGNAL)) <= 0)
			return false;
		s += k;
		n -= (size_t)k;
	}
	return true;
}

/* "GET PATH HTTP/1.1", and on to the empty line. */
static bool
read_path(struct connection *c, char path[PATH_LEN])
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char text[4096];
	size_t n = 0;
	ssize_t k;

	do {
		if (n == sizeof(text) - 1 || poll(&p, 1, 5000) != 1 ||
		    (k = recv(c->fd, text + n, sizeof(text) - 1 - n, 0)) <= 0)
			return false;
		n += (size_t)k;
		text[n] = '\0';
	} while (strstr(text, "\r\n\r\n") == NULL);
	return sscanf(text, "GET %511s HTTP/1.1", path) == 1;
}

static void
note(struct httpd *h, const char *path, struct httpd_page *page)
{
	static const struct httpd_page none = { .status = 404,
	    .headers = "", .body = { (const uint8_t *)"none\n", 5 } };
	size_t i;

	*page = none;
	(void)pthread_mutex_lock(&h->lock);
	if (h->nasked < PATHS)
		(void)snprintf(h->asked[h->nasked++], PATH_LEN, "%s", path);
	if (h->log != NULL) {
		fprintf(h->log, "%s\n", path);
		(void)fflush(h->log);
	}
	for (i = 0; i < h->npage; i++)
		if (strcmp(h->page[i].path, path) == 0)
			*page = h->page[i];
	(void)pthread_mutex_unlock(&h->lock);
}

static void
trickle(struct connection *c, const char *p, size_t n)
{
	for (; n > 0; n--, p++)
		if (!put(c, p, 1) || !nap(c, 100))
			return;
}

static void
endless(struct connection *c, const char *p, size_t n)
{
	size_t sent;

	for (sent = 0; sent < ENDLESS; sent += n)
		if (!put(c, p, n))
			return;
}

static void
answer(struct connection *c, const struct httpd_page *page)
{
	struct atls_bytes b = page->body;
	char head[ANSWER_MAX], length[64] = "";
	int n;

	if (page->fault == HTTPD_DROP)
		return;
	if (page->fault == HTTPD_GARBAGE) {
		(void)put(c, "\x16\x03\x01\x00\x05nonsense\r\n\r\n", 17);
		return;
	}
	if (page->fault == HTTPD_SLOW && !nap(c, 300))
		return;
	while (page->fault == HTTPD_HANG && nap(c, 200))
		continue;
	if (page->fault != HTTPD_CUT_PLAIN && page->fault != HTTPD_ENDLESS)
		(void)snprintf(length, sizeof(length),
		    "Content-Length: %zu\r\n", b.len);
	n = snprintf(head, sizeof(head), "HTTP/1.1 %d Status\r\n"
	    "Connection: close\r\n%s%s", page->status, length, page->headers);
	if (n < 0 || (size_t)n >= sizeof(head) ||
	    page->fault == HTTPD_HANG)
		return;
	if (page->fault == HTTPD_TRICKLE) {
		trickle(c, head, (size_t)n);
		return;
	}
	if (!put(c, head, (size_t)n))
		return;
	if (page->fault == HTTPD_HEADERS)
		endless(c, "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 39);
	if (!put(c, "\r\n", 2))
		return;
	if (page->fault == HTTPD_CUT || page->fault == HTTPD_CUT_PLAIN)
		b.len /= 2;
	if (page->fault == HTTPD_ENDLESS)
		endless(c, "0123456789abcdef0123456789abcdef", 32);
	else
		(void)put(c, b.p, b.len);
}

static void *
serve(void *arg)
{
	struct connection *c = arg;
	struct httpd_page page;
	char path[PATH_LEN];

	if (read_path(c, path)) {
		note(c->h, path, &page);
		answer(c, &page);
	}
	(void)shutdown(c->fd, SHUT_WR);
	(void)close(c->fd);
	free(c);
	return NULL;
}

static void *
listening(void *arg)
{
	struct httpd *h = arg;
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	struct connection *c;
	int fd;

	while (!ended(h)) {
		if (poll(&p, 1, 50) != 1)
			continue;
		if ((fd = accept(h->fd, NULL, NULL)) == -1)
			continue;
		if ((c = malloc(sizeof(*c))) == NULL)
			abort();
		*c = (struct connection){ h, fd };
		if (h->nworker == CONNECTIONS) {
			(void)pthread_join(h->worker[0], NULL);
			memmove(h->worker, h->worker + 1,
			    --h->nworker * sizeof(h->worker[0]));
		}
		if (pthread_create(&h->worker[h->nworker++], NULL, serve,
		    c) != 0)
			abort();
	}
	return NULL;
}

struct httpd *
httpd_new(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct httpd *h = calloc(1, sizeof(*h));
	socklen_t n = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (h == NULL)
		return NULL;
	(void)pthread_mutex_init(&h->lock, NULL);
	h->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (h->fd == -1 || bind(h->fd, (struct sockaddr *)&a, n) == -1 ||
	    listen(h->fd, CONNECTIONS) == -1 ||
	    getsockname(h->fd, (struct sockaddr *)&a, &n) == -1) {
		(void)close(h->fd);
		free(h);
		return NULL;
	}
	h->port = ntohs(a.sin_port);
	if (pthread_create(&h->thread, NULL, listening, h) != 0)
		abort();
	return h;
}

void
httpd_free(struct httpd *h)
{
	size_t i;

	(void)pthread_mutex_lock(&h->lock);
	h->end = true;
	(void)pthread_mutex_unlock(&h->lock);
	(void)pthread_join(h->thread, NULL);
	for (i = 0; i < h->nworker; i++)
		(void)pthread_join(h->worker[i], NULL);
	(void)close(h->fd);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

unsigned
httpd_port(const struct httpd *h)
{
	return h->port;
}

void
httpd_put(struct httpd *h, const struct httpd_page *page)
{
	size_t i;

	(void)pthread_mutex_lock(&h->lock);
	for (i = 0; i < h->npage; i++)
		if (strcmp(h->page[i].path, page->path) == 0)
			break;
	if (i == PAGES)
		abort();
	h->page[i] = *page;
	if (i == h->npage)
		h->npage++;
	(void)pthread_mutex_unlock(&h->lock);
}

void
httpd_log(struct httpd *h, FILE *f)
{
	h->log = f;
}

unsigned
httpd_count(struct httpd *h, const char *path)
{
	unsigned n = 0;
	size_t i;

	(void)pthread_mutex_lock(&h->lock);
	for (i = 0; i < h->nasked; i++)
		n += path == NULL || strcmp(h->asked[i], path) == 0;
	(void)pthread_mutex_unlock(&h->lock);
	return n;
}
