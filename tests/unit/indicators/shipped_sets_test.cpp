// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The sets in iocs/ against lists typed here, independent of them.
#include <openssl/sha.h>

#include <fstream>
#include <map>
#include <set>

#include "base/text.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using Names = std::set<std::string>;

namespace {

const Names kAdvisoryDigests = {
    "dde03348075512796241389dfea5560c20a3d2a2eac95c894e7bbed5e85a0acc",
    "aa124a4b4df12b34e74ee7f6c683b2ebec4ce9a8edcf9be345823b4fdcf5d868",
    "fad482ded2e25ce9e1dd3d3ecc3227af714bdfbbde04347dbc1b21d6a3670405",
    "59e1edf4d82fae4978e97512b0331b7eb21dd4b838b850ba46794d9c7a2c0983",
    "c485674ee63ec8d4e8fde9800788175a8b02d3f9416d0e763360fff7f8eb4e02",
    "7986bbaee8940da11ce089383521ab420c443ab7b15ed42aed91fd31ce833896",
    "11be1803e2e307b647a8a7e02d128335c448ff741bf06bf52b332e0bbf423b03",
    "4e08e4ffc699e0a1de4a5225a0b4920933fbb9cf123cde33e1674fde6d61444f",
    "5a017652531eebfcef7011c37a04f11621d89084f8f9507201f071ce359bea3f",
    "5407cda7d3a75e7b1e030b1f33337a56f293578ffa8b3ae19c671051ed314290",
    "fee4f9dabc094df24d83ec1a8c4e4ff573e5d9973caa676f58086c99561382d7",
    "5009c7d1590c1f8c05827122172583ddf924c53b55a46826abf66da46725505a",
    "a64fa9f1c76457ecc58402142a8728ce34ccba378c17318b3340083eeb7acc67",
    "87c5d0c93b80acf61d24e7aaf0faae231ab507ca45483ad3d441b5d1acebc43c",
};

const Names kAdvisoryNames = {
    "akamaicontainer.com",    "akamaitechcloudservices.com",
    "azuredeploystore.com",   "azureonlinecloud.com",
    "azureonlinestorage.com", "dunamistrd.com",
    "glcloudservice.com",     "journalide.org",
    "msedgepackageinfo.com",  "msstorageazure.com",
    "msstorageboxes.com",     "officeaddons.com",
    "officestoragebox.com",   "pbxcloudeservices.com",
    "pbxphonenetwork.com",    "pbxsources.com",
    "qwepoi123098.com",       "sbmsa.wiki",
    "sourceslabs.com",        "visualstudiofactory.com",
    "zacharryblogs.com",
};

struct Row {
  SetMeta meta;
  IndicatorRow row;
  [[nodiscard]] std::string value() const {
    if (const auto width = digest_bytes(row.type); width != 0)
      return to_hex(std::span(row.digest).first(width));
    return row.text.empty() ? row.network.to_string() : row.text;
  }
};

std::map<std::string, Row> load_set(const std::string& name) {
  std::map<std::string, Row> out;
  const auto path = std::filesystem::path(TOCSIN_SOURCE_DIR) / "iocs" / name;
  const auto summary =
      read_set_file(path, {.file_name = name, .guard = &test::guard()},
                    [&](const SetMeta& meta, const IndicatorRow& row) {
                      Row taken{meta, row};
                      if (digest_bytes(row.type) != 0 || row.text.empty() ||
                          row.type == IndicatorType::kIp || row.type == IndicatorType::kCidr)
                        taken.row.text.clear();
                      CHECK(out.emplace(taken.value(), taken).second);
                      return Result<void>{};
                    });
  REQUIRE(summary);
  for (const auto& refusal : summary->refusals) UNSCOPED_INFO(to_string(refusal, name));
  CHECK(summary->refused == 0);
  CHECK(summary->review == 0);
  return out;
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  REQUIRE_FALSE(content.empty());
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const std::uint8_t*>(content.data()), content.size(), digest.data());
  return to_hex(digest);
}

}  // namespace

