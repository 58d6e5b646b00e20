// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "fleet/subjects.hpp"

// The folder from which a fleet is run: its CAs, the operator's certificate, and what each host and
// each server needs, ready to be copied there (docs/fleet.md has the layout).
namespace tocsin::fleet {

// Users and permissions for the broker's configuration: each host may say only what is its own and
// read only what is for all; the operator reads all and says what operators say.
std::string permissions_text(const Subjects& subjects, const std::vector<std::string>& hosts);

struct EnrolmentRequest {
  std::string folder;
  std::vector<std::string> hosts;    // subject names
  std::vector<std::string> servers;  // names or addresses under which the brokers are reached
};

struct Enrolled {
  std::vector<std::string> made;   // folders, relative, of hosts and servers that are new
  std::vector<std::string> hosts;  // all there are now
};

// Makes what is missing and leaves what is there, so that it can be run again with more hosts; then
// writes FOLDER/hosts.conf for all hosts that have a folder. Removing hosts/NAME and running it
// again without names takes that host's rights away.
Result<Enrolled> enrol(const Subjects& subjects, const EnrolmentRequest& request);

}  // namespace tocsin::fleet
