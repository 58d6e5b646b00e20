// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/html_reader.hpp"

#include <gumbo.h>

#include <set>

namespace tocsin::test {
namespace {

const std::set<std::string, std::less<>> kElements = {
    "html", "head", "meta",   "title",      "style", "body", "main", "header", "section", "footer",
    "h1",   "h2",   "h3",     "p",          "div",   "span", "b",    "small",  "code",    "pre",
    "ul",   "ol",   "li",     "dl",         "dt",    "dd",   "time", "table",  "tbody",   "tr",
    "th",   "td",   "figure", "figcaption", "svg",   "path", "rect", "text",   "desc"};
const std::set<std::string, std::less<>> kAttributes = {
    "lang",    "charset", "http-equiv", "content",     "name", "class",
    "viewBox", "role",    "aria-label", "aria-hidden", "d",    "x",
    "y",       "width",   "height",     "text-anchor", "title"};

std::string name_of(const GumboElement& element) {
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  GumboStringPiece original = element.original_tag;
  gumbo_tag_from_original_text(&original);
  return {original.data, original.length};
}

class Reader {
 public:
  explicit Reader(ReadPage& page) : page_(page) {}

  void walk(const GumboNode& node, bool visible) {
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE) {
      if (visible) page_.text += node.v.text.text;
      return;
    }
    if (node.type == GUMBO_NODE_COMMENT || node.type == GUMBO_NODE_CDATA)
      page_.trouble += "a comment; ";
    if (node.type != GUMBO_NODE_ELEMENT) return;
    const auto& element = node.v.element;
    const auto name = name_of(element);
    ++page_.elements[name];
    if (!kElements.contains(name)) page_.trouble += "<" + name + ">; ";
    attributes(element);
    for (unsigned i = 0; i < element.children.length; ++i)
      walk(*static_cast<const GumboNode*>(element.children.data[i]),
           (visible || name == "body") && name != "style");
    if (visible && name != "code" && name != "span") page_.text += '\n';
  }

 private:
  void attributes(const GumboElement& element) {
    for (unsigned i = 0; i < element.attributes.length; ++i) {
      const auto& one = *static_cast<const GumboAttribute*>(element.attributes.data[i]);
      if (!kAttributes.contains(one.name)) page_.trouble += std::string(one.name) + "=; ";
      if (std::string_view(one.name) == "title") page_.titles.emplace_back(one.value);
    }
    const auto value = [&](const char* name) {
      const auto* found = gumbo_get_attribute(&element.attributes, name);
      return found != nullptr ? std::string(found->value) : std::string();
    };
    if (value("http-equiv") == "Content-Security-Policy") page_.policy = value("content");
    if (value("role") == "img") {
      bool title = false, description = false;
      for (unsigned i = 0; i < element.children.length; ++i) {
        const auto& child = *static_cast<const GumboNode*>(element.children.data[i]);
        if (child.type != GUMBO_NODE_ELEMENT || child.v.element.children.length == 0) continue;
        title = title || name_of(child.v.element) == "title";
        description = description || name_of(child.v.element) == "desc";
      }
      ++(title && description && !value("aria-label").empty() ? page_.named_images
                                                              : page_.unnamed_images);
    }
  }

  ReadPage& page_;
};

}  // namespace

ReadPage read_html(std::string_view page) {
  ReadPage out;
  out.bytes = page.size();
  auto* parsed = gumbo_parse_with_options(&kGumboDefaultOptions, page.data(), page.size());
  for (unsigned i = 0; i < parsed->document->v.document.children.length; ++i)
    Reader(out).walk(*static_cast<const GumboNode*>(parsed->document->v.document.children.data[i]),
                     false);
  gumbo_destroy_output(&kGumboDefaultOptions, parsed);
  return out;
}

}  // namespace tocsin::test
