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

# The pictures are what the report draws, and what top shows is told.
for picture in contacts intervals hours bytes; do
  cmp -s "$picture.svg" "$TREE/docs/tour/$picture.svg" || no "docs/tour/$picture.svg is not what the report draws"
done
for text in 'tocsin top' azureonlinestorage.com /opt/3cx/desktop; do
  grep -qF "$text" "$TREE/docs/tour/top.svg" || no "docs/tour/top.svg lacks $text"
done
python3 -c 'import sys, xml.dom.minidom
for file in sys.argv[1:]: xml.dom.minidom.parse(file)' "$TREE"/docs/tour/*.svg 2>"$TMP/err" || no "a picture is no XML: $(tail -n 1 "$TMP/err")"
(($(du -bc "$TREE"/docs/tour/*.svg | tail -n 1 | cut -f 1) < 100000)) || no 'the pictures have grown'

# Something else than what is printed is found out.
# shellcheck disable=SC2016
printf '```console\n$ echo a; echo b; echo c\na\n…\nc\n$ echo right\nwrong\n```\n' >"$TMP/page.md"
run 1 python3 "$TREE/tests/cli/tour.py" "$TMP/page.md"
says '2 commands, 1 printed something else'
finish
