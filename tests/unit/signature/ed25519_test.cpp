// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "signature/ed25519.hpp"

#include "base/text.hpp"
#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("Ed25519 is that of RFC 8032", "[ed25519]") {
  // Section 7.1, test 2.
  Ed25519Public key{};
  Ed25519Signature signature{};
  REQUIRE(from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", key));
  REQUIRE(
      from_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
               "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
               signature));
  CHECK(verify_ed25519(key, "\x72", signature));
  CHECK_FALSE(verify_ed25519(key, "\x73", signature));
  CHECK_FALSE(verify_ed25519(key, "", signature));
  signature[5] ^= 1;
  CHECK_FALSE(verify_ed25519(key, "\x72", signature));
}

TEST_CASE("a key survives its file and signs", "[ed25519]") {
  const auto key = Ed25519Key::generate().value();
  const auto again = Ed25519Key::from_pem(key.to_pem().value()).value();
  CHECK(again.public_key() == key.public_key());
  const auto signature = again.sign("a question").value();
  CHECK(verify_ed25519(key.public_key(), "a question", signature));
  CHECK_FALSE(verify_ed25519(Ed25519Key::generate()->public_key(), "a question", signature));
}

TEST_CASE("what is no secret key of that kind is refused", "[ed25519]") {
  CHECK_FALSE(Ed25519Key::from_pem(""));
  CHECK_FALSE(
      Ed25519Key::from_pem("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n"));
  CHECK_FALSE(Ed25519Key::from_pem(std::string(20'000, 'x')));
  // A key of P-256, whole but of another kind.
  const auto other = Ed25519Key::from_pem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0ucpjKKhyAe2ckni\n"
      "TK/SNn4Rb/J7ip7KSZmqrWVMrc6hRANCAARockBTj5HqSBJbvJqoUeQwg95HTqK/\n"
      "5Rdzml+o2U3SgoeS4qNYw1Wym4cYmfMmrGv3pARr7Em5baBwfusysvll\n"
      "-----END PRIVATE KEY-----\n");
  CHECK_FALSE(other);
}
