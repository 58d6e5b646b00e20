// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Formats of one entry a line that mean every entry: blocklists, Zeek intel, Suricata datasets.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "extract/readers.hpp"
#include "extract/text_reader.hpp"
#include "indicators/indicator_row.hpp"
#include "indicators/set_line.hpp"

namespace tocsin {
namespace {

bool is_comment(std::string_view line) {
  return line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '!';
}

std::vector<std::string_view> split(std::string_view line, std::string_view separators) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < line.size();) {
    const auto begin = line.find_first_not_of(separators, at);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(line.find_first_of(separators, begin), line.size());
    out.push_back(line.substr(begin, end - begin));
    at = end;
  }
  return out;
}

// Hands single values of a list file to the judge.
class ListWriter {
 public:
  explicit ListWriter(Reading& reading) : reading_(reading), places_(reading.document) {
    const auto word = benign_title(reading.judge.options().file_name, reading.text());
    if (!word.empty()) benign_ = word;
  }
  // text views the document.
  void take(std::string_view text, FieldKind kind, std::string note = {}) {
    StructuredValue value = base(text);
    value.kind = kind;
    value.facts.note = std::move(note);
    if (!benign_.empty()) value.holds.push_back(Reason::kBenignContext);
    value.detail = benign_;
    reading_.judge.take(std::move(value));
  }
  void refuse(std::string_view text, Reason reason) { reading_.judge.refuse(base(text), reason); }
  Place place(std::string_view text) {
    return places_.find(static_cast<std::size_t>(text.data() - reading_.text().data()));
  }

 private:
  StructuredValue base(std::string_view text) {
    StructuredValue value;
    value.text = text;
    value.place = place(text);
    return value;
  }
  Reading& reading_;
  PlaceFinder places_;
  std::string benign_;
};

void take_hosts_line(std::string_view line, ListWriter& out) {
  line = line.substr(0, line.find('#'));
  const auto words = split(line, " \t");
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto name = ascii_lower(words[i]);
    if (name.find('.') == std::string::npos || name == "0.0.0.0" || name.ends_with(".localdomain"))
      out.refuse(words[i], Reason::kReserved);  // localhost and friends
    else
      out.take(words[i], FieldKind::kHost);
  }
}

// "address=/name/target", "server=/name/", several names between slashes.
void take_dnsmasq_line(std::string_view line, ListWriter& out) {
  const auto equals = line.find('=');
  if (line.starts_with("bogus-nxdomain="))
    return out.take(line.substr(equals + 1), FieldKind::kHost);
  if (equals == std::string_view::npos || equals + 1 >= line.size() || line[equals + 1] != '/')
    return;
  const auto last = line.rfind('/');
  if (last <= equals + 1) return;
  // "server=/name/192.0.2.1" sends questions elsewhere: no block, yet listed by blocklists as such
  for (const auto name : split(line.substr(equals + 1, last - equals - 1), "/"))
    out.take(name, FieldKind::kHost);
}

void take_adblock_line(std::string_view line, ListWriter& out) {
  if (line.starts_with('[')) return;  // "[Adblock Plus 2.0]"
  if (line.starts_with("@@")) return out.refuse(line, Reason::kAllowEntry);
  const bool subtree = line.starts_with("||");
  if (subtree) line.remove_prefix(2);
  const auto end = std::min(line.find_first_of("^$"), line.size());
  const auto value = line.substr(0, end);
  if (value.find_first_of("*#,") != std::string_view::npos || (!subtree && end != line.size()))
    return out.refuse(line, Reason::kNotMatchable);
  out.take(value, FieldKind::kHost);
}

// ---- Response policy zones

// "32.1.2.0.192.rpz-ip": prefix length, then the address from its last part to its first.
std::optional<std::string> reversed_netblock(std::string_view owner) {
  const auto parts = split(owner, ".");
  if (parts.size() < 3) return std::nullopt;
  std::string address;
  const bool v4 = parts.size() == 5;
  for (std::size_t i = parts.size() - 1; i >= 1; --i) {
    const bool gap = parts[i] == "zz";
    if (v4) {
      address += (address.empty() ? "" : ".") + std::string(parts[i]);
    } else if (gap) {
      address += address.empty() ? "::" : ":";
    } else {
      if (!address.empty() && !address.ends_with("::")) address += ':';
      address += parts[i];
    }
  }
  if (!v4 && address.ends_with(':') && !address.ends_with("::")) address += ':';
  return address + "/" + std::string(parts[0]);
}

