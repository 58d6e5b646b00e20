#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""What the whole of `tocsin top` costs at a given rate of events: it runs in a terminal of 132 by 50 and is fed over a
control socket by a stand-in for the daemon, so that nothing but it is measured.
usage: bench/top_storm.py [TOCSIN] [EVENTS_A_SECOND] [SECONDS]   (build/release/bin/tocsin, 10000, 20)"""
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import sys
import tempfile
import termios
import threading
import time

program = sys.argv[1] if len(sys.argv) > 1 else "build/release/bin/tocsin"
rate = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
BATCHES_A_SECOND, PROGRAMS, SETTLE_S = 50, 997, 3
sent = late = 0


def event(n):
    """An exec and a contact in turn, as a daemon writes them; more programs than top keeps."""
    i = n // 2 % PROGRAMS
    head = {"ts": time.time(), "pid": i + 1, "start": 1764503990.5, "uid": 0, "comm": f"program{i}"}
    if n % 2 == 0:
        return head | {"kind": "exec", "ppid": 977, "gid": 0, "euid": 0, "loginuid": 1000, "session": 3, "tty": "pts/3",
                       "path": f"/usr/bin/program{i}", "cwd": "/root", "argv": [f"program{i}", "-c", "one two"],
                       "sha256": f"{i:064x}", "hash_source": "proc-exe", "package": "coreutils",
                       "package_version": "9.1-1", "package_manager": "dpkg", "package_intact": True, "flags": []}
    return head | {"kind": "connect", "proto": "tcp", "addr": f"192.0.2.{i % 250}", "port": 443, "result": "ok",
                   "host": f"name{i}.example", "host_source": "own-dns", "host_age": 0.2}


def frame(value):
    text = json.dumps(value, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text


def stream(client, number):
    """Paced by the clock; behind it when top does not take them, which is counted."""
    global sent, late
    each = rate // BATCHES_A_SECOND
    batches = [b"".join(frame({"id": number, "item": event(b * each + n)}) for n in range(each)) for b in range(40)]
    begun, n = time.monotonic(), 0
    while True:
        try:
            client.sendall(batches[n % len(batches)])
        except BrokenPipeError:  # top ended
            return
        n += 1
        sent += each
        wait = begun + n / BATCHES_A_SECOND - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        elif wait < -0.5:
            late += each
            begun -= wait


def serve(client):
    client.sendall(frame({"hello": "tocsin", "protocol": 1, "version": "0.1.0", "access": "read"}))
    buffer = b""
    while True:
        got = client.recv(65536)
        if not got:
            return
        buffer += got
        while len(buffer) >= 4 and len(buffer) >= 4 + struct.unpack("<I", buffer[:4])[0]:
            size = struct.unpack("<I", buffer[:4])[0]
            request, buffer = json.loads(buffer[4:4 + size]), buffer[4 + size:]
            number, command = request["id"], request["command"]
            if command == "events":
                threading.Thread(target=stream, args=(client, number), daemon=True).start()
            elif command == "status":
                client.sendall(frame({"id": number, "item": {"version": "0.1.0", "uptime_s": 100, "events": {}}}))
                client.sendall(frame({"id": number, "done": True}))
            elif command != "alerts":
                client.sendall(frame({"id": number, "done": True}))


def accept(server):
    while True:
        client, _ = server.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def drain(terminal, until):
    written = 0
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            written += len(os.read(terminal, 65536))
    return written


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "control.sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(16)
    pid, terminal = pty.fork()
    if pid == 0:
        time.sleep(0.5)  # until the terminal has its size
        os.environ["TERM"] = "xterm-256color"
        os.execv(program, [program, "top", "--socket", path])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 132, 0, 0))
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    drain(terminal, time.monotonic() + SETTLE_S)
    before, first, begun = cpu_s(pid), sent, time.monotonic()
    written = drain(terminal, begun + seconds)
    took = time.monotonic() - begun
    used, events = cpu_s(pid) - before, sent - first
    memory = rss_mib(pid)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
print(f"{events / took:.0f} events a second, {late} of {sent} sent late")
print(f"{100 * used / took:.1f} % of one processor, {1e6 * used / max(events, 1):.1f} us an event, {memory:.1f} MiB, "
      f"{written / took / 1024:.0f} KiB/s to the terminal")
