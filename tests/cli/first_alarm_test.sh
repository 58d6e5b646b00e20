#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# How ./run tells what of the time to the first alarm went where, and that the package's life on a booted machine is held
# against a bound.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"
# shellcheck source=packaging/setup.sh
source "$TREE/packaging/setup.sh"

first_alarm_words 1000.25 1042.25 1342.75 1346.15 >"$TMP/out"
says 'first alarm after 346 s: packages 42 s, build 300 s, start 3.4 s'
# shellcheck disable=SC2016  # as it stands there
grep -qF 'first_alarm_words "$BEGUN" "$PACKAGED" "$BUILT" "$EPOCHREALTIME"' "$TREE/run" || no './run does not tell it'
grep -q 'FIRST_ALARM_SECONDS_MAX=300' "$TREE/packaging/vm/life.sh" || no 'life.sh has no bound'

# The step itself, with a clock of the test's own.
cat >"$TMP/step.sh" <<STEP
set -euo pipefail
readonly FIRST_ALARM_SECONDS_MAX=300
detail=$TMP/detail
note() { echo "\$*" >"\$detail"; }
fail() { echo "does not hold: \$*"; exit 1; }
wait_for() { :; }
seconds_since() { echo "\$1"; }
STEP
sed -n '/^first_alarm() {/,/^}/p' "$TREE/packaging/vm/life.sh" | sed '/selftest-marker.sh/d' >>"$TMP/step.sh"
run 0 bash -c "source '$TMP/step.sh'; first_alarm 299.9"
run 1 bash -c "source '$TMP/step.sh'; first_alarm 300.1"
says 'does not hold: the first alarm within 300 s'
finish
