#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The set-up of a fleet, word for word as README.md and docs/fleet.md print it: the real programs and the real nats-server
# in namespaces of their own. sudo, apt, ssh and systemd are stood in for.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

skip() {
  echo "SKIPPED fleet set-up: $*"
  exit 0
}
nats=$TREE/build/test-programs/nats-server/usr/sbin/nats-server
[[ -x $nats ]] || nats=/usr/sbin/nats-server
[[ -x $nats ]] || skip 'nats-server is not there'
[[ -x $BIN/tocsin-fleet ]] || skip 'tocsin-fleet was not built (libnats-dev)'
[[ $EUID -eq 0 ]] || skip 'it needs root, for namespaces'
command -v ip >/dev/null || skip 'there is no ip (iproute2)'
unshare -mnpf --mount-proc true 2>/dev/null || skip 'namespaces are not allowed here'
chmod 711 "$TMP"  # other users start programs in it

# blocks FILE HEADING: what stands in fences below it, until the next heading of any rank.
blocks() {
  awk -v heading="$2" '
    /^```/ { if (at) inside = !inside; next }
    /^#+ / && !inside { at = $0 == heading; next }
    at && inside' "$TREE/$1"
}
blocks README.md '## More than one host' >"$TMP/readme"
blocks docs/fleet.md '## Setting it up' >"$TMP/guide"
blocks docs/fleet.md '### From one account to two' >"$TMP/upgrade"
[[ $(grep -c . "$TMP/readme") -eq 5 ]] || no "README.md promises five commands, and has $(grep -c . "$TMP/readme")"
[[ $(grep -c . "$TMP/guide") -ge 7 ]] || no 'docs/fleet.md prints too few commands'
[[ $(grep -c . "$TMP/upgrade") -eq 5 ]] || no 'docs/fleet.md prints another upgrade than is tried here'
shown='sudo tocsin fleet status'
grep -qF "\`$shown\`" "$TREE/README.md" || no 'README.md does not say how to look'
grep -qx "$shown" "$TMP/guide" || no 'docs/fleet.md does not say how to look'

mkdir -p "$TMP/instead" "$TMP/packages" "$TMP/usr/bin" "$TMP/usr/sbin" "$TMP/usr/share/tocsin-fleet"
touch "$TMP/packages/tocsin_1_amd64.deb" "$TMP/packages/tocsin-fleet_1_amd64.deb" \
  "$TMP"/usr/{bin/tocsin,sbin/tocsin-fleet,sbin/nats-server}
cp "$TREE"/packaging/fleet/*.conf "$TMP/usr/share/tocsin-fleet/"
stands_for() {
  { echo '#!/bin/bash'; cat; } >"$TMP/instead/$1"
  chmod +x "$TMP/instead/$1"
}
# shellcheck disable=SC2016  # for what stands for them
{
  stands_for sudo <<<'exec "$@"'
  stands_for apt <<<'[[ $1 == install ]] || exit 9; for name in "${@:2}"; do [[ $name != ./* || -e $name ]] || exit 9; done'
  stands_for scp <<<'[[ $1 == -r && $2 == root@nats.example.org:/* ]] || exit 9; cp -r "${2#*:}" "$3"'
}
stands_for systemctl <<PROGRAM
as() { exec setpriv --reuid "\$1" --regid "\$2" --clear-groups "\${@:3}"; }
stop() { [[ ! -e $TMP/\$1.pid ]] || kill "\$(cat $TMP/\$1.pid)"; }
case "\$*" in
  'stop nats-server')
    stop nats
    for _ in {1..100}; do [[ -d /proc/\$(cat $TMP/nats.pid) ]] || exit 0; sleep 0.1; done
    exit 1 ;;
  'restart nats-server' | 'start nats-server')
    stop nats 2>/dev/null
    as nats nats "$TMP/usr/sbin/nats-server" -c /etc/nats-server.conf >$TMP/nats.log 2>&1 &
    echo \$! >$TMP/nats.pid
    for _ in {1..100}; do (: </dev/tcp/127.0.0.1/4222) 2>/dev/null && exit 0; sleep 0.1; done
    exit 1 ;;
  'reload nats-server') kill -HUP "\$(cat $TMP/nats.pid)" ;;
  'enable --now tocsin-fleet' | 'restart tocsin-fleet')
    stop agent
    # As the unit has it: what it names of credentials has to be there, and the program is nobody's.
    given=\$(mktemp -d -p $TMP)
    while IFS=: read -r name from; do cp "\$from" "\$given/\$name" || exit 1; done \\
      < <(sed -n 's/^LoadCredential=//p' "$TREE/systemd/tocsin-fleet.service")
    mkdir -p /var/lib/tocsin-fleet
    chown -R nobody "\$given" /var/lib/tocsin-fleet
    CREDENTIALS_DIRECTORY=\$given as nobody nogroup "$TMP/usr/sbin/tocsin-fleet" run >$TMP/agent.log 2>&1 &
    echo \$! >$TMP/agent.pid ;;
  *) exit 9 ;;
esac
PROGRAM

# COMMANDS: in a machine of its own, as one that has just got the packages; then looks whether web-1 is there.
cat >"$TMP/machine" <<MACHINE
set -euo pipefail
mount --make-rprivate /
mkdir -p $TMP/disk
mount -t tmpfs none $TMP/disk
cp -a /etc $TMP/disk/etc
mount --bind $TMP/disk/etc /etc
mount -t tmpfs none /var/lib
ip link set lo up
mount --bind "$BIN/tocsin" $TMP/usr/bin/tocsin
mount --bind "$BIN/tocsin-fleet" $TMP/usr/sbin/tocsin-fleet
mount --bind "$nats" $TMP/usr/sbin/nats-server
rm -rf /etc/tocsin /etc/nats /etc/nats-server.conf
for folder in \$(cat "$TREE"/packaging/debian/*.dirs); do mkdir -p "/\$folder"; done
echo '# of the package' >/etc/nats-server.conf
echo '127.0.0.1 nats.example.org' >>/etc/hosts
getent group nats >/dev/null || echo 'nats:x:64998:' >>/etc/group
getent passwd nats >/dev/null || echo 'nats:x:64998:64998::/nonexistent:/bin/false' >>/etc/passwd
export PATH=$TMP/instead:$TMP/usr/bin:$TMP/usr/sbin:/usr/sbin:/usr/bin:/sbin:/bin
cd $TMP/packages
# What looks is below: a host without a daemon is trouble, which is an exit code of its own.
grep -vx '$shown' "\$1" >$TMP/commands
bash -e $TMP/commands
for _ in {1..60}; do
  $shown >$TMP/status 2>$TMP/status.err || true
  ! grep -q '^web-1 ' $TMP/status || break
  sleep 0.5
done
grep '^web-1 ' $TMP/status
grep -qx '# of the package' /etc/nats-server.conf.before-tocsin
[[ \$(stat -c %a /etc/nats-server.conf.before-tocsin) == 600 ]]
[[ \$(stat -c '%U %a' /etc/nats/tocsin/server.key) == 'nats 600' ]]
# Without rights: refused, and told what to do.
! setpriv --reuid nobody --clear-groups tocsin fleet status 2>$TMP/refused
grep -q sudo $TMP/refused
# A broker from before hosts had an account of their own: the streams go along.
systemctl stop nats-server
mv /var/lib/nats/tocsin/jetstream/CENTRE '/var/lib/nats/tocsin/jetstream/\$G'
printf 'authorization {\\n  include "nats/tocsin/hosts.conf"\\n}\\n' >/etc/nats-server.conf
bash -e $TMP/upgrade >$TMP/upgraded
cmp /etc/nats-server.conf $TMP/usr/share/tocsin-fleet/one-broker.conf
[[ \$(wc -l </etc/nats-server.conf.before-accounts) == 3 ]]
grep -qx '# of the package' /etc/nats-server.conf.before-tocsin
grep -q "Restored [1-9].*'CENTRE > TOCSIN_BEATS'" $TMP/nats.log
[[ \$(grep -c 'up to date' $TMP/upgraded) == 7 ]]
{ tocsin fleet status || true; } | grep '^web-1 '
# One host more, one less.
tocsin fleet enroll --here web-3
systemctl reload nats-server
kill \$(cat $TMP/agent.pid)
sleep 1
tocsin fleet forget web-1 2>$TMP/forget.err
grep -q 'still beats' $TMP/forget.err  # as far as the centre can know
tocsin fleet status >$TMP/status
grep 'no host was heard' $TMP/status
MACHINE
for from in readme guide; do
  run 0 timeout 100 unshare -mnpf --mount-proc bash "$TMP/machine" "$TMP/$from"
  if ((failures > 0)); then tail -n 5 "$TMP"/{nats,agent}.log "$TMP"/*.err "$TMP/refused" 2>/dev/null; fi
  rm -f "$TMP"/*.pid
done
finish
