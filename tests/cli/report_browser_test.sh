#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Pages in a real browser: nothing on the console, no request, readable on a phone. Chromium is large and not
# among the test packages: the test says so when it is not there.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

chromium=$(command -v chromium || command -v chromium-browser || true)
if [[ -z $chromium ]]; then
  echo 'SKIPPED cli report_browser: no chromium here'
  exit 0
fi
id=$(python3 "$TREE/tests/cli/report_history.py" "$TMP/state" "$TREE/tests/unit/alert/golden/incident.json")
run 0 "$BIN/tocsin" report "$id" --state-dir "$TMP/state" -o "$TMP/alert.html"
run 0 "$BIN/tocsin" report --since 2d --state-dir "$TMP/state" -o "$TMP/period.html"
HOME=$TMP run 0 python3 "$TREE/tests/cli/report_browser.py" "$chromium" "$TMP/alert.html" "$TMP/period.html"

# A page that does what ours must not is found out: otherwise the checks above would mean nothing.
printf '<!DOCTYPE html><title>x</title><img src="http://192.0.2.1/x.png"><div style="width:3000px">x</div>' >"$TMP/bad.html"
HOME=$TMP run 1 python3 "$TREE/tests/cli/report_browser.py" "$chromium" "$TMP/bad.html"
says 'a request: http://192.0.2.1/x.png'
says '3008 px wide'
finish
