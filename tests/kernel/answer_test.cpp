// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Which answers the kernel side believes: those to a question of this very socket, and only once.
#include <signal.h>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

// Asks a server of its own on port 53 for ASKED, is answered by it for each of ANSWERED with an
// address of its own, and contacts each address. Prints which of them were refused.
constexpr const char* kClient = R"(
import errno, json, socket, struct, sys
asked, answered = sys.argv[1], sys.argv[2:]
def name(text): return b''.join(bytes([len(l)]) + l.encode() for l in text.split('.')) + b'\0'
def message(id, flags, text, address=None):
  out = struct.pack('>6H', id, flags, 1, 1 if address else 0, 0, 0) + name(text) + b'\0\1\0\1'
  return out + b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4' + socket.inet_aton(address) if address else out
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.53.0.1', 53))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.connect(('127.53.0.1', 53))
client.send(message(7, 0x0100, asked))
peer = server.recvfrom(512)[1]
errors = []
for i, text in enumerate(answered):
  address = '203.0.113.%d' % (i + 1)
  server.sendto(message(7, 0x8180, text, address), peer)
  client.recv(512)
  contact = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  contact.setblocking(False)
  errors.append(contact.connect_ex((address, 9)))
print(json.dumps([error == errno.EPERM for error in errors]))
)";

json ask(const std::string& asked, std::vector<std::string> answered) {
  std::vector<std::string> argv = {"python3", "-c", kClient, asked};
  argv.insert(argv.end(), answered.begin(), answered.end());
  const auto done = run_program(argv);
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  return json::parse(done.out);
}

}  // namespace

TEST_CASE("the kernel side believes one answer to the question that was asked, and no other",
          "[response][names]") {
  TOCSIN_NEEDS_KERNEL();
  if (run_program({"python3", "-c", "pass"}).exit_code != 0)
    return print_skipped("believed answers", "there is no python3");
  Daemon daemon({.indicators = indicator_file({"domain,bad-name.example"}),
                 .settings = {"response.sets=[\"test=deny\"]"}});
  require_ready(daemon);
  if (const auto hooks = daemon.status().at("hooks").dump();
      hooks.find("cgroup_skb") == std::string::npos)
    return print_skipped("believed answers", "no packet hook is attached");
  daemon.child().signal(SIGSTOP);  // the kernel side is by itself
  // An answer for the listed name, to a question for another one.
  CHECK(ask("innocent.example", {"bad-name.example"}) == json({false}));
  // The answer that was asked for, and one more under the same id.
  CHECK(ask("www.Bad-Name.example", {"www.bad-name.example", "www.bad-name.example"}) ==
        json({true, false}));
  daemon.child().signal(SIGCONT);
  INFO(told(daemon));
  CHECK(daemon.stop() == 0);
}
