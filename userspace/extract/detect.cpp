// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/detect.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "extract/delimited.hpp"
#include "extract/text_reader.hpp"
#include "extract/vocabulary.hpp"
#include "indicators/indicator.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kLinesSampled = 60;
constexpr std::size_t kSampleBytes = 256UL * 1024;

using Lines = std::vector<std::string_view>;

Lines sample(std::string_view text) {
  Lines out;
  LineReader lines(text.substr(0, kSampleBytes));
  for (TextLine line; out.size() < kLinesSampled && lines.next(line);)
    if (!trim(line.text).empty()) out.push_back(line.text);
  return out;
}

template <typename Is>
std::size_t count_lines(const Lines& lines, Is is) {
  return static_cast<std::size_t>(std::ranges::count_if(lines, is));
}

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with(';') || line.starts_with('!') ||
         line.starts_with("//");
}

// ---- What holds no list

std::optional<std::string_view> rule_language(const Lines& lines) {
  bool condition = false, rule = false, logsource = false, detection = false, title = false;
  for (const auto line : lines) {
    const auto whole = trim(line);
    rule |= whole.starts_with("rule ") || whole.starts_with("private rule ") ||
            whole.starts_with("import \"pe\"");
    condition |= whole.starts_with("condition:") || whole.starts_with("strings:") ||
                 whole.starts_with("meta:") || whole.ends_with("{");
    title |= line.starts_with("title:");
    logsource |= line.starts_with("logsource:");
    detection |= line.starts_with("detection:");
  }
  // In the first lines, and not as a part of an article.
  std::size_t code = 0;
  while (code < lines.size() &&
         (is_comment(trim(lines[code])) || trim(lines[code]) == "---" ||
          trim(lines[code]).starts_with("/*") || trim(lines[code]).starts_with("*") ||
          trim(lines[code]).starts_with("import ")))
    ++code;
  const bool yara_first = code < lines.size() && (trim(lines[code]).starts_with("rule ") ||
                                                  trim(lines[code]).starts_with("private rule "));
  if (rule && condition && yara_first)
    return "YARA rules: they describe files and list no indicators; use a scanner that runs them";
  if (title && (logsource || detection))
    return "a Sigma rule: it describes events and lists no indicators; use a tool that runs it";
  return std::nullopt;
}

// ---- Line formats

bool is_ids_rule(std::string_view line) {
  line = trim(line);
  if (line.starts_with('#')) line = trim(line.substr(1));
  for (const std::string_view action : {"alert ", "drop ", "reject ", "pass "})
    if (line.starts_with(action) && line.find("(msg:") != std::string_view::npos) return true;
  return false;
}

bool is_hosts_line(std::string_view line) {
  const auto blank = line.find_first_of(" \t");
  if (blank == std::string_view::npos) return false;
  const auto address = IpAddress::parse(line.substr(0, blank));
  if (!address) return false;
  const auto name = trim(line.substr(blank));
  return (address->is_loopback() || address->is_unspecified()) && !name.empty() &&
         name.find_first_of(",;\"") == std::string_view::npos;
}

bool is_dnsmasq_line(std::string_view line) {
  for (const std::string_view key : {"address=/", "server=/", "local=/", "bogus-nxdomain="})
    if (line.starts_with(key)) return true;
  return false;
}

bool is_adblock_line(std::string_view line) {
  return line.starts_with("||") || line.starts_with("@@||");
}

bool is_rpz_line(std::string_view line) {
  const auto lower = ascii_lower(line);
  return (has_phrase(lower, "cname") &&
          (lower.ends_with(" .") || lower.ends_with("\t.") ||
           lower.find("rpz-") != std::string::npos || lower.find("*.") != std::string::npos ||
           lower.find("cname\t.") != std::string::npos ||
           lower.find("cname .") != std::string::npos)) ||
         lower.find(".rpz-ip") != std::string::npos;
}

bool is_native_line(std::string_view line) {
  const auto comma = line.find(',');
  return comma != std::string_view::npos && parse_indicator_type(line.substr(0, comma)).has_value();
}

