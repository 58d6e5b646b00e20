#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The image and the manifests keep what they promise, and every key and indicator in them is understood.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

if python3 -c 'import yaml' 2>/dev/null; then
  run 0 python3 "$TREE/tests/cli/kubernetes.py" "$TREE"
else
  echo 'SKIPPED manifests: python3-yaml is not installed'
fi

# As the image and the config map lay them out.
mkdir -p "$TMP/etc/conf.d"
cp "$TREE/packaging/container/tocsin.toml" "$TMP/etc/tocsin.toml"
cp "$TREE"/packaging/kubernetes/conf.d/*.toml "$TMP/etc/conf.d/"
run 0 "$BIN/tocsin" config check --config "$TMP/etc/tocsin.toml"
run 0 "$BIN/tocsin" config show --config "$TMP/etc/tocsin.toml"
says '/host'
run 0 "$BIN/tocsin" ioc check --file "$TREE/packaging/kubernetes/iocs.d/site.ioc" 192.0.2.1
finish
