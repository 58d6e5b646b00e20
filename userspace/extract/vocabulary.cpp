// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"

namespace tocsin {
namespace {

using Words = std::span<const std::string_view>;

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view first_of(std::string_view lower_text, Words phrases) {
  for (const auto phrase : phrases)
    if (has_phrase(lower_text, phrase)) return phrase;
  return {};
}

constexpr std::string_view kBenignHeadings[] = {"legitimate",       "legit",
                                                "benign",           "clean",
                                                "non-malicious",    "not malicious",
                                                "false positive",   "false positives",
                                                "whitelist",        "whitelisted",
                                                "white list",       "allowlist",
                                                "allow list",       "allowlisted",
                                                "known good",       "known-good",
                                                "goodware",         "safe",
                                                "trusted",          "unaffected",
                                                "not affected",     "victim",
                                                "victims",          "victimology",
                                                "compromised",      "hacked",
                                                "sinkhole",         "sinkholes",
                                                "sinkholed",        "decoy",
                                                "decoys",           "abused",
                                                "affected version", "affected versions",
                                                "affected product", "affected products",
                                                "targets",          "targeted",
                                                "patched",          "fixed version",
                                                "fixed versions",   "genuine",
                                                "impersonated",     "spoofed",
                                                "top sites",        "popular",
                                                "exclusion",        "exclusions",
                                                "do not block",     "unrelated",
                                                "harmless"};

// Anywhere in a heading.
constexpr std::string_view kReferenceHeadings[] = {"references",         "further reading",
                                                   "see also",           "read more",
                                                   "bibliography",       "footnotes",
                                                   "additional reading", "learn more",
                                                   "more information",   "additional resources",
                                                   "external links",     "about the author",
                                                   "acknowledgements",   "acknowledgments",
                                                   "citations",          "additional information",
                                                   "more details",       "more about"};
// As a heading of a few words only: in a sentence they say other things.
constexpr std::string_view kShortReferenceHeadings[] = {
    "reference",  "source",   "sources",         "related",       "resources",
    "links",      "link",     "credits",         "contact",       "contacts",
    "contact us", "about us", "publications",    "documentation", "blog post",
    "changelog",  "license",  "acknowledgement", "articles"};
constexpr std::size_t kShortHeadingWords = 3;

constexpr std::string_view kRuleHeadings[] = {"yara",
                                              "sigma",
                                              "snort",
                                              "suricata",
                                              "detection rule",
                                              "detection rules",
                                              "hunting query",
                                              "hunting queries",
                                              "query",
                                              "queries",
                                              "kql",
                                              "spl",
                                              "xql"};

constexpr std::string_view kIndicatorHeadings[] = {"indicator",
                                                   "indicators",
                                                   "ioc",
                                                   "iocs",
                                                   "iocs:",
                                                   "i.o.c",
                                                   "hash",
                                                   "hashes",
                                                   "sha256",
                                                   "sha-256",
                                                   "sha1",
                                                   "sha-1",
                                                   "md5",
                                                   "domain",
                                                   "domains",
                                                   "url",
                                                   "urls",
                                                   "ip",
                                                   "ips",
                                                   "ip address",
                                                   "ip addresses",
                                                   "ipv4",
                                                   "ipv6",
                                                   "network",
                                                   "c2",
                                                   "c2s",
                                                   "c&c",
                                                   "cnc",
                                                   "command and control",
                                                   "command-and-control",
                                                   "infrastructure",
                                                   "sample",
                                                   "samples",
                                                   "artifact",
                                                   "artifacts",
                                                   "artefacts",
                                                   "observable",
                                                   "observables",
                                                   "payload",
                                                   "payloads",
                                                   "hosts",
                                                   "hostnames",
                                                   "fqdn",
                                                   "fqdns",
                                                   "appendix",
                                                   "malware",
                                                   "dropper",
                                                   "droppers",
                                                   "loader",
                                                   "loaders",
                                                   "backdoor",
                                                   "backdoors",
                                                   "implant",
                                                   "implants",
                                                   "server",
                                                   "servers",
                                                   "file",
                                                   "files",
                                                   "exfiltration",
                                                   "phishing",
                                                   "malicious",
                                                   "addresses",
                                                   "endpoints",
                                                   "blocklist",
                                                   "block list",
                                                   "blacklist",
                                                   "feed",
                                                   "botnet",
                                                   "download site",
                                                   "delivery",
                                                   "digests",
                                                   "digest",
                                                   "checksums",
                                                   "attacker",
                                                   "threat actor"};

constexpr std::string_view kBenignNotes[] = {"legitimate",
                                             "legit",
                                             "benign",
                                             "clean",
                                             "non-malicious",
                                             "nonmalicious",
                                             "not malicious",
                                             "false positive",
                                             "false-positive",
                                             "whitelisted",
                                             "whitelist",
                                             "allowlisted",
                                             "allowlist",
                                             "known good",
                                             "goodware",
                                             "genuine",
                                             "unaffected",
                                             "not affected",
                                             "harmless",
                                             "trusted",
                                             "decoy",
                                             "decoys",
                                             "sinkhole",
                                             "sinkholed",
                                             "sinkholes",
                                             "victim",
                                             "victims",
                                             "victim's",
                                             "hacked",
                                             "abused",
                                             "abuses",
                                             "abusing",
                                             "compromised site",
                                             "compromised sites",
                                             "compromised website",
                                             "compromised websites",
                                             "compromised host",
                                             "compromised hosts",
                                             "compromised server",
                                             "compromised servers",
                                             "compromised web",
                                             "compromised domain",
                                             "compromised domains",
                                             "compromised wordpress",
                                             "compromised legitimate",
                                             "compromised infrastructure",
                                             "compromised router",
                                             "compromised routers",
                                             "compromised device",
                                             "compromised devices",
                                             "compromised machine",
                                             "compromised account",
                                             "was compromised",
                                             "were compromised",
                                             "been compromised",
                                             "impersonate",
                                             "impersonates",
                                             "impersonating",
                                             "impersonated",
                                             "impersonation of",
                                             "mimic",
                                             "mimics",
                                             "mimicking",
                                             "mimicked",
                                             "masquerade",
                                             "masquerades",
                                             "masquerading",
                                             "masqueraded",
                                             "spoof",
                                             "spoofs",
                                             "spoofing",
                                             "spoofed",
                                             "typosquat",
                                             "typosquats",
                                             "typosquatting",
                                             "lookalike of",
                                             "look-alike of",
                                             "resembles",
                                             "resembling",
                                             "similar to",
                                             "instead of",
                                             "pretending",
                                             "pretends",
                                             "posing as",
                                             "poses as",
                                             "connectivity check",
                                             "internet connectivity",
                                             "check connectivity",
                                             "public ip",
                                             "external ip",
                                             "not an indicator",
                                             "no indicator",
                                             "unrelated",
                                             "popular",
                                             "cloud storage",
                                             "file sharing",
                                             "file-sharing",
                                             "public service",
                                             "legitimately",
                                             "do not block",
                                             "security researcher",
                                             "security researchers",
                                             "benignware",
                                             "official site",
                                             "official website",
                                             "vendor's",
                                             "parked",
                                             "parking",
                                             "expired domain",
                                             "test domain"};

constexpr std::string_view kDigestLabels[] = {"sha256",   "sha-256", "sha 256", "sha1", "sha-1",
                                              "sha 1",    "md5",     "md-5",    "hash", "hashes",
                                              "checksum", "digest",  "sha2",    "sha",  "filehash"};
constexpr std::string_view kNetworkLabels[] = {"domain",
                                               "domains",
                                               "url",
                                               "urls",
                                               "ip",
                                               "ips",
                                               "address",
                                               "c2",
                                               "c&c",
                                               "host",
                                               "hostname",
                                               "server",
                                               "ip address",
                                               "cnc",
                                               "fqdn",
                                               "c2 server",
                                               "command and control",
                                               "ipv4",
                                               "ipv6",
                                               "dns",
                                               "name"};
constexpr std::string_view kNotMatchableLabels[] = {
    "imphash",     "import hash",   "authentihash", "authenticode",  "vhash",
    "pehash",      "rich",          "richpe",       "richhash",      "tlsh",
    "ssdeep",      "ja3",           "ja3s",         "ja4",           "jarm",
    "serial",      "serial number", "thumbprint",   "fingerprint",   "certificate",
    "cert",        "commit",        "commits",      "revision",      "git",
    "uuid",        "guid",          "clsid",        "key",           "aes",
    "xor",         "rc4",           "iv",           "password",      "passphrase",
    "token",       "wallet",        "bitcoin",      "btc",           "ethereum",
    "txid",        "transaction",   "mutex",        "mutant",        "session",
    "session id",  "build id",      "buildid",      "api key",       "campaign id",
    "bot id",      "etag",          "nonce",        "salt",          "telfhash",
    "impfuzzy",    "dhash",         "cdhash",       "sha512",        "sha-512",
    "machineguid", "userid",        "user id",      "group id",      "secret",
    "signature",   "public key",    "ntlm",         "password hash", "nt hash",
    "lm hash",     "gimphash",      "symhash",      "favicon hash",  "icon hash",
    "device id",   "app id",        "client id",    "client_id",     "tenant id",
    "cookie",      "bucket",        "contract"};
constexpr std::string_view kVersionLabels[] = {
    "version",  "versions", "ver",     "v",       "build",   "builds",   "release",  "releases",
    "firmware", "update",   "edition", "upgrade", "patch",   "fixed in", "prior to", "before",
    "up to",    "kernel",   "oid",     "section", "chapter", "hotfix",   "revision"};

bool is_one_of(std::string_view text, Words words) {
  return std::ranges::find(words, text) != words.end();
}

}  // namespace

bool has_phrase(std::string_view lower_text, std::string_view phrase) {
  for (auto at = lower_text.find(phrase); at != std::string_view::npos;
       at = lower_text.find(phrase, at + 1)) {
    const auto end = at + phrase.size();
    const bool begins = at == 0 || !is_word_char(lower_text[at - 1]);
    if (begins && (end == lower_text.size() || !is_word_char(lower_text[end]))) return true;
  }
  return false;
}

SectionKind classify_heading(std::string_view heading) {
  const auto lower = ascii_lower(heading);
  if (const auto word = first_of(lower, kBenignHeadings); !word.empty())
    return {Section::kBenign, word};
  if (const auto word = first_of(lower, kRuleHeadings); !word.empty())
    return {Section::kRules, word};
  auto reference = first_of(lower, kReferenceHeadings);
  const auto words = std::ranges::count(trim(lower), ' ') + 1;
  if (reference.empty() && static_cast<std::size_t>(words) <= kShortHeadingWords)
    reference = first_of(lower, kShortReferenceHeadings);
  // "Indicators of compromise and references" lists both: what is defanged decides there.
  const auto indicator = first_of(lower, kIndicatorHeadings);
  const bool named = has_phrase(lower, "indicators") || has_phrase(lower, "iocs");
  if (!indicator.empty() && (reference.empty() || named)) return {Section::kIndicators, indicator};
  if (!reference.empty()) return {Section::kReference, reference};
  return {};
}

std::string_view benign_word(std::string_view note) {
  const auto lower = ascii_lower(note);
  const auto word = first_of(lower, kBenignNotes);
  if (!word.empty()) return word;
  // As a whole note; in a sentence it says what the malware does.
  const auto whole = trim(lower);
  static constexpr std::string_view kWhole[] = {"compromised", "reference",   "good", "safe",
                                                "unknown",     "suspicious?", "test", "example"};
  const auto found = std::ranges::find(kWhole, whole);
  return found == std::end(kWhole) ? std::string_view() : *found;
}

Label label_before(std::string_view before) {
  static constexpr std::size_t kLookedAt = 40;
  if (before.size() > kLookedAt) before.remove_prefix(before.size() - kLookedAt);
  auto lower = ascii_lower(before);
  while (!lower.empty() && !is_word_char(lower.back())) {
    if (lower.back() == ')' || lower.back() == '.') {
      // "(md5)" before a value labels it; a full stop ends what was said before
      if (lower.back() == '.' && lower.size() >= 2) return Label::kNone;
    }
    lower.pop_back();
  }
  // The last three words, the nearest first.
  std::size_t begin = lower.size();
  for (int words = 0; words < 3 && begin > 0; ++words) {
    const auto blank = lower.find_last_of(" \t|,;", begin - 1);
    begin = blank == std::string::npos ? 0 : blank;
    auto tail = std::string_view(lower).substr(begin);
    while (!tail.empty() && !is_word_char(tail.front())) tail.remove_prefix(1);
    if (!first_of(tail, kNotMatchableLabels).empty()) return Label::kNotMatchable;
    if (!first_of(tail, kDigestLabels).empty()) return Label::kDigest;
    if (!first_of(tail, kVersionLabels).empty()) return Label::kVersion;
    if (!first_of(tail, kNetworkLabels).empty()) return Label::kNetwork;
  }
  return Label::kNone;
}

FileEnding file_ending(std::string_view last_label) {
  static constexpr std::string_view kTypical[] = {"zip", "mov", "sh", "py", "rs", "pl", "pm", "md"};
  static constexpr std::string_view kPossible[] = {"cab", "cat", "cc", "ps", "ml", "so", "app",
                                                   "st",  "la",  "ai", "ms", "bz", "gz"};
  if (is_one_of(last_label, kTypical)) return FileEnding::kTypical;
  return is_one_of(last_label, kPossible) ? FileEnding::kPossible : FileEnding::kNone;
}

bool is_file_extension(std::string_view last_label) {
  static constexpr std::string_view kExtensions[] = {
      "exe",  "dll", "sys",  "js",   "vbs",     "vbe",  "ps1",   "bat",   "cmd",  "msi",    "scr",
      "lnk",  "hta", "doc",  "docx", "xls",     "xlsx", "xlsm",  "docm",  "ppt",  "pptx",   "pdf",
      "rtf",  "txt", "log",  "dat",  "bin",     "tmp",  "ini",   "cfg",   "conf", "json",   "xml",
      "html", "htm", "php",  "asp",  "aspx",    "jsp",  "css",   "png",   "jpg",  "jpeg",   "gif",
      "ico",  "bmp", "svg",  "rar",  "7z",      "gz",   "tar",   "tgz",   "iso",  "img",    "dmg",
      "pkg",  "apk", "jar",  "war",  "class",   "elf",  "dylib", "plist", "db",   "sqlite", "csv",
      "tsv",  "yml", "yaml", "toml", "c",       "cpp",  "h",     "hpp",   "go",   "java",   "cs",
      "rb",   "lua", "wsf",  "ocx",  "cpl",     "chm",  "eml",   "msg",   "vhd",  "vhdx",   "one",
      "xll",  "sct", "inf",  "reg",  "service", "deb",  "rpm"};
  return is_one_of(last_label, kExtensions);
}

bool is_code_word(std::string_view first_label) {
  static constexpr std::string_view kCode[] = {
      "document",   "window",      "this",     "self",        "os",       "sys",      "socket",
      "http",       "https",       "system",   "microsoft",   "java",     "javax",    "android",
      "console",    "process",     "string",   "math",        "json",     "object",   "array",
      "crypto",     "fs",          "event",    "request",     "response", "req",      "res",
      "re",         "file",        "files",    "path",        "config",   "this",     "std",
      "module",     "exports",     "math",     "node",        "asp",      "function", "session",
      "url",        "dns",         "tls",      "ip",          "threat",   "process",  "kernel32",
      "ntdll",      "user",        "host",     "destination", "source",   "winlog",   "network",
      "e",          "i",           "eg",       "ie",          "vs",       "obj",      "data",
      "args",       "environment", "registry", "directory",   "io",       "net",      "requests",
      "subprocess", "urllib"};
  return is_one_of(first_label, kCode);
}

}  // namespace tocsin
