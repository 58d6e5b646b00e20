// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/host_facts.hpp"

#include <fstream>

#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::TempDir;

bool is_hex32(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

TEST_CASE("host facts are this host's, and stable", "[alert][host]") {
  const TempDir dir;
  const HostFactsOptions options{.state_dir = dir.path().string()};
  const HostFacts host = read_host_facts(options);
  CHECK(is_hex32(host.id));
  CHECK(is_hex32(host.boot_id));
  CHECK_FALSE(host.hostname.empty());
  CHECK_FALSE(host.kernel.empty());
  CHECK_FALSE(host.architecture.empty());
  CHECK(read_host_facts(options).id == host.id);
  // The machine id itself must not leave the host.
  std::string machine_id;
  std::getline(std::ifstream("/etc/machine-id") >> std::ws, machine_id);
  CHECK(host.id != machine_id);
}

TEST_CASE("without a machine id one is made and kept", "[alert][host]") {
  const TempDir dir;
  const HostFactsOptions options{.state_dir = dir.path().string(), .use_machine_id = false};
  const HostFacts first = read_host_facts(options);
  CHECK(first.id_source == HostIdSource::kStateFile);
  CHECK(is_hex32(first.id));
  CHECK(read_host_facts(options).id == first.id);
  // A broken file is replaced.
  dir.write("host-id", "garbage\n");
  const HostFacts second = read_host_facts(options);
  CHECK(second.id_source == HostIdSource::kStateFile);
  CHECK(is_hex32(second.id));
  CHECK(second.id != first.id);
  CHECK(read_host_facts(options).id == second.id);
}

TEST_CASE("without a state folder the id lasts as long as the boot", "[alert][host]") {
  const TempDir dir;
  const HostFactsOptions options{.state_dir = dir.file("missing/folder"), .use_machine_id = false};
  const HostFacts host = read_host_facts(options);
  CHECK(host.id_source == HostIdSource::kBoot);
  CHECK(is_hex32(host.id));
}

TEST_CASE("os-release is read with and without quotes", "[alert][host]") {
  const TempDir dir;
  const auto path = dir.write("os-release",
                              "# c\nNAME=\"Rocky Linux\"\nID='rocky'\nID_LIKE=\"rhel centos\"\n"
                              "VERSION_ID=9.4\nnonsense\n");
  const HostFacts host = read_host_facts({.state_dir = "", .os_release = path});
  CHECK(host.os_name == "Rocky Linux");
  CHECK(host.os_platform == "rocky");
  CHECK(host.os_family == "rhel");
  CHECK(host.os_version == "9.4");
}

TEST_CASE("entity ids tell hosts, boots and processes apart", "[alert][host]") {
  HostFacts a;
  a.id = "a";
  a.boot_id = "1";
  HostFacts b = a;
  CHECK(entity_id(a, {10, 20}) == entity_id(b, {10, 20}));
  CHECK(entity_id(a, {10, 20}) != entity_id(a, {10, 21}));
  CHECK(entity_id(a, {10, 20}) != entity_id(a, {11, 20}));
  b.boot_id = "2";
  CHECK(entity_id(a, {10, 20}) != entity_id(b, {10, 20}));
  const AgentFacts agent = make_agent_facts(a);
  CHECK(is_hex32(agent.id));
  CHECK(agent.id == make_agent_facts(a).id);
  CHECK(agent.ephemeral_id != make_agent_facts(a).ephemeral_id);
}

}  // namespace
}  // namespace tocsin
