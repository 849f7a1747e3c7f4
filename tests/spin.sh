#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The state table in a model of two ends: formal/spin.
exec "$(dirname "$0")/../formal/spin/run.sh"
