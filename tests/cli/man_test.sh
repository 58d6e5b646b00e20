#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The manual pages are free of faults, and the one of the configuration knows every key.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

made=$(dirname "$BIN")/tocsin.toml.5
[[ -s $made ]] || no "$made was not made"
run 0 "$BIN/tocsin" config show --config "$TREE/systemd/tocsin.toml"
while read -r key _; do
  grep -qE "^\.It Li \"$key = " "$made" || no "tocsin.toml.5 lacks $key"
done < <(grep -E '^[a-z_.0-9]+ ?=' "$TMP/out")
if ! command -v groff >/dev/null; then
  echo 'SKIPPED manual pages: groff is not installed'
  exit 0
fi
for page in "$TREE"/docs/man/*.[158] "$made"; do
  groff -mandoc -Tutf8 -ww -z "$page" 2>"$TMP/err" || no "$page"
  [[ ! -s $TMP/err ]] || no "$page: $(head -n 3 "$TMP/err")"
done
finish
