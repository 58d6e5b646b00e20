# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# A Debian 12 with systemd as an image that boots, for ../test-vm: made by debootstrap once, kept in
# VM_CACHE, never changed by a run. The package's dependencies wait in apt's cache inside, so that the
# machine needs no network. Sourced, with the working directory at the tree's top and
# tests/kernel/vm/kernels.sh before it.

# Beside what a minimal Debian has: what the steps use.
readonly SERVICE_PACKAGES=(
  systemd-sysv dbus procps iproute2 kmod man-db curl ca-certificates runc busybox-static
)
readonly SERVICE_IMAGE_MIB=2000

# The first of each alternative, without versions.
service_dependencies() {
  dpkg-deb -f "$1" Depends | tr ',' '\n' | awk '{ print $1 }' | sort -u
}

# What the image is made of, in one word: another word, another image.
service_recipe() {
  { cat packaging/vm/image.sh packaging/vm/runner.sh packaging/vm/runner.service
    service_dependencies "$1"; } | sha256sum | cut -c 1-16
}

service_root() {
  local root=$1 package=$2 dependencies
  mapfile -t dependencies < <(service_dependencies "$package")
  debootstrap --variant=minbase --include="$(IFS=, && echo "${SERVICE_PACKAGES[*]}")" \
    bookworm "$root" "$VM_MIRROR" >"$root.log" 2>&1 || { tail -n 5 "$root.log" >&2; return 1; }
  # The same names as this machine's resolver gives, while packages are fetched.
  cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
  if ! chroot "$root" apt-get -q update >>"$root.log" 2>&1 ||
    ! chroot "$root" apt-get -q -y --download-only --no-install-recommends install \
      "${dependencies[@]}" >>"$root.log" 2>&1; then
    tail -n 5 "$root.log" >&2
    return 1
  fi
  # A resolver that nobody answers at: a question is sent, and that is what is looked at.
  echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
  echo 'options timeout:1 attempts:1' >>"$root/etc/resolv.conf"
  echo tocsin-vm >"$root/etc/hostname"
  echo '127.0.0.1 localhost tocsin-vm' >"$root/etc/hosts"
  rm -f "$root/etc/machine-id"
  : >"$root/etc/machine-id"
  install -m 0755 packaging/vm/runner.sh "$root/usr/local/sbin/tocsin-runner"
  install -m 0644 packaging/vm/runner.service "$root/etc/systemd/system/tocsin-runner.service"
  chroot "$root" systemctl --quiet enable tocsin-runner
  # Nothing but the steps is to run meanwhile.
  chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer man-db.timer \
    getty@tty1.service serial-getty@ttyS0.service
}

# service_image PACKAGE: prints the image's path, making it when there is none of this recipe.
service_image() {
  local package=$1 folder=$VM_CACHE/debian12 image root
  image=$folder/$(service_recipe "$package").img
  if [[ ! -e $image ]]; then
    mkdir -p "$folder"
    rm -f "$folder"/*.img "$folder"/*.log
    root=$(mktemp -d "$folder/root.XXXXXX") || return 1
    if service_root "$root" "$package" &&
      mke2fs -q -F -t ext4 -O '^has_journal' -d "$root" "$image.new" "${SERVICE_IMAGE_MIB}M" >/dev/null; then
      mv "$image.new" "$image"
    fi
    rm -rf "$root"
  fi
  [[ -e $image ]] && echo "$image"
}
