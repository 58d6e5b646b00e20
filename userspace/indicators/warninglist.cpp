// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/warninglist.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "indicators/indicator_row.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kEffects = {"annotate",  "popular",   "hold",
                                                      "reference", "hold-host", "reject"};
constexpr std::array<std::string_view, 5> kTypes = {"string", "hostname", "substring", "cidr",
                                                    "regex"};
constexpr std::size_t kSkippedShown = 10;

constexpr std::uint8_t bit(IndicatorType type) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(type));
}
constexpr std::uint8_t kAddressBits = bit(IndicatorType::kIp) | bit(IndicatorType::kCidr);

// MISP's attribute types as ours; composites ("domain|ip") are looked up part by part.
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 12> kAttributes = {{
    {"md5", bit(IndicatorType::kMd5)},
    {"sha1", bit(IndicatorType::kSha1)},
    {"sha256", bit(IndicatorType::kSha256)},
    {"domain", bit(IndicatorType::kDomain)},
    {"hostname", bit(IndicatorType::kDomain)},
    {"ip", kAddressBits},
    {"ip-src", kAddressBits},
    {"ip-dst", kAddressBits},
    {"url", bit(IndicatorType::kUrl)},
    {"uri", bit(IndicatorType::kUrl)},
    {"link", bit(IndicatorType::kUrl)},
    {"filename", bit(IndicatorType::kPath)},
}};

std::unexpected<Error> bad(std::string_view pointer, std::string_view reason) {
  return fail(ErrorCode::kInvalidInput, fmt::format("{}: {}", pointer, reason));
}

