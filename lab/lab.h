/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LAB_H
#define LAB_H

#include <atls/atls.h>

/*
 * What an attacker does, as programs, against endpoints of the product.  Each
 * takes its arguments behind its own name and ends with 0 when it did what it
 * set out to do, whether or not the victim fell for it.
 */
int	move_impostor(int argc, char **argv);
int	move_proxy(int argc, char **argv);
int	move_resume(int argc, char **argv);

/* Files and sockets; whatever fails, ends the program with a message. */
struct atls_bytes	lab_file(const char *path);
int			lab_listen(const char *port);
int			lab_accept(int listener);
int			lab_connect(const char *port);
void			lab_die(const char *what, const char *why)
			    __attribute__((noreturn));

#endif
