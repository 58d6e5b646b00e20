// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "detect/finding.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin {

// What is done about a match, beside the alert. kDeny is the stronger: where the kernel cannot
// refuse an execution, the process is killed.
enum class ResponseMode : std::uint8_t { kAlert, kKill, kDeny };
std::string_view to_string(ResponseMode mode);  // "alert", "kill", "deny"

// The site's rules. A set's own rule goes before those of severities; of severities the loudest
// one that the indicator reaches counts. An indicator of severity info ("affected product") is
// never acted upon, whatever its set's rule says. Immutable; any thread may ask.
class ResponsePolicy {
 public:
  struct Texts {
    std::vector<std::string> sets;        // "3cx-2023=deny", "trial=kill@2026-12-31"
    std::vector<std::string> severities;  // "critical=deny": this and louder ones
    std::vector<std::string> allow;       // addresses, blocks, names, SHA-256
    bool dry_run = false;
  };
  struct Decision {
    ResponseMode mode = ResponseMode::kAlert;
    std::optional<WallNs> until_ns;  // from then on alert
    std::string rule;                // "set 3cx-2023", "severity critical"
    std::string name = {};           // of matches: the listed domain, where it is one
  };

  ResponsePolicy() = default;  // alerts only
  // kInvalidInput names the text that is wrong.
  static Result<ResponsePolicy> parse(const Texts& texts);

  [[nodiscard]] Decision decide(std::string_view set, Severity severity, WallNs at) const;
  // The strongest answer to any of the matches that is not on the allow-list.
  [[nodiscard]] Decision decide(const std::vector<IndicatorMatch>& matches, WallNs at) const;

  // The same about content: nothing is done about an allowed SHA-256, by whatever digest it is
  // listed.
  [[nodiscard]] Decision decide(const FileDigests& content,
                                const std::vector<IndicatorMatch>& matches, WallNs at) const;
  // Until when something is to be done about any of the matches: the rule and the indicator both
  // have to hold. INT64_MAX: for ever; nullopt: nothing is.
  [[nodiscard]] std::optional<WallNs> acts_until(const FileDigests& content,
                                                 const std::vector<IndicatorMatch>& matches,
                                                 WallNs at) const;

  [[nodiscard]] bool allows(const IpNetwork& network) const;  // the whole of it
  [[nodiscard]] bool allows(const Sha256& digest) const { return digests_.contains(digest); }
  [[nodiscard]] bool allows_name(std::string_view canonical) const;
  [[nodiscard]] const std::vector<IpNetwork>& allowed_networks() const { return networks_; }

  [[nodiscard]] const std::set<std::string, std::less<>>& allowed_names() const { return names_; }

  [[nodiscard]] bool dry_run() const { return dry_run_; }
  [[nodiscard]] bool uses(ResponseMode mode) const;
  [[nodiscard]] bool active() const { return !sets_.empty() || !severities_.empty(); }
  // "set 3cx-2023: deny", one for each rule.
  [[nodiscard]] std::vector<std::string> rules() const;

 private:
  struct Rule {
    ResponseMode mode = ResponseMode::kAlert;
    std::optional<WallNs> until_ns;
  };
  static Result<std::pair<std::string, Rule>> parse_rule(std::string_view text);
  [[nodiscard]] bool allows(const IndicatorMatch& match) const;

  std::map<std::string, Rule, std::less<>> sets_;
  std::map<Severity, Rule> severities_;
  std::vector<IpNetwork> networks_;
  std::set<Sha256> digests_;
  std::set<std::string, std::less<>> names_;
  bool dry_run_ = false;
};

// For the configuration: why one text of each list is wrong; nullopt: it is not.
std::optional<std::string> fault_of_set_rule(const std::string& text);
std::optional<std::string> fault_of_severity_rule(const std::string& text);
std::optional<std::string> fault_of_allowed(const std::string& text);
// "192.0.2.7" or "192.0.2.0/24".
Result<IpNetwork> parse_network(std::string_view text);

}  // namespace tocsin