// "line 3, column 7" of a byte position, from 1.
std::string place_of(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto begin = before.rfind('\n');
  const auto column = before.size() - (begin == std::string_view::npos ? 0 : begin + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

Result<json> parse_json(std::string_view text) {
  // Deeper than any warninglist: a bomb, not a list.
  bool too_deep = false;
  const auto depth_guard = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > static_cast<int>(limits::kGuardListDepthMax);
    return !too_deep;
  };
  static constexpr std::string_view kTooDeep = "nested too deeply for a warninglist";
  try {
    json list = json::parse(text, depth_guard);
    if (too_deep) return fail(ErrorCode::kInvalidInput, std::string(kTooDeep));
    return list;
  } catch (const json::parse_error& error) {
    if (too_deep) return fail(ErrorCode::kInvalidInput, std::string(kTooDeep));
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: not valid JSON", place_of(text, error.byte)));
  } catch (const json::out_of_range&) {  // well-formed, and beyond what a number can hold
    return fail(ErrorCode::kInvalidInput, "a number is out of range");
  }
}

Result<std::string> text_member(const json& list, const char* name) {
  const auto it = list.find(name);
  if (it == list.end()) return std::string();
  if (!it->is_string()) return bad(fmt::format("/{}", name), "a text is expected");
  return it->get<std::string>();
}

// MISP writes numbers; some lists in the wild carry them as text.
Result<std::uint64_t> version_of(const json& list) {
  const auto it = list.find("version");
  if (it == list.end()) return 0;
  if (it->is_number_unsigned()) return it->get<std::uint64_t>();
  const auto number = it->is_string() ? parse_u64(it->get<std::string>()) : std::nullopt;
  if (!number) return bad("/version", "a whole number is expected");
  return *number;
}

Result<std::uint8_t> value_types_of(const json& list) {
  const auto it = list.find("matching_attributes");
  if (it == list.end() || it->is_null()) return 0xff;
  if (!it->is_array()) return bad("/matching_attributes", "an array of texts is expected");
  std::uint8_t types = 0;
  for (std::size_t i = 0; i < it->size(); ++i) {
    if (!(*it)[i].is_string())
      return bad(fmt::format("/matching_attributes/{}", i), "a text is expected");
    const auto text = (*it)[i].get<std::string>();
    for (std::string_view rest = text; !rest.empty();) {
      const auto part = rest.substr(0, rest.find('|'));
      for (const auto& [name, bits] : kAttributes)
        if (name == part) types |= bits;
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
  }
  return types;
}

Result<ListEffect> effect_of(const json& list, std::string_view name) {
  const auto own = list.find("tocsin");
  if (own == list.end()) return default_effect(name);
  const auto it = own->is_object() ? own->find("effect") : own->end();
  if (!own->is_object() || it == own->end() || !it->is_string())
    return bad("/tocsin/effect", "a text is expected");
  const auto effect = parse_list_effect(it->get<std::string>());
  if (!effect) return bad("/tocsin/effect", fmt::format("none of {}", fmt::join(kEffects, ", ")));
  return *effect;
}

Result<WarninglistType> type_of(const json& list) {
  TOCSIN_TRY(const std::string text, text_member(list, "type"));
  if (text.empty()) return WarninglistType::kString;  // as MISP reads it
  const auto* it = std::ranges::find(kTypes, text);
  if (it == kTypes.end())
    return bad("/type",
               fmt::format("\"{}\" is none of {}", printable(text, 40), fmt::join(kTypes, ", ")));
  return static_cast<WarninglistType>(it - kTypes.begin());
}

// "/foo/i" as RE2 reads it; anything else is the pattern itself.
std::string re2_pattern(std::string_view text) {
  const auto close = text.rfind('/');
  if (text.size() < 2 || text.front() != '/' || close == 0) return std::string(text);
  const auto flags = text.substr(close + 1);
  if (flags.find_first_not_of("gimsuxUD") != std::string_view::npos) return std::string(text);
  std::string pattern;
  for (const char flag : {'i', 'm', 's'})
    if (flags.find(flag) != std::string_view::npos) pattern += flag;
  if (!pattern.empty()) pattern = "(?" + pattern + ")";
  return pattern.append(text.substr(1, close - 1));
}

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(limits::kGuardPatternBytesMax);
  return options;
}

// The entry as it will be compared, or why it cannot be.
Result<std::string> ready_entry(WarninglistType type, std::string_view text) {
  text = trim(text);
  if (text.empty()) return fail(ErrorCode::kInvalidInput, "empty");
  if (text.size() > limits::kIndicatorTextBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("has {} bytes", text.size()));
  switch (type) {
    case WarninglistType::kString: {
      const auto value_type = guess_type(text);
      if (auto value = value_type ? normalise_value(*value_type, text)
                                  : Result<std::string>(fail(ErrorCode::kInvalidInput, "")))
        return *value;
      return ascii_lower(text);
    }
    case WarninglistType::kHostname:
      while (text.starts_with('.')) text.remove_prefix(1);
      return normalise_domain(text);
    case WarninglistType::kSubstring:
      return "(?i)" + RE2::QuoteMeta({text.data(), text.size()});
    case WarninglistType::kCidr: {
      if (text.find('/') == std::string_view::npos) {
        TOCSIN_TRY(const auto address, normalise_ip(text));
        return address.to_string();
      }
      TOCSIN_TRY(const auto block, normalise_cidr(text));
      return block.network.to_string();
    }
    case WarninglistType::kRegex: {
      auto pattern = re2_pattern(text);
      const RE2 probe(pattern, quiet());
      if (!probe.ok())
        return fail(ErrorCode::kUnsupported, "not a pattern of RE2: " + probe.error());
      return pattern;
    }
  }
  return fail(ErrorCode::kInternal, "unknown type");
}

Result<void> take_entries(const json& list, Warninglist& out) {
  const auto it = list.find("list");
  if (it == list.end() || !it->is_array()) return bad("/list", "an array of texts is expected");
  out.entries.reserve(it->size());
  for (std::size_t i = 0; i < it->size(); ++i) {
    const auto& entry = (*it)[i];
    if (!entry.is_string()) return bad(fmt::format("/list/{}", i), "a text is expected");
    auto ready = ready_entry(out.type, entry.get_ref<const std::string&>());
    if (ready) {
      out.entries.push_back(std::move(*ready));
      continue;
    }
    ++out.skipped;
    if (out.skipped_shown.size() < kSkippedShown)
      out.skipped_shown.push_back(fmt::format("/list/{}: {}", i, ready.error().message));
  }
  const bool patterns =
      out.type == WarninglistType::kSubstring || out.type == WarninglistType::kRegex;
  if (patterns && out.entries.size() > limits::kGuardPatternsMax)
    return bad("/list", fmt::format("has {} patterns; the most is {}", out.entries.size(),
                                    limits::kGuardPatternsMax));
  if (!it->empty() && out.entries.empty())
    return bad("/list",
               fmt::format("no entry of it can be used; the first: {}", out.skipped_shown.front()));
  return {};
}

}  // namespace

