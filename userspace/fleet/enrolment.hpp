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

// The broker's accounts. The streams and the operator are in one, all hosts in the other: the
// broker checks what a publisher says, but not where it wants the answer, and sends that with
// rights of its own. So answers to hosts end in an account where nothing is stored and nothing
// obeys.
inline constexpr const char* kCentreAccount = "CENTRE";
inline constexpr const char* kHostsAccount = "HOSTS";

// Both, with users and permissions, for the broker's configuration: each host may say only what is
// its own and read only what is for all; the operator reads all and says what operators say.
std::string permissions_text(const Subjects& subjects, const std::vector<std::string>& hosts);

struct EnrolmentRequest {
  std::string folder;
  std::vector<std::string> hosts;    // subject names
  std::vector<std::string> servers;  // names or addresses under which the brokers are reached
  // New certificates for those hosts and servers that have one, too; for none of them: the
  // operator's.
  bool renew = false;
};

struct Enrolled {
  std::vector<std::string> made;  // folders, relative, of hosts and servers that are new or renewed
  std::vector<std::string> hosts;  // all there are now
};

// Makes what is missing and leaves what is there, so that it can be run again with more hosts; then
// writes FOLDER/hosts.conf for all hosts that have a folder, and into each host's and the
// operator's folder the names of the brokers (brokers.hpp). Removing hosts/NAME and running it
// again without names takes that host's rights away.
Result<Enrolled> enrol(const Subjects& subjects, const EnrolmentRequest& request);

// Where Debian's nats-server looks, below root: all is written there, owned by its user.
struct BrokerPlaces {
  std::string root = "/";
  std::string user = "nats";
  std::string
      shipped;  // one-broker.conf; empty: beside this program, or in /usr/share/tocsin-fleet
};
// This machine is the fleet's one broker: puts the only server's certificates of folder and
// hosts.conf to etc/nats/tocsin, makes the streams' folder, and etc/nats-server.conf, unless that
// uses them already; what stood there is kept as etc/nats-server.conf.before-tocsin, or
// .before-accounts when it was ours, of one account. What was written, for people. kNotFound: there
// is no such user, no server or more than one.
Result<std::vector<std::string>> set_up_broker_here(const std::string& folder,
                                                    const BrokerPlaces& places);

}  // namespace tocsin::fleet
