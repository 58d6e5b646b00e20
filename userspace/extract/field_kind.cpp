// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <algorithm>
#include <initializer_list>
#include <span>
#include <vector>

#include "base/text.hpp"
#include "extract/vocabulary.hpp"

// Names of columns, members and types.
namespace tocsin {
namespace {

using Words = std::span<const std::string_view>;

std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : ascii_lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

bool is_one_of(std::string_view text, Words words) {
  return std::ranges::find(words, text) != words.end();
}

bool holds_one_of(std::string_view text, Words words) {
  return std::ranges::any_of(words, [&](auto w) { return text.find(w) != std::string_view::npos; });
}

constexpr std::string_view kNotMatchableFields[] = {
    "imphash",       "authentihash", "ssdeep", "tlsh",     "vhash",      "pehash",   "richpe",
    "richheader",    "ja3",          "ja4",    "jarm",     "thumbprint", "serial",   "fingerprint",
    "cdhash",        "telfhash",     "dhash",  "impfuzzy", "sha512",     "sha384",   "sha224",
    "certificate",   "x509",         "mutex",  "pdb",      "useragent",  "registry", "regkey",
    "bitcoin",       "btc",          "wallet", "yara",     "sigma",      "snort",    "cve",
    "vulnerability", "macaddress",   "ntlm",   "sslcert",  "hassh",      "asn",      "phone",
    "whois"};
constexpr std::string_view kFileFields[] = {
    "filename", "filenames",   "file",        "path",      "filepath", "filenamepattern",
    "process",  "processname", "commandline", "directory", "folder"};

// Whole names, squeezed. Each stands once.
struct NamedFields {
  FieldKind kind;
  std::vector<std::string_view> names;
};
const std::vector<NamedFields> kNamedFields = {
    {FieldKind::kType, {"hashtype"}},
    {FieldKind::kNote, {"filetype", "filetypeguess", "mimetype", "threattype", "malwaretype"}},
    {FieldKind::kToIds, {"toids", "ids"}},
    {FieldKind::kReference,
     {"reference",
      "references",
      "refs",
      "ref",
      "link",
      "links",
      "permalink",
      "report",
      "source",
      "sources",
      "sourceurl",
      "urlhauslink",
      "urlhausreference",
      "virustotal",
      "vt",
      "vtlink",
      "blog",
      "article",
      "moreinfo",
      "advisory",
      "publication",
      "origin",
      "reportlink",
      "reporturl",
      "metaurl",
      "metasource",
      "externalreferences",
      "sourcelink",
      "tweet"}},
    {FieldKind::kPort, {"port", "dstport", "ports", "dport"}},
    {FieldKind::kMail, {"email", "emails", "mail", "emailaddress", "sender", "from", "subject"}},
    {FieldKind::kHost,
     {"ip",       "ips",    "ipaddress", "ipaddresses", "ipv4",     "ipv6",        "dstip",
      "srcip",    "ipaddr", "address",   "addr",        "domain",   "domains",     "domainname",
      "fqdn",     "fqdns",  "hostname",  "hostnames",   "host",     "hosts",       "dns",
      "url",      "urls",   "uri",       "c2",          "c2server", "c2s",         "cnc",
      "c2domain", "c2ip",   "c2address", "server",      "dsthost",  "destination", "destinationip",
      "network",  "cidr",   "subnet",    "iprange",     "sourceip", "remoteip"}},
    {FieldKind::kValue,
     {"indicator", "indicators", "ioc", "iocs", "iocvalue", "value", "values", "data", "observable",
      "observables", "artifact", "artefact", "indicatorvalue", "iocdata"}},
    {FieldKind::kDigest,
     {"hash", "hashes", "filehash", "filehashes", "checksum", "digest", "sample", "samples"}},
    {FieldKind::kType,
     {"type", "entitytype", "ioctype", "indicatortype", "datatype", "kind", "iocstype", "valuetype",
      "category", "observabletype", "types", "class"}},
    {FieldKind::kVerdict,
     {"classification", "verdict", "disposition", "status", "c2status", "urlstatus", "label",
      "malicious", "reputation"}},
    {FieldKind::kConfidence, {"confidence", "confidencelevel", "score"}},
    {FieldKind::kValidFrom, {"validfrom", "firstseen", "firstseenutc", "dateadded"}},
    {FieldKind::kValidUntil,
     {"validuntil", "validto", "expires", "expiration", "expirationdate", "expirydate"}},
    {FieldKind::kIgnored,
     {"rank", "reporter", "anonymous", "id", "iocid", "uuid", "date", "lastseen", "lastseenutc",
      "lastonline", "size", "filesize", "eventid", "objectid", "attributetag", "timestamp"}},
    {FieldKind::kNote,
     {"note",          "notes",       "description", "comment", "comments", "context",
      "details",       "detail",      "title",       "name",    "family",   "malware",
      "signature",     "tags",        "tag",         "threat",  "campaign", "actor",
      "role",          "usage",       "remarks",     "purpose", "function", "info",
      "malwarefamily", "attribution", "threatactor", "metadesc"}},
    {FieldKind::kTlp, {"tlp"}},
};

}  // namespace

FieldKind classify_field(std::string_view name) {
  const auto key = squeezed(name);
  if (key.empty()) return FieldKind::kUnknown;
  if (holds_one_of(key, kNotMatchableFields)) return FieldKind::kNotMatchable;
  if (key.find("compromised") != std::string::npos) return FieldKind::kCompromised;
  // Before the digests: a column of that name says which digest another one holds.
  for (const auto& fields : kNamedFields)
    if (std::ranges::find(fields.names, key) != fields.names.end()) return fields.kind;
  if (key.find("sha256") != std::string::npos || key.find("sha1") != std::string::npos ||
      key.find("md5") != std::string::npos)
    return FieldKind::kDigest;
  return is_one_of(key, kFileFields) ? FieldKind::kFile : FieldKind::kUnknown;
}

FieldKind classify_type_word(std::string_view word) {
  const auto key = squeezed(word);
  if (key.empty()) return FieldKind::kUnknown;
  const auto is = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, key) != words.end();
  };
  const auto holds = [&](std::string_view part) { return key.find(part) != std::string::npos; };
  if (holds_one_of(key, kNotMatchableFields)) return FieldKind::kNotMatchable;
  if (holds("sha256") || holds("sha1") || holds("md5") || is({"hash", "filehash", "intelfilehash"}))
    return FieldKind::kDigest;
  if (holds("mail") || is({"sender", "emailsrc", "emaildst"})) return FieldKind::kMail;
  if (is({"link", "reference", "source", "report", "blog", "description", "comment", "title",
          "text", "advisory", "other"}))
    return FieldKind::kReference;
  if (is({"filename", "filepath", "path", "file", "directory", "process", "service", "command",
          "commandline", "scheduledtask", "malware", "filenamepattern", "username", "intelfilename",
          "intelusername", "software", "intelsoftware", "intelpubkeyhash", "intelcerthash"}))
    return FieldKind::kFile;
  if (holds("domain") || holds("hostname") || holds("fqdn") || holds("url") || holds("uri") ||
      holds("ipv4") || holds("ipv6") || holds("cidr") || holds("ipaddr") || holds("subnet") ||
      is({"ip",   "ips",      "ipport",    "ipdst",    "ipsrc",   "ipdstport", "ipsrcport",
          "host", "address",  "inteladdr", "addr",     "dns",     "network",   "c2",
          "cnc",  "c2server", "ipport",    "netblock", "iprange", "server"}))
    return FieldKind::kHost;
  return FieldKind::kUnknown;
}

std::optional<bool> parse_flag(std::string_view text) {
  const auto lower = ascii_lower(trim(text));
  if (lower == "1" || lower == "true" || lower == "yes" || lower == "y" || lower == "t")
    return true;
  if (lower == "0" || lower == "false" || lower == "no" || lower == "n" || lower == "f" ||
      lower.empty())
    return false;
  return std::nullopt;
}

}  // namespace tocsin
