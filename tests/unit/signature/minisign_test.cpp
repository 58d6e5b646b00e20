// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "signature/minisign.hpp"

#include <cstdlib>

#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using tocsin::test::TempDir;

namespace {

// A key pair and signatures by the real minisign(1).
struct Publisher {
  TempDir dir;
  bool works = false;
  Publisher() { works = run("minisign -G -W -p k.pub -s k.sec"); }
  bool run(const std::string& command) const {
    return std::system(
               ("cd " + dir.path().string() + " && " + command + " >/dev/null 2>&1").c_str()) == 0;
  }
  MinisignKey key() const { return MinisignKey::parse(test::read_text(dir / "k.pub")).value(); }
  MinisignSignature sign(const std::string& content, const std::string& options) const {
    dir.write("f", content);
    REQUIRE(run("minisign -S -s k.sec -m f -x f.minisig " + options));
    return MinisignSignature::parse(test::read_text(dir / "f.minisig")).value();
  }
};

std::string error_of(const Result<void>& result) {
  return result ? "none" : result.error().message;
}

}  // namespace

TEST_CASE("signatures of minisign are verified, prehashed and legacy", "[minisign]") {
  const Publisher publisher;
  REQUIRE(publisher.works);
  const auto key = publisher.key();
  for (const std::string options : {"-t 'sequence:42 of feed'", "-l -t 'sequence:42 of feed'"}) {
    auto signature = publisher.sign("content\n", options);
    CHECK(signature.prehashed == !options.starts_with("-l"));
    CHECK(signature.sequence() == 42);
    CHECK(error_of(verify("content\n", signature, key)) == "none");
    CHECK(error_of(verify("content", signature, key)) == "the signature does not fit the content");
    auto changed = signature;
    changed.trusted_comment = "sequence:43 of feed";
    CHECK(error_of(verify("content\n", changed, key)) ==
          "the signature does not fit its trusted comment");
    changed = signature;
    changed.prehashed = !changed.prehashed;
    CHECK_FALSE(verify("content\n", changed, key));
  }
  CHECK(error_of(verify("", publisher.sign("", "-t x"), key)) == "none");
}

TEST_CASE("a signature by another key is refused by name", "[minisign]") {
  const Publisher one, other;
  REQUIRE((one.works && other.works));
  const auto signature = one.sign("x", "-t sequence:1");
  CHECK(error_of(verify("x", signature, other.key()))
            .starts_with("the signature is by another key than "));
  auto forged = other.key();
  forged.id = one.key().id;  // a key that only claims to be the same
  CHECK(error_of(verify("x", signature, forged)) == "the signature does not fit the content");
}

TEST_CASE("the key's number is shown as minisign shows it", "[minisign]") {
  const Publisher publisher;
  REQUIRE(publisher.works);
  const auto file = test::read_text(publisher.dir / "k.pub");
  CHECK(file.find("minisign public key " + publisher.key().id_text()) != std::string::npos);
  auto small = publisher.key();
  small.id = {0xef, 0xcd, 0xab, 0, 0, 0, 0, 0};
  CHECK(small.id_text() == "ABCDEF");
}

TEST_CASE("files that are no key and no signature are refused", "[minisign]") {
  const Publisher publisher;
  REQUIRE(publisher.works);
  const auto line = test::read_text(publisher.dir / "k.pub")
                        .substr(test::read_text(publisher.dir / "k.pub").find('\n') + 1);
  CHECK(MinisignKey::parse(line));
  for (const std::string bad :
       {"", "RWQ", "untrusted comment: x", "not base64 at all not base64 at all not base64 at all!",
        "RWAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    CHECK_FALSE(MinisignKey::parse(bad));
  publisher.sign("x", "-t sequence:1");
  const auto good = test::read_text(publisher.dir / "f.minisig");
  CHECK(MinisignSignature::parse(good));
  CHECK_FALSE(MinisignSignature::parse(good + "more\n"));
  CHECK_FALSE(MinisignSignature::parse(good.substr(0, good.size() / 2)));
  CHECK_FALSE(MinisignSignature::parse(good.substr(good.find('\n') + 1)));
  CHECK_FALSE(MinisignSignature::parse(std::string(100'000, 'x')));
}

TEST_CASE("the sequence is a whole word of the trusted comment", "[minisign]") {
  const auto sequence = [](const std::string& comment) {
    MinisignSignature signature;
    signature.trusted_comment = comment;
    return signature.sequence();
  };
  CHECK(sequence("timestamp:1 file:a sequence:7") == 7);
  CHECK(sequence("sequence:7,hashed") == 7);
  CHECK_FALSE(sequence("mysequence:7"));
  CHECK_FALSE(sequence("sequence:"));
  CHECK_FALSE(sequence("sequence:-7"));
  CHECK_FALSE(sequence("sequence:99999999999999999999"));
  CHECK_FALSE(sequence(""));
}
