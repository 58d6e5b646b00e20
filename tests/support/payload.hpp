// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tocsin::test {

// An executable file with content that never existed before.
struct Payload {
  std::filesystem::path path;
  std::string sha256;
  [[nodiscard]] std::string indicator() const { return "sha256," + sha256; }
};

// A copy of an action program with random bytes behind its end: the loader ignores them.
Payload make_payload(const std::filesystem::path& path, std::string_view action = "linger");
// A shell script that lives for ms milliseconds, as itself or by executing something else at once.
enum class ScriptWay { kStays, kExecs };
Payload make_script(const std::filesystem::path& path, int ms, ScriptWay way = ScriptWay::kStays);
// By OpenSSL directly: independent of the code under test.
std::string sha256_of(const std::filesystem::path& path);

// Path of an action program.
std::string action_path(std::string_view name);

}  // namespace tocsin::test
