// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/kernel_response.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15ULL;

// As name_verdict.bpf.h computes the hash of each suffix of one message's name.
std::uint64_t suffix_hash(std::string_view name, std::size_t from_label) {
  std::string wire;
  std::vector<std::size_t> labels;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    labels.push_back(wire.size());
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  std::uint64_t sum = 0, before = 0, weight = 1, inverse = 1;
  for (std::size_t i = 0; i < wire.size(); ++i) {
    const auto term = (static_cast<std::uint8_t>(wire[i]) + 1ULL) * weight;
    if (i < labels[from_label]) {
      before += term;
      inverse *= odd_inverse(kBase);
    }
    sum += term;
    weight *= kBase;
  }
  return (sum - before) * inverse;
}

TEST_CASE("a suffix of a name has the hash of the name that it is", "[capture]") {
  CHECK(kBase * odd_inverse(kBase) == 1);
  CHECK(odd_inverse(1) == 1);
  CHECK(suffix_hash("www.journalide.org", 0) == denied_name_hash("www.journalide.org", kBase));
  CHECK(suffix_hash("www.journalide.org", 1) == denied_name_hash("journalide.org", kBase));
  CHECK(suffix_hash("a.b.c.journalide.org", 3) == denied_name_hash("Journalide.ORG", kBase));
  // Labels end where they end.
  CHECK(denied_name_hash("ab.c", kBase) != denied_name_hash("a.bc", kBase));
  CHECK(denied_name_hash("officeaddons.com", kBase) !=
        denied_name_hash("notofficeaddons.com", kBase));
}

TEST_CASE("what cannot stand in a DNS message has no hash", "[capture]") {
  for (const std::string& bad : {std::string(), std::string("."), std::string("a..b"),
                                 std::string(64, 'x'), std::string(254, 'x')})
    CHECK(denied_name_hash(bad, kBase) == 0);
  CHECK(denied_name_hash(std::string(63, 'x'), kBase) != 0);
}

}  // namespace
}  // namespace tocsin
