/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE		/* accept4() */

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "link.h"
#include "relay.h"

static const char usage[] =
"usage: atls serve [option...] [ADDR]:PORT\n"
"Without --forward or --exec it echoes.\n"
"  --forward ADDR:PORT   a connection to there for each of ours\n"
"  --exec CMD            a shell command for each, on its stdin and stdout\n"
"  --max N               connections at a time (64)\n"
"  --count N             end after so many\n"
"  --drain TIME          on SIGTERM let them finish that long (10s)\n"
LINK_USAGE;

enum { O_FORWARD = 256, O_EXEC, O_MAX, O_COUNT, O_DRAIN };

extern char **environ;

struct server {
	struct link		 link;
	const char		*forward, *exec;
	long			 max, count;
	int64_t			 drain;
	pthread_mutex_t		 lock;
	pthread_cond_t		 idle;
	long			 running;
	int			 worst;		/* status of any so far */
	atomic_bool		 stop;
};

struct job {
	struct server	*server;
	unsigned long	 id;
	int		 fd;
	int		 plain;		/* the service behind; -1: none */
	pid_t		 pid;
	char		 peer[96];
};

static volatile sig_atomic_t signals;

static void
on_signal(int sig)
{
	(void)sig;
	signals++;
}

/* A command on one end of a pair of sockets; the other end is ours. */
static int
run_command(const char *cmd, pid_t *pid)
{
	char *argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
	    (char *)(uintptr_t)cmd, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t pipe_only;
	int sv[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		return -1;
	if (posix_spawn_file_actions_init(&fa) != 0 ||
	    posix_spawnattr_init(&at) != 0) {
		(void)close(sv[0]);
		(void)close(sv[1]);
		return -1;
	}
	/* we ignore SIGPIPE; commands are used to dying of it */
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	rc = posix_spawn_file_actions_adddup2(&fa, sv[1], STDIN_FILENO) != 0 ||
	    posix_spawn_file_actions_adddup2(&fa, sv[1], STDOUT_FILENO) != 0 ||
	    posix_spawnattr_setsigdefault(&at, &pipe_only) != 0 ||
	    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGDEF) != 0 ||
	    posix_spawn(pid, "/bin/sh", &fa, &at, argv, environ) != 0;
	(void)posix_spawnattr_destroy(&at);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)close(sv[1]);
	if (rc != 0) {
		*pid = -1;
		(void)close(sv[0]);
		return -1;
	}
	return sv[0];
}

/* The service behind, for a peer that was accepted. */
static int
begin(void *arg)
{
	struct job *j = arg;

	j->plain = j->server->forward != NULL ?
	    link_connect(j->server->forward) :
	    run_command(j->server->exec, &j->pid);
	return j->plain;
}

/* A connection that did not end well must not look to the service behind as
 * if it had: a reset, or a signal. */
static void
end(struct job *j, int status)
{
	struct linger hard = { 1, 0 };

	if (j->plain == -1)
		return;
	if (status != EX_ACCEPTED && j->pid == -1)
		(void)setsockopt(j->plain, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof(hard));
	if (status != EX_ACCEPTED && j->pid != -1)
		(void)kill(j->pid, SIGTERM);
	(void)close(j->plain);
	if (j->pid != -1)
		(void)waitpid(j->pid, NULL, 0);
}

static void *
one_connection(void *arg)
{
	struct job *j = arg;
	struct server *s = j->server;
	struct plain plain = { .in = -1, .out = -1, .arg = j };
	int status;

	if (s->forward != NULL || s->exec != NULL)
		plain.begin = begin;
	status = link_run(&s->link, j->id, j->fd, j->peer, &plain, &s->stop);
	end(j, status);
	(void)pthread_mutex_lock(&s->lock);
	s->running--;
	if (status > s->worst)
		s->worst = status;
	(void)pthread_cond_broadcast(&s->idle);
	(void)pthread_mutex_unlock(&s->lock);
	free(j);
	return NULL;
}

static bool
accept_one(struct server *s, int lfd, unsigned long id)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char host[64], port[16];
	struct job *j;
	pthread_t t;
	/* not for commands that other threads start meanwhile */
	int fd = accept4(lfd, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC);

	if (fd == -1) {
		(void)poll(NULL, 0, 100);	/* out of descriptors, say */
		return false;
	}
	if ((j = calloc(1, sizeof(*j))) == NULL) {
		(void)close(fd);
		return false;
	}
	*j = (struct job){ .server = s, .id = id, .fd = fd, .plain = -1,
	    .pid = -1, .peer = "?" };
	if (getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port,
	    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(j->peer, sizeof(j->peer), "%s:%s", host, port);
	(void)pthread_mutex_lock(&s->lock);
	while (s->running >= s->max && signals == 0) {
		struct timespec ts;

		(void)clock_gettime(CLOCK_REALTIME, &ts);
		ts.tv_sec++;
		(void)pthread_cond_timedwait(&s->idle, &s->lock, &ts);
	}
	s->running++;
	(void)pthread_mutex_unlock(&s->lock);
	if (pthread_create(&t, NULL, one_connection, j) == 0) {
		(void)pthread_detach(t);
		return true;
	}
	(void)complain(0, "conn=%lu: no thread", id);
	(void)pthread_mutex_lock(&s->lock);
	s->running--;
	(void)pthread_mutex_unlock(&s->lock);
	(void)close(fd);
	free(j);
	return true;
}