std::string_view to_string(ListEffect effect) {
  return kEffects[static_cast<std::size_t>(effect)];
}

std::optional<ListEffect> parse_list_effect(std::string_view text) {
  const auto* it = std::ranges::find(kEffects, text);
  if (it == kEffects.end()) return std::nullopt;
  return static_cast<ListEffect>(it - kEffects.begin());
}

std::string_view to_string(WarninglistType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

ListEffect default_effect(std::string_view list_name) {
  using enum ListEffect;
  // By the beginning of the name as MISP's repository has it; iocs/guard/README.md has this table
  // for people.
  static constexpr std::array<std::pair<std::string_view, ListEffect>, 29> kByName = {{
      {"List of known hashes for empty files", kReject},
      {"List of known hashes with common false-positives", kReject},
      {"TLDs as known by IANA", kReject},
      {"Second level TLDs as known", kReject},
      {"List of hashes for EICAR", kHold},
      {"Hashes that are often included in IOC lists", kHold},
      {"Fingerprint of ", kHold},
      {"List of LOTS", kHoldHost},
      {"List of known URL Shorteners", kHoldHost},
      {"List of known link in Bio", kHoldHost},
      {"List of known public IPFS gateways", kHoldHost},
      {"List of known dynamic DNS", kAnnotate},
      {"List of known domains to know external IP", kHold},
      {"List of known hostname used for querying", kHold},
      {"CRL and OCSP", kHold},
      {"Captive Portal Detection", kHold},
      {"List of known security providers", kReference},
      {"List of known domains used by automated malware", kReference},
      {"Top ", kPopular},
      {"List of known google domains", kPopular},
      {"List of known microsoft domains", kPopular},
      {"List of known Office 365 URLs", kPopular},
      {"List of known Windows 10 connection", kPopular},
      {"List of known bank domains", kPopular},
      {"List of known dax30", kPopular},
      {"University domains", kPopular},
      {"List of known IPv4 public DNS", kHold},
      {"List of known IPv6 public DNS", kHold},
      {"List of known public DNS resolvers", kHold},
  }};
  const auto* it = std::ranges::find_if(
      kByName, [&](const auto& row) { return list_name.starts_with(row.first); });
  return it == kByName.end() ? kAnnotate : it->second;
}

Result<Warninglist> parse_warninglist(std::string_view text) {
  if (text.size() > limits::kGuardFileBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("has {} bytes; the most is {}", text.size(),
                                               limits::kGuardFileBytesMax));
  TOCSIN_TRY(const json list, parse_json(text));
  if (!list.is_object()) return bad("/", "an object is expected");
  Warninglist out;
  TOCSIN_TRY(out.name, text_member(list, "name"));
  if (out.name.empty()) return bad("/name", "a list needs a name");
  TOCSIN_TRY(out.description, text_member(list, "description"));
  TOCSIN_TRY(out.category, text_member(list, "category"));
  TOCSIN_TRY(out.version, version_of(list));
  TOCSIN_TRY(out.type, type_of(list));
  TOCSIN_TRY(out.value_types, value_types_of(list));
  TOCSIN_TRY(out.effect, effect_of(list, out.name));
  TOCSIN_TRY_VOID(take_entries(list, out));
  return out;
}

}  // namespace tocsin
