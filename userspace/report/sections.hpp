// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "report/html.hpp"
#include "report/words.hpp"

// Sections of an alert's page. One that would say nothing is left out.
namespace tocsin::report {

// A short headline, hosts defanged.
std::string title_of(const nlohmann::json& alert);
// The text with the alert's own host names and addresses defanged.
std::string defanged_in(std::string text, const nlohmann::json& alert);

void show_time_line(Html& page, const Material& material);
void show_process_tree(Html& page, const nlohmann::json& alert);
void show_beacon(Html& page, const Material& material, const nlohmann::json& beacon);
void show_indicators(Html& page, const nlohmann::json& alert);
// The program, its digests and how they were obtained.
void show_content(Html& page, const nlohmann::json& alert);
// The destination and every name it may have been contacted by.
void show_network(Html& page, const nlohmann::json& alert);
// Where else the program went, who else goes there, what ran at its path before.
void show_neighbours(Html& page, const Material& material);

}  // namespace tocsin::report