/* Waits for connections to end: as long as allowed, or a second signal. */
static void
wait_idle(struct server *s, int64_t patience)
{
	int64_t until = (int64_t)time(NULL) + patience;
	int before = (int)signals;

	(void)pthread_mutex_lock(&s->lock);
	while (s->running > 0) {
		struct timespec ts;

		if ((int64_t)time(NULL) >= until || (int)signals > before)
			atomic_store(&s->stop, true);
		if ((int64_t)time(NULL) >= until + 2)
			break;
		(void)clock_gettime(CLOCK_REALTIME, &ts);
		ts.tv_sec++;
		(void)pthread_cond_timedwait(&s->idle, &s->lock, &ts);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static int
serve(struct server *s, const char *where)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct pollfd p = { .fd = link_listen(where), .events = POLLIN };
	unsigned long id = 0;
	bool all;

	if (p.fd == -1)
		return EX_TROUBLE;
	relay_nonblocking(p.fd);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	fprintf(stderr, "atls: serving on %s\n", where);
	while (signals == 0 && (s->count == 0 || id < (unsigned long)s->count)) {
		link_end_renew(&s->link);
		if (poll(&p, 1, 1000) > 0 && accept_one(s, p.fd, id + 1))
			id++;
	}
	(void)close(p.fd);
	wait_idle(s, signals == 0 ? INT32_MAX : s->drain);
	(void)pthread_mutex_lock(&s->lock);
	all = s->running == 0;
	(void)pthread_mutex_unlock(&s->lock);
	if (!all)
		_exit(EX_TROUBLE);	/* their threads still use everything */
	return s->count == 0 ? EX_ACCEPTED : s->worst;
}

static int
number(long *out, const char *name, const char *v)
{
	char *end;

	errno = 0;
	*out = strtol(v, &end, 10);
	return errno == 0 && end != v && *end == '\0' && *out >= 1 &&
	    *out <= 1000000 ? -1 : complain(EX_USAGE_ERROR,
	    "--%s: 1..1000000", name);
}

static int
one_option(struct server *s, int o, const char *v)
{
	switch (o) {
	case O_FORWARD:
		s->forward = v;
		return -1;
	case O_EXEC:
		s->exec = v;
		return -1;
	case O_MAX:
		return number(&s->max, "max", v);
	case O_COUNT:
		return number(&s->count, "count", v);
	case O_DRAIN:
		s->drain = parse_duration(v);
		return s->drain >= 0 ? -1 : complain(EX_USAGE_ERROR,
		    "--drain: a time such as 10s");
	case 'h':
		fputs(usage, stdout);
		return EX_ACCEPTED;
	default:
		if (LINK_IS_OPTION(o))
			return link_option(&s->link, o, v);
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
}

int
cmd_serve(int argc, char **argv)
{
	static const struct option own[] = {
		{ "forward", required_argument, NULL, O_FORWARD },
		{ "exec", required_argument, NULL, O_EXEC },
		{ "max", required_argument, NULL, O_MAX },
		{ "count", required_argument, NULL, O_COUNT },
		{ "drain", required_argument, NULL, O_DRAIN },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct server s = { .link = LINK_INIT,
	    .max = 64, .drain = 10, .lock = PTHREAD_MUTEX_INITIALIZER,
	    .idle = PTHREAD_COND_INITIALIZER };
	struct option longs[LINK_NOPTIONS + sizeof(own) / sizeof(own[0])];
	int o, status;

	memcpy(longs, link_options, sizeof(link_options));
	memcpy(longs + LINK_NOPTIONS, own, sizeof(own));
	while ((o = getopt_long(argc, argv, "j", longs, NULL)) != -1)
		if ((status = one_option(&s, o, optarg)) != -1)
			return status;
	if (optind + 1 != argc || (s.forward != NULL && s.exec != NULL)) {
		fputs(usage, stderr);
		return EX_USAGE_ERROR;
	}
	if ((status = link_open(&s.link, ATLS_SERVER)) == -1)
		status = serve(&s, argv[optind]);
	link_close(&s.link);
	return status;
}
