// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/list_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "indicators/set_line.hpp"
#include "relay/secret.hpp"

namespace tocsin::relay {
namespace {

constexpr std::size_t kTextBytesMax = 4'096;
constexpr std::size_t kListBytesMax = 1024 * 1024;

bool is_credential_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return name.size() <= 64 && !name.starts_with('.') && std::ranges::all_of(name, good);
}

}  // namespace

std::string ListFault::to_string() const {
  if (line == 0) return fmt::format("{}: {}", file, reason);
  return fmt::format("{}:{}:{}: {}", file, line, column, reason);
}

Wrong take_text(const toml::node& node, std::string& out) {
  const auto* text = node.as_string();
  if (text == nullptr) return "a text is expected";
  if (text->get().empty() || text->get().size() > kTextBytesMax)
    return fmt::format("a text of 1 to {} bytes is expected", kTextBytesMax);
  if (text->get().find_first_of(std::string("\0\r\n", 3)) != std::string::npos)
    return "a text of one line is expected";
  out = text->get();
  return std::nullopt;
}

Wrong take_flag(const toml::node& node, bool& out) {
  const auto* flag = node.as_boolean();
  if (flag == nullptr) return "true or false is expected";
  out = flag->get();
  return std::nullopt;
}

Wrong take_span(const toml::node& node, const SpanRange& range, std::uint64_t& seconds) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  const auto span = parse_span_s(text);
  if (!span || *span < range.least || *span > range.most) {
    const auto most = range.most % 86'400 == 0 ? fmt::format("{} days", range.most / 86'400)
                                               : fmt::format("{} s", range.most);
    return fmt::format("a span from {} s to {} is expected, such as \"6h\"", range.least, most);
  }
  seconds = *span;
  return std::nullopt;
}

Wrong take_name(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (!is_set_name(out) || out.starts_with('.'))
    return "1 to 64 letters, digits, dots, hyphens and underscores are expected, no dot first";
  return std::nullopt;
}

Wrong take_path(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  return out.starts_with('/') ? Wrong() : "an absolute path is expected";
}

Wrong take_secret_file(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (out.starts_with('/') || is_credential_name(out)) return std::nullopt;
  return "an absolute path or the name of a systemd credential is expected";
}

Wrong take_severity(const toml::node& node, Severity& out) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  const auto severity = parse_severity(text);
  if (!severity) return "info, low, medium, high or critical is expected";
  out = *severity;
  return std::nullopt;
}

Wrong wrong_https(std::string_view url) {
  if (!url.starts_with("https://") || url_host(url).empty())
    return "an https:// address is expected: nothing else is fetched";
  if (url_host(url).find('@') != std::string_view::npos)
    return "an address without user name is expected";
  if (!std::ranges::all_of(url, is_url_character))
    return "an address without blanks and in ASCII is expected";
  return std::nullopt;
}

Wrong take_https(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  return wrong_https(out);
}

std::optional<std::uint64_t> parse_span_s(std::string_view text) {
  static constexpr std::array<std::pair<char, std::uint64_t>, 4> kUnits = {
      {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}}};
  if (text.empty()) return std::nullopt;
  const auto* unit = std::ranges::find(kUnits, text.back(), &std::pair<char, std::uint64_t>::first);
  const auto number = parse_u64(text.substr(0, text.size() - 1));
  if (unit == kUnits.end() || !number || *number > UINT64_MAX / unit->second) return std::nullopt;
  return *number * unit->second;
}

std::string read_list_file(const std::string& file, std::vector<ListFault>& faults) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in && errno == ENOENT) return {};
  std::string text(kListBytesMax + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof() || in.bad()) {
    faults.push_back({file, 0, 0,
                      in.is_open() && !in.bad() ? fmt::format("longer than {} bytes", kListBytesMax)
                                                : std::generic_category().message(errno)});
    return {};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace tocsin::relay
