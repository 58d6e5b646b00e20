#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Sets without a daemon: compiling them, and what an import would take.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

printf '# set: one\ndomain,evil-one.org\nnonsense\ndomain,held.org,review\n' >"$TMP/one.ioc"
printf '# set: two\nip,45.76.7.9\n' >"$TMP/two.ioc"
run 0 "$BIN/tocsin" ioc compile "$TMP/one.ioc" "$TMP/two.ioc" -o "$TMP/both.iocx"
says '2 rows'
says '1 held back'
complains 'one.ioc:3:1'
run 1 "$BIN/tocsin" ioc check --file "$TMP/both.iocx" www.evil-one.org
says 'set one'
run 1 "$BIN/tocsin" ioc check --file "$TMP/both.iocx" 45.76.7.9
run 0 "$BIN/tocsin" ioc check --file "$TMP/both.iocx" held.org
printf 'only words\n' >"$TMP/bad.ioc"
run 2 "$BIN/tocsin" ioc compile "$TMP/bad.ioc" -o "$TMP/bad.iocx"
[[ ! -e $TMP/bad.iocx ]] || no 'an index without indicators was written'
run 2 "$BIN/tocsin" ioc compile "$TMP/nowhere.ioc" -o "$TMP/bad.iocx"
complains nowhere.ioc

printf 'Indicators of compromise\n\nevil-one[.]org\nhxxp://evil-two[.]org/x\n' >"$TMP/report.txt"
run 0 "$BIN/tocsin" ioc import "$TMP/report.txt" --dry-run --socket "$TMP/none.sock"
says 'would import into set report: 2 indicators'
says 'history: none can be read here'
run 0 "$BIN/tocsin" --json ioc import "$TMP/report.txt" --dry-run
json_only
run 2 "$BIN/tocsin" ioc import "$TMP/report.txt" --dry-run --set 'a b'
complains '--set takes'
run 2 "$BIN/tocsin" ioc import "$TMP/report.txt" --dry-run --expires never
complains '--expires takes'
printf 'Only words here.\n' >"$TMP/empty.txt"
run 2 "$BIN/tocsin" ioc import "$TMP/empty.txt" --dry-run
complains empty.txt

printf '[[feed]]\nname = "a"\nurl = "http://x.org/"\nunsigned = true\n' >"$TMP/feeds.toml"
run 1 "$BIN/tocsin-relay" --check -o relay.feeds="$TMP/feeds.toml"
complains 'feeds.toml:3:7: url'
cat >"$TMP/webhooks.toml" <<'EOF'
[[webhook]]
name = "siem"
url = "https://siem.example/in"
token = "s3cret"
EOF
run 1 "$BIN/tocsin-relay" --check -o relay.feeds=/nonexistent -o relay.webhooks="$TMP/webhooks.toml"
complains "$TMP/webhooks.toml:4:1: no such key: token"
says '0 feeds, 0 webhooks, 1 faults'
sed -i 's/^token = .*/token_file = "siem-token"/' "$TMP/webhooks.toml"
run 0 "$BIN/tocsin-relay" --check -o relay.feeds=/nonexistent -o relay.webhooks="$TMP/webhooks.toml"
says '0 feeds, 1 webhooks, 0 faults'
run 2 "$BIN/tocsin-relay" --loud
finish
