// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/payload.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {
namespace {

std::array<char, 16> random_bytes() {
  std::array<char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("getrandom");
  return bytes;
}

Payload make_executable(const std::filesystem::path& path, const std::string& content) {
  write_file(path, content);
  namespace fs = std::filesystem;
  fs::permissions(path, static_cast<fs::perms>(0755));
  return {.path = path, .sha256 = sha256_of(path)};
}

}  // namespace

Payload make_payload(const std::filesystem::path& path, std::string_view action) {
  const auto tail = random_bytes();
  return make_executable(path, read_text(action_path(action)) + std::string(tail.data(), 16));
}

Payload make_script(const std::filesystem::path& path, int ms, ScriptWay way) {
  const auto tail = random_bytes();
  const std::string mark =
      to_hex({reinterpret_cast<const std::uint8_t*>(tail.data()), tail.size()});
  const std::string linger = action_path("linger") + " " + std::to_string(ms);
  const std::string body = way == ScriptWay::kExecs ? "exec " + linger : linger + "\n:";
  return make_executable(path, "#!/bin/sh\n# " + mark + "\n" + body + "\n");
}

std::string sha256_of(const std::filesystem::path& path) {
  const std::string content = read_text(path);
  std::array<std::uint8_t, 32> digest{};
  unsigned length = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr) !=
      1)
    throw std::runtime_error("EVP_Digest");
  return to_hex(digest);
}

std::string action_path(std::string_view name) {
  return std::string(TOCSIN_BIN_DIR) + "/../actions/" + std::string(name);
}

}  // namespace tocsin::test
