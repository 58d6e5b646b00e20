// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/brokers.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/text.hpp"

namespace tocsin::fleet {
namespace {

// A fleet has one broker, three or five; a name is one of DNS with a port. More: left out.
constexpr std::size_t kBrokersMax = 16;
constexpr std::size_t kBrokerBytesMax = 300;

bool usable(const std::string& name) {
  return !name.empty() && name.size() <= kBrokerBytesMax && name.front() != '#' &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::vector<std::string> enrolled_brokers(const std::string& folder) {
  std::vector<std::string> out;
  std::ifstream in(folder + "/" + kBrokersFile);
  for (std::string line; out.size() < kBrokersMax && std::getline(in, line);)
    if (usable(line)) out.push_back(line);
  return out;
}

std::vector<std::string> brokers_of_host(const std::vector<std::string>& configured) {
  if (!configured.empty()) return configured;
  if (const char* unit = std::getenv("CREDENTIALS_DIRECTORY"); unit != nullptr)
    if (auto brokers = enrolled_brokers(unit); !brokers.empty()) return brokers;
  return enrolled_brokers(kFleetFolder);
}

}  // namespace tocsin::fleet
