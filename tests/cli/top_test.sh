#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# tocsin top on a real daemon, through a real terminal multiplexer: what it shows, keys, sizes, a daemon that is
# restarted, and a terminal that is given back as it was.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"
# shellcheck source=tests/cli/terminal.sh
source "$(dirname "$0")/terminal.sh"
# shellcheck source=packaging/setup.sh
source "$TREE/packaging/setup.sh"

top=("$BIN/tocsin" top)
run 2 "${top[@]}"
complains 'top needs a terminal'
complains 'tocsin events --follow'
run 2 "${top[@]}" --json
complains 'tocsin status --json'

if ! command -v tmux >/dev/null; then
  echo 'SKIPPED cli top: no tmux here'
  finish
  exit 0
fi
open_terminal 100 30 || no 'no terminal'
type_line "stty -g > '$TMP/modes.before'"
type_line "$BIN/tocsin top --socket $TMP/none.sock; echo code \$?"
shows 'tocsind is not reachable' 'code 3'

lacks=$(machine_lacks)
if [[ -n $lacks ]]; then
  printf 'SKIPPED cli top on a daemon: %s\n' "$(head -n 1 <<<"$lacks")"
  finish
  exit 0
fi

# ---- A daemon
daemon=
end_daemon() {
  [[ -z $daemon ]] || kill -TERM "$daemon" 2>/dev/null || true
  [[ -z $daemon ]] || wait "$daemon" 2>/dev/null || true
  daemon=
}
start_daemon() {
  : >"$TMP/daemon.log"
  "$BIN/tocsind" -o state_dir="$TMP/state" -o control.socket="$TMP/control.sock" -o control.group= \
    -o indicators.paths="$TREE/iocs/selftest.ioc" -o sinks.journald=false -o sinks.file.path="$TMP/alerts.jsonl" \
    -o self_proof.interval_s=0 2>"$TMP/daemon.log" &
  daemon=$!
  local deadline=$((SECONDS + 60))
  until grep -q READY "$TMP/daemon.log"; do
    if ! kill -0 "$daemon" 2>/dev/null || ((SECONDS >= deadline)); then
      no "the daemon is not ready: $(tail -n 3 "$TMP/daemon.log")"
      finish
    fi
    sleep 0.1
  done
}
trap 'close_terminal; end_daemon; rm -rf "$TMP"' EXIT
start_daemon
export TOCSIN_SOCKET=$TMP/control.sock
type_line "clear; export TOCSIN_SOCKET=$TMP/control.sock PATH=$BIN:\$PATH"

type_line 'TERM=dumb tocsin top; echo code $?'
shows 'a terminal dumb cannot be drawn on' 'code 2'

# ---- What it shows
type_line 'clear; tocsin top; echo code $?'
shows 'tocsin top' 'tocsind 0.1.0 up' '[1 Programs]' 'q quit'
# Other programs of this machine are seen, too: only those of the test.
press / p r o g r a m Enter
shows 'filter: program'
cp /bin/true "$TMP/a program"
cp "$TREE/iocs/selftest-marker.sh" "$TMP/marker program"
"$TMP/a program"
"$TMP/marker program" >/dev/null
shows 'a program' 'marker program' 'root' 'exec' '/s' 'memory'
press Escape
(exec 3<>/dev/tcp/127.77.67.83/9) 2>/dev/null || true
press 2
press / 1 2 7 . 7 7 Enter
shows '[2 Destinations]' '127.77.67.83:9' 'refused'
press Escape 3
shows '[3 Beacons]' 'none yet'
press 4
shows '[4 Alerts]' 'was executed' 'low'
press j k Enter
shows 'Alert 0' 'Verdict'
press PageDown
shows 'lines'
press Escape
shows '[4 Alerts]'

# ---- Filter, pause, help
press 1
press / m a r k e r Space p
shows '/marker p_' 'marker program'
hides 'a program'
press BSpace Enter
shows 'filter: marker'
press Escape
hides 'filter:'
press / p r o g r a m Enter
shows 'a program'
press p
shows 'PAUSED'
cp /bin/true "$TMP/unseen program"
"$TMP/unseen program"
shows 'events passed by'
sleep 1
! screen | grep -qF 'unseen program' || no 'a row came in the pause'
press p
hides 'PAUSED'
press '?'
shows 'Keys and words' 'another order'
press q
shows '[1 Programs]'

# ---- Sizes
for size in '40 10' '24 6' '132 50' '20 5' '100 30'; do
  read -r columns rows <<<"$size"
  resize "$columns" "$rows"
  case $size in
    '20 5') shows 'too small' ;;
    '132 50') shows '[1 Programs]' '2 Destinations' '4 Alerts' 'KNOWN BY' ;;
    *) shows '[1 Programs]' 'q quit' ;;
  esac
  fits "$columns" "$rows"
done

# ---- A daemon that is restarted
end_daemon
shows 'no daemon since' 'marker program'
start_daemon
hides 'no daemon since'
shows 'tocsind 0.1.0 up'
cp /bin/true "$TMP/second program"
"$TMP/second program"
shows 'second program'
press Escape
press 4
[[ $(screen | grep -c 'was executed') -eq 1 ]] || no 'an alert stands twice after the restart'

# ---- The terminal is given back
press q
shows 'code 0'
sane
for signal in INT TERM; do
  type_line 'clear; tocsin top; echo code $?'
  shows '[1 Programs]'
  kill -"$signal" "$(pgrep -f "^tocsin top" -P "$(in_tmux display-message -p '#{pane_pid}')")"
  shows 'code 0'
  sane
done
type_line 'clear; tocsin top; echo code $?'
shows '[1 Programs]'
press C-c
shows 'code 0'
sane

# ---- No colour where none is wanted
coloured() { in_tmux capture-pane -p -e | grep -qE $'\e\\[([0-9]+;)*3[0-7]m'; }
type_line 'clear; tocsin top'
shows 'lost'
coloured || no 'no colour at all'
press q
hides '[1 Programs]'
type_line 'clear; NO_COLOR=1 tocsin top'
shows 'lost'
! coloured || no 'colour despite NO_COLOR'
press q
shows 'prompt>'
end_daemon
finish
