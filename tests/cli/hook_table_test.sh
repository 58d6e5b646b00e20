#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The table of hooks in bpf/README.md is what doctor says on the running kernel, if it names it.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

if ((EUID != 0)); then
  echo 'SKIPPED cli hook table: needs root to try the hooks'
else
  "$BIN/tocsin" doctor --json >"$TMP/doctor" 2>"$TMP/err" || true
  code=0
  "$(dirname "$0")/../kernel/hook_table" check "$TMP/doctor" >"$TMP/out" || code=$?
  cat "$TMP/out"
  ((code == 0 || code == 77)) || no "the table and doctor differ: $(cat "$TMP/out")"
  # What doctor says otherwise is noticed.
  if ((code == 0)); then
    sed -i '/"check":"hook exit"/s/"verdict":"ok"/"verdict":"warn"/' "$TMP/doctor"
    run 1 "$(dirname "$0")/../kernel/hook_table" check "$TMP/doctor"
    says 'exit: bpf/README.md says used'
  fi
fi
finish
