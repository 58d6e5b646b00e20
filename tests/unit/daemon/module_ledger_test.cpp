// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/module_ledger.hpp"

#include "daemon/module_limits.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

ExecEvent program(std::uint64_t ino) {
  ExecEvent out;
  out.path = "/usr/bin/program";
  out.file.ino = ino;
  return out;
}

ModuleFacts module(const std::string& path) {
  ModuleFacts out;
  out.path = path;
  return out;
}

constexpr ProcessId kFirst{10, 1}, kSecond{11, 2};

}  // namespace

TEST_CASE("libraries are kept by program and marked for the process told of", "[modules]") {
  ModuleLedger ledger;
  ledger.add(program(1), kFirst, module("/a.so"));
  ledger.add(program(1), kSecond, module("/b.so"));
  const auto of_first = ledger.of(program(1), kFirst);
  REQUIRE(of_first.facts.size() == 2);
  CHECK(of_first.facts[0].own);
  CHECK_FALSE(of_first.facts[1].own);
  CHECK(ledger.of(program(2), kFirst).facts.empty());
}

TEST_CASE("a library told again is there once", "[modules]") {
  ModuleLedger ledger;
  ledger.add(program(1), kFirst, module("/a.so"));
  ledger.add(program(1), kSecond, module("/a.so"));
  const auto modules = ledger.of(program(1), kSecond);
  REQUIRE(modules.facts.size() == 1);
  CHECK(modules.facts[0].own);
}

TEST_CASE("the list of a program is bounded and says what it lacks", "[modules]") {
  ModuleLedger ledger;
  for (std::size_t i = 0; i < limits::kModulesPerProgramMax + 3; ++i)
    ledger.add(program(1), kFirst, module("/" + std::to_string(i)));
  const auto modules = ledger.of(program(1), kFirst);
  CHECK(modules.facts.size() == limits::kModulesPerProgramMax);
  CHECK(modules.left_out == 3);
  CHECK(modules.facts.front().path == "/3");
}

TEST_CASE("programs that were not used for long are forgotten", "[modules]") {
  ModuleLedger ledger;
  for (std::uint64_t ino = 1; ino <= limits::kModuleProgramsMax + 1; ++ino)
    ledger.add(program(ino), kFirst, module("/a.so"));
  CHECK(ledger.programs() == limits::kModuleProgramsMax);
  CHECK(ledger.of(program(1), kFirst).facts.empty());
}

TEST_CASE("contents are kept once each, with who mapped them last", "[modules]") {
  ModuleLedger ledger;
  auto read = module("/a.so");
  ledger.add_content({read, kFirst, 1, {}});  // not read: nothing to judge again
  read.hash.digests.emplace();
  read.hash.digests->sha256.bytes.fill(1);
  ledger.add_content({read, kFirst, 2, {}});
  ledger.add_content({read, kSecond, 3, {}});
  std::size_t contents = 0;
  ledger.for_each_content([&](const ModuleLedger::Mapped& mapped) {
    ++contents;
    CHECK(mapped.process == kSecond);
    CHECK(mapped.at_ns == 3);
  });
  CHECK(contents == 1);
}
