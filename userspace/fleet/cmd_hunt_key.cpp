// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// hunt-key: the key that signs questions to all hosts.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/new_file.hpp"
#include "fleet/command.hpp"
#include "signature/base64.hpp"
#include "signature/ed25519.hpp"

namespace tocsin::fleet {

Runner declare_hunt_key(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  app.add_option("-o,--output", *file, "File for the secret key (mode 0600); it must not be there")
      ->type_name("FILE")
      ->required();
  return [file](Context& context) {
    const auto key = Ed25519Key::generate();
    if (!key) return context.failed(key.error());
    const auto pem = key->to_pem();
    if (!pem) return context.failed(pem.error());
    if (const auto written = cli::write_private_file(*file, *pem, false); !written)
      return context.failed(written.error());
    const auto text = to_base64(key->public_key());
    context.out.line(text);
    context.out.document({{"public_key", text}, {"file", *file}});
    context.out.hint(fmt::format(
        "hosts answer its questions with: [fleet] hunt_keys = [\"{}\"], after a restart of "
        "tocsin-fleet",
        text));
    return kDone;
  };
}

}  // namespace tocsin::fleet
