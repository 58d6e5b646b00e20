#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The alert rules for Prometheus, by promtool and their own tests. Whether the metrics that they speak of are there is a
# live test's business.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

promtool=$TREE/build/test-programs/prometheus/usr/bin/promtool  # where ./check unpacks it
[[ -x $promtool ]] || promtool=$(command -v promtool || true)
if [[ -z $promtool ]]; then
  echo 'SKIPPED alert rules: there is no promtool'
  exit 0
fi
run 0 "$promtool" check rules "$TREE/packaging/monitoring/tocsin-rules.yml"
run 0 "$promtool" test rules "$TREE/packaging/monitoring/tocsin-rules-test.yml"
for rule in TocsinRelayLost TocsinSilent; do
  grep -q "alertname: $rule" "$TREE/packaging/monitoring/tocsin-rules-test.yml" || no "no test of $rule"
done
finish
