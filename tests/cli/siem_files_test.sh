#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Files for other programs that are not here to run them: that they are well formed, and that they speak of the
# file that the daemon writes. rsyslog's is run by rsyslog_test.sh.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

path=$(sed -n 's/^#path = "\(.*alerts.*\)"/\1/p' "$TREE/systemd/tocsin.toml")
for file in "$TREE"/packaging/siem/* "$TREE/packaging/debian/tocsin.logrotate"; do
  grep -qF "$path" "$file" || no "$(basename "$file") does not read $path"
done
if python3 -c 'import yaml' 2>/dev/null; then
  for file in "$TREE"/packaging/siem/*.y*ml; do
    python3 -c 'import sys, yaml; assert isinstance(yaml.safe_load(open(sys.argv[1])), dict)' "$file" 2>"$TMP/err" ||
      no "$(basename "$file"): $(tail -n 1 "$TMP/err")"
  done
else
  echo 'SKIPPED siem_files: YAML is not checked without python3-yaml'
fi
# journalctl compiles the catalog and finds what it says.
if command -v journalctl >/dev/null; then
  mkdir -p "$TMP/usr/lib/systemd/catalog" "$TMP/var/lib/systemd/catalog"
  cp "$TREE/systemd/tocsin.catalog" "$TMP/usr/lib/systemd/catalog/"
  run 0 journalctl --root="$TMP" --update-catalog
  run 0 journalctl --root="$TMP" --list-catalog
  [[ $(grep -c . "$TMP/out") -eq $(grep -c '^-- ' "$TREE/systemd/tocsin.catalog") ]] ||
    no "journalctl lists $(grep -c . "$TMP/out") entries of the catalog"
else
  echo 'SKIPPED siem_files: no journalctl to compile the catalog'
fi
finish
