// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What guard lists do to candidates.
#include <map>

#include "extract_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

class Lists : public ReviewGuards {
 public:
  std::map<std::string, GuardEffect, std::less<>> effects;
  [[nodiscard]] std::vector<GuardHit> hits(IndicatorType, std::string_view value) const override {
    const auto at = effects.find(value);
    if (at == effects.end()) return {};
    return {{"list", "1", at->second}};
  }
};

Lines with(std::string_view text, std::string name, GuardEffect effect) {
  Lists lists;
  lists.effects[std::move(name)] = effect;
  return taken(*extracted(text, {}, &lists));
}

}  // namespace

TEST_CASE("guard lists hold a bare host and let a URL on it pass", "[extract]") {
  const std::string_view text = "Calls files-name[.]com and hxxps://files-name[.]com/a/b.bin now";
  CHECK(with(text, "files-name.com", GuardEffect::kHoldHost) ==
        Lines{"domain,files-name.com,review", "url,https://files-name.com/a/b.bin"});
  CHECK(with(text, "files-name.com", GuardEffect::kPopular) ==
        Lines{"domain,files-name.com,review", "url,https://files-name.com/a/b.bin"});
  CHECK(with(text, "files-name.com", GuardEffect::kAnnotate) ==
        Lines{"domain,files-name.com", "url,https://files-name.com/a/b.bin"});
}

TEST_CASE("a publisher's site is a reference when live, and held when defanged", "[extract]") {
  CHECK(
      with("https://vendor-name.com/blog/a\n", "vendor-name.com", GuardEffect::kReference).empty());
  CHECK(with("See vendor-name[.]com now", "vendor-name.com", GuardEffect::kReference) ==
        Lines{"domain,vendor-name.com,review"});
}

TEST_CASE("lists hold digests, too, and never delete", "[extract]") {
  CHECK(with("SHA256: " + kSha256, kSha256, GuardEffect::kReject) ==
        Lines{"sha256," + kSha256 + ",review"});
}
