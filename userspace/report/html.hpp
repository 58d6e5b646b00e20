// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "report/report_limits.hpp"

namespace tocsin::report {

// Any bytes as text of an HTML page, an SVG drawing or a quoted attribute: markup is escaped;
// control characters, invalid UTF-8 and bidirectional marks become visible (\xNN, \u{NNNN}). The
// only way for text from outside onto a page.
std::string escaped(std::string_view any, std::size_t max_bytes = limits::kReportTextBytesMax);

// "evil.example" as "evil[.]example": nobody's mail program makes it a link.
std::string defanged(std::string_view host);

// A text, such as a command line, whose URLs of the web are written hxxp(s) and with their host
// defanged; all else stays as it is.
std::string unlinked(std::string_view text);

// The name of an element or attribute: written in the source, never computed.
class Name {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): literals stand where names are expected
  consteval Name(const char* literal) : text_(literal) {
    for (const char c : text_)
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
        throw "a name has letters, digits and hyphens";
  }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

struct Attribute {
  Name name;
  std::string value;  // as it is meant, not yet escaped
};
using Attributes = std::initializer_list<Attribute>;

// Writes markup that is always well formed: what is opened is closed, what is text is escaped.
class Html {
 public:
  Html& open(Name element, Attributes attributes = {});
  Html& close();  // the innermost that is open
  Html& text(std::string_view any, std::size_t max_bytes = limits::kReportTextBytesMax);
  // An element with text only.
  Html& leaf(Name element, std::string_view any) { return leaf(element, {}, any); }
  Html& leaf(Name element, Attributes attributes, std::string_view any);
  // An element without content: meta, br, and the shapes of a drawing.
  Html& empty(Name element, Attributes attributes);
  // A style sheet or the document's head line: our own bytes as they are.
  Html& own(const char* literal);

  // There is room for one more row of a list.
  [[nodiscard]] bool roomy() const { return out_.size() < limits::kReportListBytesMax; }
  // Everything must be closed.
  std::string take();

 private:
  void start(Name element, Attributes attributes);
  std::string out_;
  std::vector<Name> open_;
};

}  // namespace tocsin::report
