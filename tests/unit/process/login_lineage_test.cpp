// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/login_lineage.hpp"

#include "support/test.hpp"

using namespace tocsin;

namespace {

std::string name_of(std::uint32_t uid) {
  return uid == 0 ? "root" : uid == 1000 ? "alice" : "uid " + std::to_string(uid);
}

Ancestor process(std::uint32_t pid, std::string_view path, std::optional<std::uint32_t> uid) {
  return {{pid, pid * 100ULL}, path, uid, {}, true};
}

using Lineage = std::vector<Ancestor>;

}  // namespace

TEST_CASE("the nearest program that lets users in is the entry", "[session]") {
  const Lineage over_ssh = {process(9, "/usr/bin/curl", 1000), process(8, "/bin/bash", 1000),
                            process(7, "/usr/sbin/sshd", 0),   process(6, "/usr/sbin/sshd", 0),
                            process(5, "/usr/sbin/sshd", 0),   process(1, "/sbin/init", 0)};
  REQUIRE(entry_of(over_ssh) == 2);
  const auto chain = entry_chain(over_ssh, 2);
  REQUIRE(chain.size() == 3);
  CHECK(chain.front().id.pid == 7);
  CHECK(chain.back().id.pid == 5);

  const Lineage newer = {process(9, "/bin/bash", 1000),
                         process(8, "/usr/lib/openssh/sshd-session", 0),
                         process(7, "/usr/sbin/sshd", 0), process(1, "/sbin/init", 0)};
  REQUIRE(entry_of(newer) == 1);
  CHECK(entry_chain(newer, 1).size() == 2);

  const Lineage service = {process(9, "/usr/sbin/nginx", 33), process(1, "/sbin/init", 0)};
  CHECK_FALSE(entry_of(service));
  // The server itself is in nobody's session, whoever started it.
  const Lineage itself = {process(9, "/usr/sbin/sshd", 0), process(8, "/usr/sbin/sshd", 0)};
  CHECK_FALSE(entry_of(itself));
  CHECK_FALSE(entry_of({}));
}

TEST_CASE("only those that hold the connection come over the network", "[session]") {
  CHECK(is_network_entry("/usr/sbin/sshd"));
  CHECK(is_network_entry("/usr/lib/openssh/sshd-auth"));
  CHECK(is_network_entry("/usr/local/sbin/dropbear"));
  CHECK_FALSE(is_network_entry("/usr/sbin/cron"));
  CHECK_FALSE(is_network_entry("/usr/sbin/sshd.sh"));
  CHECK_FALSE(is_network_entry("/tmp/sshd"));
  CHECK_FALSE(is_network_entry("sshd"));
  CHECK_FALSE(lets_users_in("/home/alice/login"));
}

TEST_CASE("changes of user are told in their order, each once", "[session]") {
  const Lineage lineage = {process(20, "/usr/bin/id", 33),     process(19, "/bin/su", 0),
                           process(18, "/bin/bash", 0),        process(17, "/usr/bin/sudo", 1000),
                           process(16, "/usr/bin/sudo", 1000), process(15, "/bin/bash", 1000),
                           process(14, "/usr/sbin/sshd", 0)};
  const auto steps = user_changes(lineage, name_of);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0] == "sudo(17): alice -> root");
  CHECK(steps[1] == "su(19): root -> uid 33");
  // Nothing of the subject itself, and nothing above the entry.
  CHECK(user_changes(Lineage{process(9, "/bin/su", 0), process(8, "/bin/sh", 0)}, name_of).empty());
  const Lineage above = {process(9, "/bin/sh", 0), process(8, "/usr/sbin/cron", 0),
                         process(7, "/bin/su", 0), process(6, "/bin/sh", 1000)};
  CHECK(user_changes(above, name_of).empty());
}

TEST_CASE("a user's shell is told by how sshd starts it", "[session]") {
  CHECK(starts_users_shell({"-bash"}));
  CHECK(starts_users_shell({"bash", "-c", "rsync --server"}));
  CHECK(starts_users_shell({}));
  CHECK_FALSE(starts_users_shell({"/usr/bin/sss_ssh_authorizedkeys", "alice"}));
  CHECK_FALSE(starts_users_shell({"/bin/sh", "-c", "true"}));
  CHECK_FALSE(starts_users_shell({"python3", "/etc/ssh/keys.py"}));
}
