// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "alert/alert.hpp"

namespace tocsin {

// The sentence of an alert, safe for a terminal: what its detector put into alert.message, or else
// what happened, who did it and which indicator it was, made from the alert's parts.
std::string alert_message(const Alert& alert);

// The same parts, for the renderers.
std::string shown_process(const ProcessFacts& process);  // "evil(977)"
std::string shown_user(const ProcessFacts& process);     // "root", "uid 1000", "user unknown"
std::string shown_login(const ProcessFacts& process);    // "alice", "uid 1000", empty when unset
// "alice from 198.51.100.7:50122 through sshd(812), pts0; sudo(900): alice -> root".
std::string shown_session(const LoginSession& session);
std::string shown_endpoint(const Endpoint& endpoint);    // "192.0.2.1:443", "[2001:db8::1]:443"
std::string_view shown_protocol(std::uint8_t protocol);  // "tcp", "udp", …; empty when unnamed
std::string_view shown_result(ConnectResult result);     // "ok", "refused", …; empty when unknown
// How the digest was obtained, or why there is none, in words.
std::string shown_hash_provenance(const HashResult& hash);
// "evil.example, from its own DNS answer, 3 s before, through cdn.example".
std::string shown_name(const NameCandidate& name);
// "coreutils 9.1-1 (dpkg), content as it was installed"; empty when nothing is known.
std::string shown_package(const PackageFacts& package);
std::string shown_module(const ModuleFacts& module);
// Nearest first in lineage, the root of it first in the text: "systemd(1) › sshd(812) › evil(977)".
std::string shown_lineage(const std::vector<ProcessFacts>& lineage);

// "seen before the indicator was known: first …, last …, 213 times, by …".
std::string shown_exposure(const RetroExposure& retro);

// "REFUSED", "would have been killed (dry run)", …
std::string shown_response(const ResponseFacts& response);
// The match with the loudest severity, first among equals; null without matches.
const IndicatorMatch* loudest_match(const Alert& alert);
// True when the digest that matched is the script's, not the interpreter's.
bool script_matched(const Alert& alert);

}  // namespace tocsin
