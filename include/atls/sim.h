/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATLS_SIM_H
#define ATLS_SIM_H
#define ATLS_SIM_INSTANCES	8
#endif
