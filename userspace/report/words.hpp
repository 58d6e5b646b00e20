// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// What an alert means, in sentences, for the terminal and for the page. Every text that comes out
// is printable() already: safe for a terminal, not yet for HTML.
namespace tocsin::report {

// One alert and what the daemon knows around it.
struct Material {
  nlohmann::json alert;        // as the sinks write it
  nlohmann::json around;       // answer of `contacts`; null: there was none
  double now_s = 0;            // when it is told, Unix seconds
  std::string state_dir = {};  // whose files were read; empty: the daemon was asked
};

// Five answers, a sentence or two each.
struct Verdict {
  std::string what, who, since, sure, running;
  std::string response;  // what tocsin did about it; empty: nothing was asked for
};
Verdict verdict_of(const Material& material);

// What a group of evidence adds to the log odds of a beacon, and why.
struct EvidenceLine {
  std::string group, sentence;
  double contribution = 0;
};
std::vector<EvidenceLine> evidence_lines(const nlohmann::json& beacon);

// From the first contact or exposure that the alert is about to when it was raised, Unix seconds.
struct OwnTime {
  double first_s = 0, raised_s = 0;
};
std::optional<OwnTime> own_time(const nlohmann::json& alert);  // nullopt: it bears no time

// What could not be seen in the period that is judged; never empty.
std::vector<std::string> blind_spots(const Material& material);

// " --state-dir DIR" behind a command that is to ask the same; empty: the daemon was asked.
std::string asked_there(const std::string& state_dir);

struct NextStep {
  std::string why;
  // Can be pasted into a shell as it is; empty: there is only something to know.
  std::string command;
};
std::vector<NextStep> next_steps(const Material& material);

// The way a digest was obtained, or why there is none; empty: nothing is said of it. hash:
// {"rung","miss","cached","detail"}.
std::string hash_words(const nlohmann::json& hash);
// Where a name of an address comes from and how old it was. name: an element of tocsin.names.
std::string name_words(const nlohmann::json& name);
// "every 60 s ± 5 %"; empty when it is not regular.
std::string period_words(const nlohmann::json& beacon);
// What the alert is about was refused: it was tried, and nothing came of it.
bool is_refused(const nlohmann::json& alert);
// The SHA-256 of the content the alert is about: of the library, the script or the program; empty:
// not known.
std::string content_of(const nlohmann::json& alert);
// The program the alert is about: the script behind an interpreter, else what was executed.
std::string subject_of(const nlohmann::json& alert);
// Where it went, without defanging: "c2.example:443"; empty: nowhere in particular.
std::string destination_of(const nlohmann::json& alert);
// "systemd › sshd › bash › evil", eldest first.
std::string lineage_words(const nlohmann::json& alert);
// A duration as one number: "12 s", "50 min", "3.5 h", "12 days".
std::string span_words(double seconds);

}  // namespace tocsin::report