TEST_CASE("the 3CX set holds exactly the advisory's values and the extras", "[indicators]") {
  const auto rows = load_set("3cx-2023.ioc");
  Names digests, names, rest;
  const std::string advisory = "Barracuda SOC, ";
  for (const auto& [value, r] : rows) {
    CHECK(r.meta.set == "3cx-2023");
    CHECK(r.meta.source.starts_with(advisory));
    if (!r.row.source.empty())
      rest.insert(value);
    else if (r.row.type == IndicatorType::kSha256)
      digests.insert(value);
    else
      names.insert(value);
  }
  CHECK(digests == kAdvisoryDigests);
  CHECK(names == kAdvisoryNames);
  CHECK(rest == Names{// ESET, the Linux side
                      "f638e5a20114019ad066dd0e856f97fd865798d8fbed1766662d970beff652ca",
                      "492a643bd1efdaca4ca125ade1b606e7bbf00e995ac9115ac84d1c4c59cb66dd",
                      "eebb01932de0b5605dd460cc82844d8693c00ea8ab5ffdf8dbede6528c1c18fd",
                      "cc307cfb401d1ae616445e78b610ab72e1c7fb49b298ea003dd26ea80372089a",
                      "23.254.211.230", "172.93.201.88",
                      // other vendors
                      "6c121f2b2efa6592c2c22b29218157ec9e63f385e7a1d7425857d603ddef8c59",
                      "msedgeupdate.net", "msboxonline.com"});
}

TEST_CASE("the 3CX set keeps clear of its traps", "[indicators]") {
  const auto rows = load_set("3cx-2023.ioc");
  const auto severity = [&](const std::string& value) { return rows.at(value).row.severity; };
  // The victim's signed programs are an affected product, not malware.
  for (const auto* genuine : {"dde03348075512796241389dfea5560c20a3d2a2eac95c894e7bbed5e85a0acc",
                              "fad482ded2e25ce9e1dd3d3ecc3227af714bdfbbde04347dbc1b21d6a3670405"}) {
    CHECK(severity(genuine) == Severity::kInfo);
    CHECK_THAT(rows.at(genuine).row.note, Catch::StartsWith("affected product"));
  }
  for (const auto* unknown : {"5009c7d1590c1f8c05827122172583ddf924c53b55a46826abf66da46725505a",
                              "87c5d0c93b80acf61d24e7aaf0faae231ab507ca45483ad3d441b5d1acebc43c",
                              "5a017652531eebfcef7011c37a04f11621d89084f8f9507201f071ce359bea3f"})
    CHECK_THAT(rows.at(unknown).row.note, Catch::Contains("unknown"));
  CHECK(severity("172.93.201.88") == Severity::kLow);
  for (const auto* wrong :
       {"www.3cx.com", "3cx.com", "github.com", "raw.githubusercontent.com", "od.lk", "philip.je",
        "acharryblogs.com", "38.108.185.79", "38.108.185.115", "162.213.255.24", "91.235.116.231"})
    CHECK(rows.count(wrong) == 0);
}

TEST_CASE("the related set names another campaign", "[indicators]") {
  const auto rows = load_set("unc4736-related.ioc");
  CHECK(rows.size() == 8);
  for (const auto& [value, r] : rows) {
    CHECK_THAT(r.meta.campaign, Catch::Contains("related to 3CX"));
    CHECK(r.row.severity == Severity::kMedium);
  }
}

TEST_CASE("the self-test set cannot match anything real", "[indicators]") {
  const auto rows = load_set("selftest.ioc");
  const auto inside = [](const IpNetwork& network, std::string_view address, std::uint8_t prefix) {
    return network.prefix >= prefix &&
           IpNetwork{*IpAddress::parse(address), prefix}.contains(network.address);
  };
  std::size_t networks = 0;
  for (const auto& [value, r] : rows) {
    CAPTURE(value);
    CHECK(r.row.severity <= Severity::kLow);
    if (r.row.type == IndicatorType::kDomain) CHECK(value.ends_with(".tocsin.test"));
    if (r.row.type != IndicatorType::kIp && r.row.type != IndicatorType::kCidr) continue;
    ++networks;
    const auto& n = r.row.network;
    CHECK((inside(n, "192.0.2.0", 24) || inside(n, "198.51.100.0", 24) ||
           inside(n, "203.0.113.0", 24) || inside(n, "2001:db8::", 32) ||
           inside(n, "127.0.0.0", 8)));
  }
  CHECK(networks == 6);
  const auto marker = std::filesystem::path(TOCSIN_SOURCE_DIR) / "iocs" / "selftest-marker.sh";
  CHECK(rows.count(sha256_of_file(marker)) == 1);
}
