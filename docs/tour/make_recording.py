# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""Writes the event lines of the tour: a made-up Linux host in March 2023, on which the update of a telephony program
behaves as 3CX's did on Windows and macOS: it sleeps for a week, calls a name of the campaign again and again, and then
opens a shell. The name called, the week of sleep (Elastic) and the days of March are the campaign's; host, users, addresses
and how often it calls are made up, for how often the real one did is not public. The same bytes every time.
usage: make_recording.py > recording.jsonl"""
import datetime
import hashlib
import json
import random

DAY, HOUR, MINUTE = 86_400, 3_600, 60
OLD, NEW = (hashlib.sha256(f"3cx-desktop {v}".encode()).hexdigest() for v in ("18.11.1213", "18.12.416"))
LIBRARY = hashlib.sha256(b"libffmpeg.so of 18.12.416").hexdigest()
lines = []


def at(text):
    return datetime.datetime.fromisoformat(text + "+00:00").timestamp()


BEGIN, UPDATE, FIRST_CALL, SHELL = map(at, ("2023-02-27T08:00:00", "2023-03-14T09:12:00", "2023-03-21T10:40:00",
                                            "2023-03-23T10:02:30"))


def line(ts, kind, pid, **members):
    members = {"ts": round(ts, 3), "kind": kind, "pid": pid, "start": round(BEGIN + pid, 3), **members}
    if "ppid" in members:
        members["pstart"] = round(BEGIN + members["ppid"], 3)
    lines.append(members)


def program(ts, pid, path, package, **members):
    digest = members.pop("sha256", hashlib.sha256(path.encode()).hexdigest())
    line(ts, "exec", pid, path=path, argv=members.pop("argv", [path]), sha256=digest, package=package,
         package_manager="dpkg", package_intact=True, uid=members.pop("uid", 4242), **members)


def call(ts, pid, name, address):
    line(ts, "dns", pid, qname=name, qtype="A", rcode="NOERROR", response=True, answers=[
        {"type": "A", "data": address, "ttl": 60}], addr="192.0.2.53", port=53, proto="udp")
    line(ts + 0.05, "connect", pid, proto="tcp", addr=address, port=443, result="ok")
    line(ts + 0.9, "close", pid, addr=address, port=443, bytes_out=1180 + int(ts) % 40, bytes_in=420, duration=0.85)


program(BEGIN, 1, "/usr/lib/systemd/systemd", "systemd", uid=0)
program(BEGIN + 5, 12, "/usr/lib/systemd/systemd-timesyncd", "systemd-timesyncd", ppid=1, uid=101)
program(BEGIN + 60, 40, "/opt/3cx/desktop", "3cx-desktop", ppid=1, sha256=OLD, package_version="18.11.1213")
ts = BEGIN + 90
while ts < SHELL:
    call(ts, 40 if ts < UPDATE else 41, "update.3cx.com", "198.51.100.10")
    ts += 12.2 * HOUR
ts = BEGIN + 30
while ts < SHELL:
    line(ts, "connect", 12, proto="udp", addr="192.0.2.123", port=123, host="ntp.example.net", host_source="own-dns")
    ts += 6 * HOUR
line(UPDATE - 2, "exit", 40, exit_code=0)
program(UPDATE, 41, "/opt/3cx/desktop", "3cx-desktop", ppid=1, sha256=NEW, package_version="18.12.416")
line(UPDATE + 1, "module", 41, path="/opt/3cx/libffmpeg.so", sha256=LIBRARY, package="3cx-desktop", package_intact=True)
draw = random.Random(3)
ts = FIRST_CALL
while ts < SHELL - 2 * MINUTE:
    call(ts, 41, "azureonlinestorage.com", "203.0.113.20")
    ts += draw.uniform(24, 36) * MINUTE
program(SHELL, 60, "/usr/bin/dash", "dash", ppid=41, argv=["sh", "-i"], stdin="socket", stdout="socket")
for after, pid, path, argv in ((7, 61, "/usr/bin/whoami", ["whoami"]), (11, 62, "/usr/bin/id", ["id"]),
                               (19, 63, "/usr/bin/uname", ["uname", "-a"])):
    program(SHELL + after, pid, path, "coreutils", ppid=60, argv=argv)
lines.sort(key=lambda one: one["ts"])
for one in lines:
    print(json.dumps(one, separators=(",", ":")))
