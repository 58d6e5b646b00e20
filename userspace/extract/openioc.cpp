// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// OpenIOC 1.0 and 1.1: a tree of AND and OR over single terms.
#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/readers.hpp"
#include "extract/table_reader.hpp"

namespace tocsin {
namespace {

// What a search term names.
FieldKind kind_of_search(std::string_view search) {
  const auto lower = ascii_lower(search);
  const auto ends = [&](std::string_view what) { return lower.ends_with(what); };
  if (ends("/md5sum") || ends("/sha1sum") || ends("/sha256sum") || ends("/md5") || ends("/sha1") ||
      ends("/sha256"))
    return FieldKind::kDigest;
  if (ends("network/dns") || ends("/recordname") || ends("dnsentryitem/host") ||
      ends("/remoteip") || ends("routeentryitem/destination") || ends("urlhistoryitem/url") ||
      ends("urlhistoryitem/hostname") || ends("network/uri") || ends("network/url") ||
      ends("network/host") || ends("network/ipv4") || ends("network/ip") || ends("/dns"))
    return FieldKind::kHost;
  if (lower.starts_with("email/")) return FieldKind::kMail;
  return FieldKind::kFile;
}

struct Term {
  std::string search, content, id, condition;
  bool negated = false;
  Place place;
  bool bound = false;  // means nothing without the others of its AND
};

// An AND or OR with what stands below it.
struct Node {
  bool conjunction = false;
  std::size_t children = 0;
  bool only_digests = true;
  std::vector<Term> terms;  // of this node and of those below
};

class OpenIocReader {
 public:
  explicit OpenIocReader(Reading& reading)
      : reading_(reading),
        places_(reading.document),
        parser_(XML_ParserCreate("UTF-8"), XML_ParserFree) {}

  Result<void> read() {
    if (!parser_) return fail(ErrorCode::kInternal, "no memory for the XML parser");
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    // Entities can grow a short document without bounds.
    XML_SetEntityDeclHandler(parser_.get(), [](void* data, const char*, int, const char*, int,
                                               const char*, const char*, const char*, const char*) {
      self(data).refuse("XML that defines entities is not read");
    });
    const auto text = reading_.text();
    if (text.size() > limits::kExtractWholeBytesMax)
      return fail(ErrorCode::kLimit, "the XML document is too long");
    const auto status = XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), 1);
    if (!refusal_.empty()) return fail(ErrorCode::kUnsupported, refusal_);
    if (status == XML_STATUS_OK) return {};
    return fail(ErrorCode::kInvalidInput,
                fmt::format("line {}, column {}: {}", XML_GetCurrentLineNumber(parser_.get()),
                            XML_GetCurrentColumnNumber(parser_.get()) + 1,
                            XML_ErrorString(XML_GetErrorCode(parser_.get()))));
  }

 private:
  static OpenIocReader& self(void* data) { return *static_cast<OpenIocReader*>(data); }
  static void on_start(void* data, const char* name, const char** attributes) {
    self(data).start(name, attributes);
  }
  static void on_end(void* data, const char* name) { self(data).end(name); }
  static void on_text(void* data, const char* text, int bytes) {
    auto& reader = self(data);
    if (reader.text_.size() < limits::kIndicatorTextBytesMax)
      reader.text_.append(text, static_cast<std::size_t>(bytes));
  }
  void refuse(std::string reason) {
    refusal_ = std::move(reason);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  static std::string_view local(std::string_view name) {
    return name.substr(name.rfind(':') + 1);  // npos + 1 is 0
  }
  static std::string_view attribute(const char** attributes, std::string_view name) {
    for (; *attributes != nullptr; attributes += 2)
      if (local(attributes[0]) == name) return attributes[1];
    return {};
  }

  void check_root(std::string_view name) {
    if (name == "ioc" || name == "OpenIOC" || name == "iocs") return;
    if (name == "STIX_Package")
      return refuse("this is STIX 1 in XML: convert it to STIX 2 (JSON) first");
    refuse(fmt::format("this is XML of another kind (<{}>), not OpenIOC", printable(name, 60)));
  }

  void start(std::string_view qualified, const char** attributes) {
    const auto name = local(qualified);
    if (++depth_ > limits::kExtractDepthMax) return refuse("the XML is nested too deep");
    if (depth_ == 1) return check_root(name);
    text_.clear();
    if (name == "Indicator") {
      if (!nodes_.empty()) add_child(false);
      Node node;
      node.conjunction = ascii_lower(attribute(attributes, "operator")) == "and";
      nodes_.push_back(std::move(node));
    } else if (name == "IndicatorItem") {
      term_ = {};
      term_.condition = ascii_lower(attribute(attributes, "condition"));
      term_.negated = parse_flag(attribute(attributes, "negate")) == true;
      term_.id = attribute(attributes, "id");
      term_.place = places_.find(static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get())));
    } else if (name == "Context") {
      term_.search = attribute(attributes, "search");
    }
  }

  void add_child(bool digest) {
    ++nodes_.back().children;
    nodes_.back().only_digests &= digest;
  }

  void end(std::string_view qualified) {
    const auto name = local(qualified);
    --depth_;
    if (name == "short_description" || name == "title")
      reading_.facts.title =
          reading_.facts.title.empty() ? std::string(trim(text_)) : reading_.facts.title;
    if (name == "Content") term_.content = trim(text_);
    if (name == "IndicatorItem") {
      if (nodes_.empty()) nodes_.emplace_back();
      add_child(kind_of_search(term_.search) == FieldKind::kDigest);
      nodes_.back().terms.push_back(std::move(term_));
      term_ = {};
    }
    if (name == "Indicator" && !nodes_.empty()) close_node();
  }

  // Terms of an AND are held; what is left goes up to the next node.
  void close_node() {
    auto node = std::move(nodes_.back());
    nodes_.pop_back();
    const bool bound = node.conjunction && node.children > 1 && !node.only_digests;
    for (auto& term : node.terms) {
      term.bound |= bound;
      if (nodes_.empty())
        hand_on(term);
      else
        nodes_.back().terms.push_back(std::move(term));
    }
  }

  void hand_on(const Term& term) {
    StructuredValue value;
    value.kind = kind_of_search(term.search);
    value.digest = named_digest(term.search);
    value.place = term.place;
    value.heading = term.search;
    value.text = term.content;
    if (term.content.empty() && !term.id.empty()) {
      // Some exports write the value into the identifier.
      value.text = term.id;
      value.holds.push_back(Reason::kUntypedField);
    }
    if (term.bound) value.holds.push_back(Reason::kConjunction);
    if (term.negated || (term.condition != "is" && !term.condition.empty()))
      value.holds.push_back(Reason::kInexact);
    value.detail = term.search;
    reading_.judge.take(std::move(value));
  }

  Reading& reading_;
  PlaceFinder places_;
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::size_t depth_ = 0;
  std::string text_, refusal_;
  Term term_;
  std::vector<Node> nodes_;
};

}  // namespace

Result<void> read_openioc(Reading& reading) {
  reading.facts.format = DocumentFormat::kOpenIoc;
  return OpenIocReader(reading).read();
}

}  // namespace tocsin
