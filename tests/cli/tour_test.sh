#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Every command of the tour works as printed there, and prints what stands there.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

run 0 python3 "$TREE/docs/tour/make_recording.py"
cmp -s "$TMP/out" "$TREE/docs/tour/recording.jsonl" || no 'recording.jsonl is not what make_recording.py writes'

mkdir "$TMP/tour"
cd "$TMP/tour"
ln -s "$TREE/docs" docs
ln -s "$TREE/iocs" iocs
export PATH=$BIN:$PATH TZ=UTC TOCSIN_SOCKET=$TMP/none.sock
run 0 python3 "$TREE/tests/cli/tour.py" "$TREE/docs/tour.md"
((failures == 0)) || cat "$TMP/out"

# Something else than what is printed is found out.
# shellcheck disable=SC2016
printf '```console\n$ echo a; echo b; echo c\na\n…\nc\n$ echo right\nwrong\n```\n' >"$TMP/page.md"
run 1 python3 "$TREE/tests/cli/tour.py" "$TMP/page.md"
says '2 commands, 1 printed something else'
finish
