#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# What the whole way from events to alerts gives has only names that ECS 8.17 knows; the kinds one by one, with their
# types, are held against the same list by render_json_test.cpp.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

fields=$TREE/tests/unit/alert/ecs_fields.txt
alerts=0
for scenario in "$TREE"/tests/scenario/*/; do
  run 0 "$BIN/tocsin" replay "$scenario/events.jsonl" --ioc "$scenario/indicators.ioc" --json
  alerts=$((alerts + $(wc -l <"$TMP/out")))
  bad=$(python3 "$TREE/tests/cli/ecs_names.py" "$fields" <"$TMP/out")
  [[ -z $bad ]] || no "$(basename "$scenario"): not in ECS: $bad"
done
((alerts > 8)) || no "only $alerts alerts were looked at"
# The check sees what is wrong.
bad=$(echo '{"process":{"pids":7},"tocsin":{"any":1}}' | python3 "$TREE/tests/cli/ecs_names.py" "$fields")
[[ $bad == process.pids ]] || no "a wrong name was not seen: $bad"
finish
