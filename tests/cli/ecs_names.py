# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""ecs_names.py FIELDS <ALERTS: which members of alerts (JSON lines) are no fields of ECS, one a line."""
import json
import sys

fields = {}
with open(sys.argv[1], encoding="utf-8") as listed:
    for line in listed:
        if not line.startswith("#"):
            name, kind = line.split()[:2]
            fields[name] = kind


def walk(value, name):
    if name in ("tocsin", "labels"):  # our own, and free names
        return
    if isinstance(value, dict):
        for key, member in value.items():
            walk(member, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for entry in value:
            walk(entry, name)
    elif name not in fields:
        print(name)


for line in sys.stdin:
    walk(json.loads(line), "")
