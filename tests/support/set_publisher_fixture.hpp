// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "fleet/set_publisher.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// Who publishes sets for a fleet: a key pair and signatures by the real minisign(1).
class SetSigner {
 public:
  SetSigner() { run({"minisign", "-G", "-W", "-p", dir_ / "k.pub", "-s", dir_ / "k.sec"}); }

  [[nodiscard]] std::string public_key() const {
    const auto text = read_text(dir_ / "k.pub");
    const auto line = text.substr(text.find('\n') + 1);
    return line.substr(0, line.find('\n'));
  }
  [[nodiscard]] MinisignKey key() const { return MinisignKey::parse(public_key()).value(); }

  // The content of the signature file, with this trusted comment.
  [[nodiscard]] std::string sign(const std::string& content, const std::string& comment) const {
    const auto file = dir_.write("set.ioc", content);
    run({"minisign", "-S", "-s", dir_ / "k.sec", "-m", file, "-x", dir_ / "set.minisig", "-t",
         comment});
    return read_text(dir_ / "set.minisig");
  }
  [[nodiscard]] fleet::SetManifest manifest(const std::string& content,
                                            std::uint64_t sequence) const {
    return fleet::make_manifest(content,
                                sign(content, "set:fleet sequence:" + std::to_string(sequence)))
        .value();
  }

 private:
  static void run(const std::vector<std::string>& argv) {
    if (const auto done = run_program(argv); done.exit_code != 0)
      throw std::runtime_error("minisign: " + done.err);
  }
  TempDir dir_;
};

// A native set of so many names: the same text for the same arguments.
inline std::string native_set(std::size_t values, const std::string& tag) {
  std::string out = "# set: fleet\n# source: test\n";
  for (std::size_t i = 0; i < values; ++i)
    out += "domain,n" + std::to_string(i) + "." + tag + ".example-c2.net\n";
  return out;
}

}  // namespace tocsin::test
