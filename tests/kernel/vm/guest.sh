#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Second program of the virtual machine, and its last: makes it a usual host, runs the job that
# came on the second disk, writes what it left in out/ back to that disk, and switches off.
ulimit -l unlimited # as the unit has it
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mount -t securityfs security /sys/kernel/security
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracing /sys/kernel/tracing
mount --make-rshared /
chmod 1777 /tmp /dev/shm
ln -sf /proc/self/fd /dev/fd
ip link set lo up
hostname tocsin-vm
mkdir -p /run/netns /job/out
tar -xf /dev/vdb -C /job
cd /job || exit
bash run.sh
echo $? >out/exit_code
tar -cf /dev/vdb -C /job/out .
sync
echo "vm: done"
echo o >/proc/sysrq-trigger
sleep 60
