# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""Writes a state folder with a history for the report tests: a program that was changed on one day, slept
for eight, and then called c2.example about every five minutes. usage: report_history.py STATE_DIR GOLDEN_ALERT

The tables are those of docs/history.md as this test knows them, so that a change of the format is noticed.
Prints the id of the alert."""
import json
import os
import random
import sqlite3
import sys
import time

state, golden = sys.argv[1:]
folder = os.path.join(state, "history")
os.makedirs(folder, exist_ok=True)
S = 10**9
DAY = 86400 * S
now = time.time_ns()
first = now - 17 * 3600 * S
APP, OLD, CURL = b"\xaa" * 32, b"\xbb" * 32, b"\xcc" * 32
random.seed(7)


def create(name, tables):
    db = sqlite3.connect(os.path.join(folder, name))
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA application_id=0x746f6373; PRAGMA user_version=1;" + tables)
    return db


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "history_seen.sql")) as tables:
    seen = create("seen.db", tables.read())
seen.execute("INSERT INTO run VALUES(1,'b','1','6.1',?,?,?,'{}')", (first - 60 * DAY, first + 4 * 3600 * S, first + 4 * 3600 * S))
seen.execute("INSERT INTO run VALUES(2,'b','1','6.1',?,?,NULL,'{}')", (first + 5 * 3600 * S, now))
seen.execute("INSERT INTO hashed VALUES(?,'gone',14)", (first // (60 * S),))


def sighting(kind, value, subject, when, count, flags):
    seen.execute("INSERT INTO seen VALUES(?,?,?,'',?,?,?,?,?,NULL,NULL,NULL,NULL,NULL,NULL)",
                 (kind, value, subject, when[0], when[1], count, 1 + (when[1] - when[0]) // DAY, flags))


sighting(1, OLD, b"/opt/3cx/app", (first - 60 * DAY, first - 8 * DAY), 80, 0)
sighting(1, APP, b"/opt/3cx/app", (first - 8 * DAY, now), 3, 0)
sighting(4, b"example.c2", APP, (first, now), 190, 0x80)
sighting(4, b"example.updates", APP, (first - 7 * DAY, now), 412, 0x84)
sighting(4, b"example.c2", CURL, (now - 3600 * S, now - 3000 * S), 2, 0x80)
seen.execute("INSERT INTO content VALUES(?,NULL,NULL,5,'/usr/bin/curl')", (CURL,))
seen.commit()
seen.close()

# One contact about every five minutes, in the files of their days.
days = {}
at, times = first, []
for i in range(190):
    times.append(at)
    at += int((300 + random.gauss(0, 8)) * S)
for i, at in enumerate(times):
    name = time.strftime("day-%Y-%m-%d.db", time.gmtime(at // S))
    if name not in days:
        days[name] = create(name, """
CREATE TABLE text(id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE);
CREATE TABLE event(time_ns INTEGER NOT NULL, kind INTEGER NOT NULL, pid INTEGER, start_ns INTEGER,
  who INTEGER, content INTEGER, value INTEGER, name INTEGER, port INTEGER, protocol INTEGER, result INTEGER,
  bytes_out INTEGER, bytes_in INTEGER, duration_ns INTEGER);""")
        for number, text in enumerate([b"connect", APP, b"203.0.113.9", b"c2.example", b"ok", b"timeout"], 1):
            days[name].execute("INSERT INTO text VALUES(?,?)", (number, text))
    if first + 4 * 3600 * S < at < first + 5 * 3600 * S:
        continue  # nobody watched
    failed = i % 31 == 30
    days[name].execute("INSERT INTO event VALUES(?,1,977,5,NULL,2,3,4,443,6,?,?,NULL,NULL)",
                       (at, 6 if failed else 5, None if failed else 480 + i % 7 * 12))
for db in days.values():
    db.commit()
    db.close()

with open(golden, encoding="utf-8") as file:
    alert = json.load(file)
last = times[-1] / S
alert["tocsin"]["time"] = last
alert["tocsin"]["loss"]["since"] = first / S
alert["process"]["executable"] = "/opt/3cx/app"
alert["process"]["args"] = ["/opt/3cx/app", "--tray"]
alert["process"]["hash"]["sha256"] = APP.hex()
for process in alert["tocsin"]["lineage"]:
    process["start"] = first / S - 6 * 86400
alert["tocsin"]["lineage"][0].update(path="/opt/3cx/app", sha256=APP.hex())
alert["tocsin"]["beacon"] = {
    "subject": {"path": "/opt/3cx/app", "sha256": APP.hex(), "kind": "content"}, "container": "",
    "destination": "c2.example", "port": 443, "kind": "connect", "contacts": 190, "failed": 6, "episodes": 190,
    "period_s": 300.0, "jitter": 0.05, "timing": 0.97, "persistence": 1, "size": 0.9, "score": 0.97,
    "probability": 0.994, "verdict": "critical",
    "evidence": {"timing": 2.9, "image": 1.5, "lineage": -0.5, "destination": 1.5, "follow_up": 4.5, "indicator": 0},
    "because": ["then a shell on a socket or fresh terminal ran below it", "no package owns the file",
                "the program is long known, this destination of it is new",
                "the file's content changed within 30 days", "no other program here goes there",
                "a person who logged in started it"],
    "first": first / S, "last": last,
    "crossed": {"notice": {"ts": times[7] / S, "episode": 8}, "alert": {"ts": times[16] / S, "episode": 17},
                "critical": {"ts": last, "episode": 190}}}
alerts = create("alerts.db", """
CREATE TABLE alert(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time_ns INTEGER NOT NULL,
  reported_ns INTEGER NOT NULL, severity INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX alert_by_time ON alert(reported_ns);""")
alerts.execute("INSERT INTO alert VALUES(1,?,?,?,4,?)",
               (alert["event"]["id"], times[-1], times[-1], json.dumps(alert)))
alerts.commit()
alerts.close()
print(alert["event"]["id"])
