-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The tocsin authors
-- The tables of seen.db in docs/history.md as the tests know them, so that a change of the format is noticed.
PRAGMA journal_mode=WAL; PRAGMA application_id=0x746f6373; PRAGMA user_version=1;
CREATE TABLE who(id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, facts TEXT NOT NULL);
CREATE TABLE content(sha256 BLOB NOT NULL PRIMARY KEY, sha1 BLOB, md5 BLOB, size INTEGER, path TEXT) WITHOUT ROWID;
CREATE TABLE seen(kind INTEGER NOT NULL, value BLOB NOT NULL, subject BLOB NOT NULL, container TEXT NOT NULL,
  first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, count INTEGER NOT NULL, days INTEGER NOT NULL,
  flags INTEGER NOT NULL, first_who INTEGER, last_who INTEGER, first_pid INTEGER, first_start INTEGER,
  last_pid INTEGER, last_start INTEGER, PRIMARY KEY(kind, value, subject, container)) WITHOUT ROWID;
CREATE TABLE run(id INTEGER PRIMARY KEY, boot_id TEXT NOT NULL, version TEXT NOT NULL, kernel TEXT NOT NULL,
  started_ns INTEGER NOT NULL, alive_ns INTEGER NOT NULL, stopped_ns INTEGER, hooks TEXT NOT NULL);
CREATE TABLE lost(minute INTEGER NOT NULL, stage TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(minute, stage)) WITHOUT ROWID;
CREATE TABLE hashed(minute INTEGER NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(minute, outcome)) WITHOUT ROWID;
CREATE TABLE blind(from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, what TEXT NOT NULL);
CREATE TABLE reported(set_name TEXT NOT NULL, indicator TEXT NOT NULL, kind INTEGER NOT NULL, value BLOB NOT NULL,
  at_ns INTEGER NOT NULL, PRIMARY KEY(set_name, indicator, kind, value)) WITHOUT ROWID;
CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;
