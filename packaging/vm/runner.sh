#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Takes the job from the second disk, runs it, writes back what it left in out/, and switches off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
mkdir -p /job/out
tar -xf /dev/vdb -C /job
cd /job || exit
bash job.sh
echo $? >out/exit_code
journalctl --no-pager -b >out/journal 2>&1
tar -cf /dev/vdb -C /job/out .
sync
echo o >/proc/sysrq-trigger
sleep 60
