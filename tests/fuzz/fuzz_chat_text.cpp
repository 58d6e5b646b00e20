// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "relay/webhook_limits.hpp"
#include "relay/webhook_payload.hpp"

// Any text as an alert: the chat message is bounded UTF-8, all its code spans are closed, and
// nothing in it is a link, a mention or markup.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto text = relay::chat_text(input);
  const bool good =
      text.size() <= limits::kChatTextBytesMax && invalid_utf8_at(text) == std::string_view::npos &&
      std::ranges::count(text, '`') % 2 == 0 && text.find_first_of("<>@&") == std::string::npos &&
      text.find("://") == std::string::npos;
  if (!good) std::abort();
  return 0;
}
