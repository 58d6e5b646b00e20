// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/set_manifest.hpp"

#include <array>

#include "fleet/set_limits.hpp"
#include "fleet/set_memory.hpp"
#include "support/set_publisher_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

std::string error_of(const Result<SetOffer>& offer) {
  return offer ? "none" : offer.error().message;
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a manifest is read back as it was made", "[fleet]") {
  const SetSigner signer;
  const auto content = native_set(20'000, "a");
  const auto made = signer.manifest(content, 42);
  CHECK(made.chunks == chunk_count(content.size()));
  CHECK(made.chunks > 1);
  const auto read = SetManifest::parse(made.to_text()).value();
  CHECK(read.set == "fleet");
  CHECK(read.sequence == 42);
  CHECK(read.sha256 == made.sha256);
  CHECK(read.bytes == content.size());
  CHECK(read.chunks == made.chunks);
  CHECK(read.minisig == made.minisig);
  const std::array keys = {SetSigner().key(), signer.key()};
  const auto offer = check_offer(read, keys, std::nullopt).value();
  CHECK_FALSE(offer.same);
  CHECK_FALSE(offer.may_shrink);
  CHECK(check_content(offer, content));
}

TEST_CASE("other content than the signed one is refused", "[fleet]") {
  const SetSigner signer;
  const auto content = native_set(10, "a");
  const std::array keys = {signer.key()};
  auto manifest = signer.manifest(content, 1);
  const auto changed = native_set(10, "b");
  CHECK_FALSE(check_content(check_offer(manifest, keys, std::nullopt).value(), changed));
  // A manifest that fits what was put in its place does not help.
  const auto forged = SetSigner().manifest(changed, 1);
  manifest.sha256 = forged.sha256;
  manifest.bytes = forged.bytes;
  const auto offer = check_offer(manifest, keys, std::nullopt).value();
  const auto checked = check_content(offer, changed);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == ErrorCode::kPermission);
  CHECK(checked.error().message == "the signature does not fit the content");
}

TEST_CASE("a manifest by another key, for another set or of an old version is refused", "[fleet]") {
  const SetSigner signer;
  const auto content = native_set(10, "a");
  const std::array keys = {signer.key()};
  const auto manifest = signer.manifest(content, 7);
  CHECK(has(error_of(check_offer(SetSigner().manifest(content, 7), keys, std::nullopt)),
            "set_keys does not list"));
  auto renamed = manifest;
  renamed.set = "other";
  CHECK(has(error_of(check_offer(renamed, keys, std::nullopt)), "signed as the set fleet"));
  auto later = manifest;
  later.sequence = 8;
  CHECK(has(error_of(check_offer(later, keys, std::nullopt)), "signed as sequence 7"));
  later.minisig.replace(later.minisig.find("sequence:7"), 10, "sequence:8");
  CHECK(has(error_of(check_offer(later, keys, std::nullopt)), "does not fit its trusted comment"));

  CHECK(check_offer(manifest, keys, TakenSet{6, {}}));
  CHECK(check_offer(manifest, keys, TakenSet{7, manifest.sha256})->same);
  CHECK(has(error_of(check_offer(manifest, keys, TakenSet{7, {}})), "with other content"));
  CHECK(
      has(error_of(check_offer(manifest, keys, TakenSet{8, {}})), "old version is being replayed"));
  auto unnumbered = manifest;
  unnumbered.minisig = signer.sign(content, "set:fleet");
  CHECK(has(error_of(check_offer(unnumbered, keys, std::nullopt)), "has no sequence"));
  auto shrunk = manifest;
  shrunk.minisig = signer.sign(content, "set:fleet sequence:7 shrink:yes");
  CHECK(check_offer(shrunk, keys, std::nullopt)->may_shrink);
}

TEST_CASE("what is no manifest, or of too much, is refused", "[fleet]") {
  const auto digest = std::string(64, 'a');
  const auto text = [&](const std::string& set, const std::string& bytes,
                        const std::string& chunks) {
    return R"({"set":")" + set + R"(","sequence":1,"sha256":")" + digest + R"(","bytes":)" + bytes +
           R"(,"chunks":)" + chunks + R"(,"minisig":"x"})";
  };
  CHECK(SetManifest::parse(text("fleet", "524288", "1")));
  CHECK(SetManifest::parse(text("fleet", "524289", "2")));
  CHECK_FALSE(SetManifest::parse(text("fleet", "524289", "1")));
  CHECK_FALSE(SetManifest::parse(text("fleet", "0", "0")));
  CHECK_FALSE(SetManifest::parse(text("fleet", "-1", "1")));
  CHECK_FALSE(SetManifest::parse(text("../fleet", "5", "1")));
  CHECK_FALSE(SetManifest::parse(text("a.b", "5", "1")));
  CHECK(SetManifest::parse(text("fleet", "999999999999", "1")).error().code == ErrorCode::kLimit);
  for (const std::string none : {"", "[]", "{}", "{\"set\":\"fleet\"}"})
    CHECK_FALSE(SetManifest::parse(none));
  CHECK_FALSE(SetManifest::parse(std::string(limits::kManifestBytesMax + 1, ' ')));
}

TEST_CASE("the last version survives restarts, and a damaged memory is an error", "[fleet]") {
  const TempDir dir;
  const auto file = dir / "sets.json";
  const TakenSet version{42, *Sha256::parse(std::string(64, 'b'))};
  {
    auto memory = SetMemory::open(file).value();
    CHECK_FALSE(memory.taken("fleet"));
    REQUIRE(memory.take("fleet", version));
    REQUIRE(memory.take("other", {1, {}}));
  }
  const auto memory = SetMemory::open(file).value();
  CHECK(memory.taken("fleet")->sequence == 42);
  CHECK(memory.taken("fleet")->sha256 == version.sha256);
  CHECK(memory.taken("other")->sequence == 1);
  for (const char* text : {"", "[]", R"({"a":1})", R"({"a":{"sequence":1}})"}) {
    INFO(text);
    dir.write("sets.json", text);
    CHECK(SetMemory::open(file).error().code == ErrorCode::kInvalidInput);
  }
}