// Base64 of text, one a line, with an optional ",number".
bool is_dataset_line(std::string_view line) {
  line = line.substr(0, line.find(','));
  if (line.size() < 8 || line.size() % 4 != 0) return false;
  bool upper = false, lower = false;
  for (const char c : line) {
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/' && c != '=') return false;
    upper |= letter && c < 'a';
    lower |= letter && c >= 'a';
  }
  return upper && lower;
}

std::optional<Syntax> line_format(const Lines& lines) {
  Lines rows;
  std::ranges::copy_if(lines, std::back_inserter(rows),
                       [](auto l) { return !is_comment(trim(l)); });
  const auto ids = count_lines(lines, is_ids_rule);
  if (ids > 0 && ids * 2 >= rows.size()) return Syntax::kIdsRules;
  if (rows.empty()) return std::nullopt;
  const auto most = [&](std::size_t n) { return n > 0 && n * 10 >= rows.size() * 8; };
  if (most(count_lines(rows, is_hosts_line))) return Syntax::kHosts;
  if (most(count_lines(rows, is_dnsmasq_line))) return Syntax::kDnsmasq;
  if (count_lines(rows, is_adblock_line) * 2 >= rows.size()) return Syntax::kAdblock;
  const bool zone = std::ranges::any_of(rows, [](auto l) {
    return l.starts_with("$TTL") || l.starts_with("$ORIGIN") ||
           has_phrase(ascii_lower(l), "in soa") || has_phrase(ascii_lower(l), "soa");
  });
  const auto rpz = count_lines(rows, is_rpz_line);
  if (rpz > 0 && (zone || most(rpz))) return Syntax::kRpz;
  // Without any header a table of type and value is read the same way.
  if (most(count_lines(rows, is_native_line)) &&
      std::ranges::any_of(lines, [](auto l) { return l.starts_with("# set:"); }))
    return Syntax::kNativeSet;
  if (count_lines(rows, is_dataset_line) == rows.size()) return Syntax::kSuricataDataset;
  return std::nullopt;
}

// ---- Markup

bool is_html(std::string_view text) {
  const auto head = ascii_lower(text.substr(0, 4096));
  const auto start = trim(head);
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return true;
  if (!start.starts_with('<'))
    return head.find("<html") != std::string::npos && head.find("<body") != std::string::npos;
  for (const std::string_view tag :
       {"<head", "<body", "<div", "<p>", "<p ", "<table", "<h1", "<h2", "<ul", "<article",
        "<section", "<meta", "<!--", "<span", "<tr"})
    if (start.starts_with(tag)) return start.find("<ioc") == std::string::npos;
  return false;
}

bool is_json(std::string_view text) {
  const auto start = trim(text.substr(0, 4096));
  if (start.empty()) return false;
  if (start.front() == '{') {
    const auto next = start.find_first_not_of(" \t\r\n", 1);
    return next != std::string_view::npos && (start[next] == '"' || start[next] == '}');
  }
  if (start.front() != '[') return false;
  const auto next = start.find_first_not_of(" \t\r\n", 1);
  // "[.]" and "[section]" begin texts
  return next != std::string_view::npos &&
         (start[next] == '{' || start[next] == '"' || start[next] == '[' ||
          (start[next] == ']' && start.size() <= next + 2));
}

}  // namespace

Result<Detected> detect(std::string_view text) {
  const auto start = trim(text.substr(0, 4096));
  if (is_json(text)) return Detected{Syntax::kJson};
  if (is_html(text)) return Detected{Syntax::kHtml};
  if (start.starts_with("<?xml") || start.starts_with("<ioc") || start.starts_with("<OpenIOC") ||
      (start.starts_with('<') && start.find("xmlns") != std::string_view::npos))
    return Detected{Syntax::kXml};
  const auto lines = sample(text);
  if (const auto language = rule_language(lines))
    return fail(ErrorCode::kUnsupported, "these are " + std::string(*language));
  for (const auto line : lines)
    if (line.starts_with("#fields\t")) return Detected{Syntax::kZeekIntel};
  if (const auto format = line_format(lines)) return Detected{*format};
  if (const auto table = detect_delimited(text)) return *table;
  return Detected{};
}

}  // namespace tocsin
