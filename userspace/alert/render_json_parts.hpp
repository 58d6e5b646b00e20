// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "alert/alert.hpp"
#include "alert/host_facts.hpp"
#include "base/json_writer.hpp"

// The larger members of an alert's JSON, for alert/render_json.cpp alone.
namespace tocsin::json {

// process, user, container and file; the lineage must not be empty.
void write_subject(JsonWriter& w, const Alert& alert, const HostFacts& host);
// threat.enrichments: one entry for each match.
void write_enrichments(JsonWriter& w, const Alert& alert);
// destination, network, dns and tls: the contact, the hello or the question.
void write_network(JsonWriter& w, const Alert& alert);
// Inside tocsin: connect, hello, and how the destination's names were learned.
void write_names(JsonWriter& w, const Alert& alert);
// Everything ECS has no name for.
void write_tocsin(JsonWriter& w, const Alert& alert);

}  // namespace tocsin::json
