// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace tocsin::cli {
namespace {

bool dumb_terminal() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::string_view(term) == "dumb";
}

bool no_colour_asked() {
  const char* value = std::getenv("NO_COLOR");  // https://no-color.org: any value but empty
  return value != nullptr && *value != '\0';
}

void write(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

}  // namespace

Output::Output(bool json)
    : json_(json),
      colour_(isatty(STDOUT_FILENO) == 1 && !no_colour_asked() && !dumb_terminal()),
      progress_(isatty(STDERR_FILENO) == 1 && !dumb_terminal()) {}

Output Output::plain() {
  Output out(false);
  out.colour_ = out.progress_ = false;
  return out;
}

Output Output::painted() {
  auto out = plain();
  out.colour_ = true;
  return out;
}

std::string Output::paint(Tone tone, std::string_view text) const {
  static constexpr std::string_view kCodes[] = {"", "1", "2", "32", "33", "1;31"};
  if (!colour_ || tone == Tone::kPlain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(tone)], text);
}

void Output::line(std::string_view text) const {
  if (json_) return;
  write(stdout, text);
  write(stdout, "\n");
}

void Output::document(const nlohmann::json& value) const {
  if (json_) document_text(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void Output::document_text(std::string_view json_text) const {
  if (!json_) return;
  write(stdout, json_text);
  write(stdout, "\n");
}

void Output::problem(std::string_view text) const {
  std::fflush(stdout);  // in the order it happened where both go to one place
  write(stderr, fmt::format("tocsin: {}\n", text));
}

void Output::hint(std::string_view text) const {
  write(stderr, fmt::format("        {}\n", text));
}

void Output::progress(std::string_view text) {
  if (!progress_) return;
  write(stderr, fmt::format("\r{}\x1b[K", text));
  progress_shown_ = true;
}

void Output::end_progress() {
  if (progress_shown_) write(stderr, "\r\x1b[K");
  progress_shown_ = false;
}

}  // namespace tocsin::cli
