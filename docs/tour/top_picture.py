# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""The tour's picture of `tocsin top`: it runs in a real terminal (tmux) on the tour's recording, which a stand-in for the
daemon tells it; beacons and alert are those that `tocsin replay` finds in it.
usage: docs/tour/top_picture.py TOCSIN FILE.svg   at the top of the tree"""
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

tocsin, picture = os.path.abspath(sys.argv[1]), sys.argv[2]
here = pathlib.Path(__file__).parent
recording = [json.loads(line) for line in (here / "recording.jsonl").read_text().splitlines()]
COLUMNS, ROWS, SETTLE_S = 112, 40, 10


def replayed(*options):
    done = subprocess.run([tocsin, "--json", "replay", here / "recording.jsonl", "--ioc", here / "before.ioc", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


# A daemon names a contact by the answer that its program had just before.
names = {answer["data"]: one["qname"] for one in recording for answer in one.get("answers", [])}
for one in recording:
    if one.get("kind") == "connect" and "host" not in one and one["addr"] in names:
        one |= {"host": names[one["addr"]], "host_source": "own-dns"}

kinds = ("exec", "connect", "tls", "quic", "http")
counts = {kind: sum(one.get("kind") == kind for one in recording) for kind in kinds}
ANSWERS = {
    "events": [one for one in recording if one.get("kind") in kinds],
    "alerts": replayed(),
    "beacons": sorted(replayed("--print", "beacons"), key=lambda one: -one.get("probability", 0)),
    "status": [{"version": subprocess.check_output([tocsin, "--version"], text=True).split()[1],
                "uptime_s": 24 * 86400, "events": {kind: {"seen": count, "lost": 0} for kind, count in counts.items()},
                "hash": {"executions": counts["exec"], "hashed": counts["exec"], "coverage": 1.0},
                "alerts": {"total": 1, "by_severity": {"critical": 1}}, "loss": [], "beacons": {"keys": 4},
                "memory": {"rss_bytes": 14 * 2**20}}],
}


def contacts(wanted):
    times = [one["ts"] for one in recording
             if one.get("kind") == "connect" and one.get("host", one.get("addr")) == wanted.get("destination")]
    return [{"contacts": [[at, None, "ok"] for at in times]}]


def frame(value):
    text = json.dumps(value).encode()
    return struct.pack("<I", len(text)) + text


def serve(client):
    client.sendall(frame({"hello": "tocsin", "protocol": 1, "version": "0", "access": "read"}))
    buffer = b""
    while got := client.recv(65536):
        buffer += got
        while len(buffer) >= 4 and len(buffer) >= 4 + (size := struct.unpack("<I", buffer[:4])[0]):
            request, buffer = json.loads(buffer[4:4 + size]), buffer[4 + size:]
            number, command, arguments = request["id"], request["command"], request.get("arguments", {})
            items = contacts(arguments) if command == "contacts" else ANSWERS.get(command, [])
            client.sendall(b"".join(frame({"id": number, "item": item}) for item in items))
            if not arguments.get("follow"):
                client.sendall(frame({"id": number, "done": True}))


def accept(server):
    while True:
        client, _ = server.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "control.sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(16)
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    tmux = ["tmux", "-u", "-S", os.path.join(folder, "tmux.sock"), "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-e", "LC_ALL=C.UTF-8", "-e", "TZ=UTC",
                    f"{tocsin} top --socket {path}"], check=True)
    time.sleep(SETTLE_S)
    screen = subprocess.run([*tmux, "capture-pane", "-p", "-e"], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run([*tmux, "kill-server"], check=False)
subprocess.run([sys.executable, here / "pictures.py", "screen", picture], input=screen, check=True)