class ZoneReader {
 public:
  ZoneReader(Reading& reading, ListWriter& out) : reading_(reading), out_(out) {}

  void take(std::string_view line) {
    if (const auto comment = line.find(';'); comment != std::string_view::npos)
      line = line.substr(0, comment);
    if (take_directive(line)) return;
    const bool continued = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    auto words = split(line, " \t");
    if (words.empty()) return;
    if (in_parentheses_) {
      in_parentheses_ = line.find(')') == std::string_view::npos;
      return;
    }
    if (line.find('(') != std::string_view::npos && line.find(')') == std::string_view::npos)
      in_parentheses_ = true;
    if (continued) return;  // another record of the owner above
    const auto cname = std::ranges::find_if(words, [](auto w) {
      return ascii_lower(w) == "cname" || ascii_lower(w) == "a" || ascii_lower(w) == "aaaa";
    });
    if (cname == words.end() || cname == words.begin() || cname + 1 == words.end()) {
      ++reading_.facts.skipped;  // SOA, NS, TXT
      return;
    }
    take_record(words.front(), ascii_lower(*(cname + 1)));
  }

 private:
  bool take_directive(std::string_view line) {
    if (!line.starts_with('$')) return false;
    const auto words = split(line, " \t");
    if (words.size() >= 2 && words[0] == "$ORIGIN") origin_ = ascii_lower(words[1]);
    return true;
  }

  void take_record(std::string_view owner, const std::string& target) {
    if (owner == "@") return;
    auto name = ascii_lower(owner);
    // Fully written owners carry the zone's own name.
    if (!origin_.empty() && name.ends_with("." + origin_))
      name.resize(name.size() - origin_.size() - 1);
    if (name.ends_with('.')) name.pop_back();
    if (target.starts_with("rpz-passthru")) return out_.refuse(owner, Reason::kAllowEntry);
    for (const std::string_view other : {"rpz-nsdname", "rpz-nsip", "rpz-client-ip"})
      if (name.find(other) != std::string::npos) return out_.refuse(owner, Reason::kNotMatchable);
    if (const auto at = name.find(".rpz-ip"); at != std::string::npos) {
      const auto block = reversed_netblock(std::string_view(name).substr(0, at));
      return block ? take_text(owner, *block) : out_.refuse(owner, Reason::kMalformed);
    }
    if (name.starts_with("*.")) name.erase(0, 2);
    take_text(owner, name);
  }

  // A value that the owner stands for.
  void take_text(std::string_view owner, std::string text) {
    StructuredValue value;
    if (text.ends_with("/32") || text.ends_with("/128")) text.resize(text.rfind('/'));
    value.text = text;
    value.kind = FieldKind::kHost;
    value.place = out_.place(owner);
    reading_.judge.take(std::move(value));
  }

  Reading& reading_;
  ListWriter& out_;
  std::string origin_;
  bool in_parentheses_ = false;
};

std::optional<std::string> base64_text(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 8192) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  auto bytes = static_cast<std::size_t>(size);
  for (auto pad = text; pad.ends_with('=') && bytes > 0; pad.remove_suffix(1)) --bytes;
  out.resize(bytes);
  return std::ranges::all_of(out, [](char c) { return c >= ' ' && c < 0x7f; })
             ? std::optional(std::move(out))
             : std::nullopt;
}

}  // namespace

Result<void> read_name_list(Syntax syntax, Reading& reading) {
  reading.facts.format = syntax == Syntax::kHosts     ? DocumentFormat::kHosts
                         : syntax == Syntax::kDnsmasq ? DocumentFormat::kDnsmasq
                         : syntax == Syntax::kAdblock ? DocumentFormat::kAdblock
                                                      : DocumentFormat::kRpz;
  ListWriter out(reading);
  ZoneReader zone(reading, out);
  LineReader lines(reading.text());
  for (TextLine line; lines.next(line);) {
    const auto whole = trim(line.text);
    if (syntax == Syntax::kRpz) {
      zone.take(line.text);
      continue;
    }
    if (is_comment(whole)) continue;
    if (syntax == Syntax::kHosts)
      take_hosts_line(whole, out);
    else if (syntax == Syntax::kDnsmasq)
      take_dnsmasq_line(whole, out);
    else
      take_adblock_line(whole, out);
  }
  return {};
}

