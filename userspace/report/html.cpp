// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/html.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/text.hpp"

namespace tocsin::report {

std::string escaped(std::string_view any, std::size_t max_bytes) {
  std::string out;
  for (const char c : printable(any, max_bytes)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string defanged(std::string_view host) {
  std::string out;
  for (const char c : host) {
    if (c == '.')
      out += "[.]";
    else
      out += c;
  }
  return out;
}

namespace {

// What begins there: the length of "http://" or "https://", 0 when it is neither.
std::size_t web_scheme(std::string_view text) {
  static constexpr std::string_view kBegin = "http", kEnd = "://";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  if (text.size() < kBegin.size() ||
      !std::ranges::equal(text.substr(0, kBegin.size()), kBegin, {}, lower))
    return 0;
  const bool secure = text.size() > kBegin.size() && lower(text[kBegin.size()]) == 's';
  const auto length = kBegin.size() + (secure ? 1 : 0);
  return text.substr(length).starts_with(kEnd) ? length + kEnd.size() : 0;
}

}  // namespace

std::string unlinked(std::string_view text) {
  // Also what a shell ends a word with.
  static constexpr std::string_view kHostEnds = "/\\?# \t\r\n\"'`<>()|;&,{}";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto scheme = web_scheme(text.substr(at));
    if (scheme == 0) {
      out += text[at++];
      continue;
    }
    const auto begin = out.size();
    out += text.substr(at, scheme);
    out[begin + 1] = out[begin + 2] = 'x';
    at += scheme;
    const auto end = std::min(text.find_first_of(kHostEnds, at), text.size());
    for (; at < end; ++at) {
      const bool done = at > 0 && text[at - 1] == '[' && text.substr(at + 1).starts_with(']');
      if (text[at] == '.' && !done)
        out += "[.]";
      else
        out += text[at];
    }
  }
  return out;
}

void Html::start(Name element, Attributes attributes) {
  out_ += '<';
  out_ += element.text();
  for (const auto& [name, value] : attributes) {
    out_ += ' ';
    out_ += name.text();
    out_ += "=\"";
    out_ += escaped(value, limits::kReportAttributeBytesMax);
    out_ += '"';
  }
}

Html& Html::open(Name element, Attributes attributes) {
  start(element, attributes);
  out_ += '>';
  open_.push_back(element);
  return *this;
}

Html& Html::close() {
  assert(!open_.empty());
  out_ += "</";
  out_ += open_.back().text();
  out_ += ">";
  open_.pop_back();
  if (open_.size() < 4) out_ += '\n';  // a reader of the source sees its sections
  return *this;
}

Html& Html::text(std::string_view any, std::size_t max_bytes) {
  out_ += escaped(any, max_bytes);
  return *this;
}

Html& Html::leaf(Name element, Attributes attributes, std::string_view any) {
  return open(element, attributes).text(any, limits::kReportLongTextBytesMax).close();
}

Html& Html::empty(Name element, Attributes attributes) {
  start(element, attributes);
  out_ += "/>";
  return *this;
}

Html& Html::own(const char* literal) {
  out_ += literal;
  return *this;
}

std::string Html::take() {
  assert(open_.empty());
  return std::move(out_);
}

}  // namespace tocsin::report
