# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# Sourced by tests that need a terminal: a shell in a terminal multiplexer (tmux), typed to and read as a person does.
# Expects library.sh before it.

unset TMUX
readonly TERMINAL_WAIT_S=20

in_tmux() { tmux -u -S "$TMP/tmux.sock" -f /dev/null "$@"; }

# open_terminal COLUMNS ROWS: with a plain shell in it. False: there is no tmux.
open_terminal() {
  command -v tmux >/dev/null || return 1
  in_tmux new-session -d -x "$1" -y "$2" -e LC_ALL=C.UTF-8 'exec sh' 2>"$TMP/tmux.err" || return 1
  trap 'close_terminal; rm -rf "$TMP"' EXIT
  type_line "PS1='prompt> '; clear"
  shows 'prompt>'
}
close_terminal() { in_tmux kill-server 2>/dev/null || true; }

# type_line TEXT: and Enter. press KEY…: by tmux's names of keys.
type_line() { in_tmux send-keys -l -- "$1" && in_tmux send-keys Enter; }
press() { in_tmux send-keys -- "$@"; }
resize() { in_tmux resize-window -x "$1" -y "$2"; }
screen() { in_tmux capture-pane -p; }

# shows TEXT…: each stands on the screen before long.
shows() {
  local text deadline=$((SECONDS + TERMINAL_WAIT_S))
  for text in "$@"; do
    until screen | grep -qF -- "$text"; do
      if ((SECONDS >= deadline)); then
        no "the screen lacks: $text"
        screen | sed 's/^/    |/'
        return 1
      fi
      sleep 0.1
    done
  done
}
# hides TEXT: goes from the screen before long.
hides() {
  local deadline=$((SECONDS + TERMINAL_WAIT_S))
  while screen | grep -qF -- "$1"; do
    if ((SECONDS >= deadline)); then
      no "still on the screen: $1"
      screen | sed 's/^/    |/'
      return 1
    fi
    sleep 0.1
  done
}
# fits COLUMNS ROWS: no line is longer than the screen is wide.
fits() {
  local longest
  longest=$(screen | python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in sys.stdin))')
  ((longest <= $1)) || no "a line of $longest columns on a screen of $1"
}
# The terminal is as a shell wants it: its own screen, a cursor, the modes of before.
sane() {
  local state
  state=$(in_tmux display-message -p '#{alternate_on} #{cursor_flag}')
  [[ $state == '0 1' ]] || no "alternate screen and cursor are $state"
  type_line "stty -g > '$TMP/modes.after'; echo to''ld"
  shows 'told'
  cmp -s "$TMP/modes.before" "$TMP/modes.after" || no 'the terminal has other modes than before'
}