// Tab-separated with its names in "#fields"; "-" is empty.
Result<void> read_zeek_intel(Reading& reading) {
  reading.facts.format = DocumentFormat::kZeekIntel;
  ListWriter out(reading);
  std::vector<std::string_view> names;
  LineReader lines(reading.text());
  for (TextLine line; lines.next(line);) {
    if (line.text.starts_with("#fields")) {
      names = split(line.text.substr(7), "\t");
      continue;
    }
    if (line.text.empty() || line.text.front() == '#') continue;
    std::string_view value, type, note;
    std::size_t field = 0;
    for (auto rest = line.text;; ++field) {
      const auto end = std::min(rest.find('\t'), rest.size());
      const auto cell = rest.substr(0, end);
      if (field < names.size() && names[field] == "indicator") value = cell;
      if (field < names.size() && names[field] == "indicator_type") type = cell;
      if (field < names.size() && names[field] == "meta.desc") note = cell;
      if (end == rest.size()) break;
      rest.remove_prefix(end + 1);
    }
    if (value.empty() || type.empty()) {
      reading.fault(out.place(line.text), fmt::format("{} fields instead of {}: blanks instead of "
                                                      "tabs?",
                                                      field + 1, names.size()));
      continue;
    }
    const auto kind = classify_type_word(type);
    const bool known = kind == FieldKind::kHost || kind == FieldKind::kDigest;
    if (known)
      out.take(value, kind, std::string(note));
    else
      out.refuse(value, kind == FieldKind::kMail ? Reason::kMailAddress : Reason::kNotMatchable);
  }
  return {};
}

// Values of type string are base64; a reputation may follow.
Result<void> read_suricata_dataset(Reading& reading) {
  reading.facts.format = DocumentFormat::kSuricataDataset;
  ListWriter out(reading);
  LineReader lines(reading.text());
  for (TextLine line; lines.next(line);) {
    const auto whole = trim(line.text);
    if (is_comment(whole)) continue;
    const auto encoded = whole.substr(0, whole.find(','));
    const auto text = base64_text(encoded);
    if (!text) {
      reading.fault(out.place(line.text), "neither base64 of text nor a value");
      continue;
    }
    StructuredValue value;
    value.text = *text;
    value.kind = FieldKind::kHost;
    value.place = out.place(line.text);
    reading.judge.take(std::move(value));
  }
  return {};
}

// Addresses of the header and contents are patterns: held, never taken.
Result<void> read_ids_rules(Reading& reading) {
  PlaceFinder places(reading.document);
  TextReader reader(reading.judge, places);
  reader.read(reading.text(), {.defangs = false, .list = false}, {});
  reading.facts.format = DocumentFormat::kIdsRules;
  return {};
}

// The set format of this program: its reader decides, and what it refuses is a fault with its
// place.
Result<void> read_native_set(Reading& reading) {
  reading.facts.format = DocumentFormat::kNativeSet;
  PlaceFinder places(reading.document);
  LineReader lines(reading.text());
  RowBuffer buffer;
  SetMeta meta;
  std::uint32_t number = 0;
  for (TextLine line; lines.next(line);) {
    ++number;
    const auto whole = trim(line.text);
    if (whole.empty()) continue;
    Place place = places.find(line.position);
    if (whole.front() == '#') {
      if (const auto header = parse_header(whole, meta); !header)
        reading.fault(std::move(place), header.error().reason);
      continue;
    }
    const auto state = parse_row(whole, meta, buffer);
    if (!state) {
      reading.fault(std::move(place), state.error().reason);
      continue;
    }
    StructuredValue value;
    value.place = std::move(place);
    const auto& fields = buffer.fields;
    value.text = fields[1].text;
    const auto& row = buffer.row;
    if (row.type == IndicatorType::kPath) {
      reading.judge.refuse(std::move(value), Reason::kNotMatchable);
      continue;
    }
    const bool digest = digest_bytes(row.type) != 0;
    value.kind = digest ? FieldKind::kDigest : FieldKind::kHost;
    if (digest) value.digest = row.type;
    value.facts.severity = row.severity;
    value.facts.confidence = row.confidence;
    value.facts.valid_until_ns = row.expires_ns;
    value.facts.campaign = meta.campaign;
    value.facts.tlp = meta.tlp;
    if (*state == RowState::kReview) value.holds.push_back(Reason::kDetectionOff);
    reading.judge.take(std::move(value));
  }
  reading.facts.title = meta.set;
  return {};
}

}  // namespace tocsin
