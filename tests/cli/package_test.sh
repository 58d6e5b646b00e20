#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# What packaging/build-deb made is complete, owned by root and free of lintian's complaints. What becomes of
# it on a host is packaging/test-deb's.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

package=$({ find "$TREE/build/deb" -maxdepth 1 -name 'tocsin_*.deb' 2>/dev/null || true; } | sort | tail -n 1)
if [[ -z $package ]]; then
  echo 'SKIPPED package: it was not built (packaging/build-deb)'
  exit 0
fi
dpkg-deb -c "$package" >"$TMP/out"
for path in ./usr/sbin/tocsind ./usr/sbin/tocsin-relay ./usr/bin/tocsin ./usr/libexec/tocsin/tocsin-canary \
  ./usr/libexec/tocsin/selftest-marker.sh ./etc/tocsin/tocsin.toml ./etc/tocsin/conf.d/ ./etc/tocsin/iocs.d/ \
  ./lib/systemd/system/tocsind.service ./lib/systemd/system/tocsin-relay.service \
  ./lib/systemd/system/tocsin-metrics.socket \
  ./usr/lib/sysusers.d/tocsin.conf ./usr/lib/tmpfiles.d/tocsin.conf ./usr/lib/systemd/catalog/tocsin.catalog \
  ./usr/share/tocsin/iocs/3cx-2023.ioc ./usr/share/man/man5/tocsin.toml.5.gz ./usr/share/man/man1/tocsin.1.gz \
  ./usr/share/bash-completion/completions/tocsin ./usr/share/zsh/vendor-completions/_tocsin \
  ./usr/share/fish/vendor_completions.d/tocsin.fish ./etc/logrotate.d/tocsin \
  ./usr/share/doc/tocsin/siem/rsyslog.conf; do
  says " $path"
done
! grep -v ' root/root ' "$TMP/out" || no 'not everything belongs to root'
dpkg-deb --ctrl-tarfile "$package" | tar -xO ./conffiles >"$TMP/out"
says /etc/tocsin/tocsin.toml
dpkg-deb --ctrl-tarfile "$package" | tar -x -C "$TMP"
for script in postinst prerm postrm; do
  sh -n "$TMP/$script" || no "$script is not for sh"
done
if command -v lintian >/dev/null; then
  while read -r one; do
    lintian --no-cfg --allow-root --fail-on error,warning "$one" >"$TMP/lintian" 2>&1 ||
      no "lintian on $(basename "$one"): $(cat "$TMP/lintian")"
  done < <(find "$TREE/build/deb" -maxdepth 1 -name 'tocsin*.deb' | sort)
else
  echo 'SKIPPED lintian: it is not installed'
fi
finish
