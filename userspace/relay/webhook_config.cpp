// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_config.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <set>

#include "base/fd.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "relay/list_file.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kEcsPerMinute = 600, kTextPerMinute = 30, kPerMinuteMost = 60'000;
constexpr SpanRange kTimeouts = {.least = 1, .most = 120};

Wrong take_url(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (const auto checked = check_webhook_url(out); !checked) return checked.error().message;
  return std::nullopt;
}

bool is_credential_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return name.size() <= 64 && !name.starts_with('.') && std::ranges::all_of(name, good);
}

Wrong take_secret_file(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (out.starts_with('/') || is_credential_name(out)) return std::nullopt;
  return "an absolute path or the name of a systemd credential is expected";
}

Wrong take_form(const toml::node& node, WebhookForm& out) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  if (text != "ecs" && text != "text") return "\"ecs\" or \"text\" is expected";
  out = text == "text" ? WebhookForm::kText : WebhookForm::kEcs;
  return std::nullopt;
}

Wrong take_rate(const toml::node& node, std::uint64_t& out) {
  const auto* number = node.as_integer();
  if (number == nullptr || number->get() < 1 ||
      number->get() > static_cast<std::int64_t>(kPerMinuteMost))
    return fmt::format("a whole number from 1 to {} is expected", kPerMinuteMost);
  out = static_cast<std::uint64_t>(number->get());
  return std::nullopt;
}

using Node = const toml::node&;
using Key = ListKey<WebhookConfig>;
constexpr std::array kKeys = {
    Key{"name", [](Node n, WebhookConfig& w) { return take_name(n, w.name); }},
    Key{"url", [](Node n, WebhookConfig& w) { return take_url(n, w.url); }},
    Key{"url_file", [](Node n, WebhookConfig& w) { return take_secret_file(n, w.url_file); }},
    Key{"format", [](Node n, WebhookConfig& w) { return take_form(n, w.form); }},
    Key{"severity", [](Node n, WebhookConfig& w) { return take_severity(n, w.least); }},
    Key{"token_file", [](Node n, WebhookConfig& w) { return take_secret_file(n, w.token_file); }},
    Key{"hmac_file", [](Node n, WebhookConfig& w) { return take_secret_file(n, w.hmac_file); }},
    Key{"ca_file", [](Node n, WebhookConfig& w) { return take_path(n, w.ca_file); }},
    Key{"timeout", [](Node n, WebhookConfig& w) { return take_span(n, kTimeouts, w.timeout_s); }},
    Key{"per_minute", [](Node n, WebhookConfig& w) { return take_rate(n, w.per_minute); }},
};

Wrong complete(WebhookConfig& webhook, std::set<std::string>& names) {
  if (webhook.name.empty()) return "the webhook has no name";
  if (webhook.url.empty() == webhook.url_file.empty())
    return fmt::format("webhook {} needs one of url and url_file", webhook.name);
  if (webhook.per_minute == 0)
    webhook.per_minute = webhook.form == WebhookForm::kText ? kTextPerMinute : kEcsPerMinute;
  if (!names.insert(webhook.name).second) return fmt::format("a second webhook {}", webhook.name);
  if (names.size() > limits::kWebhooksMax)
    return fmt::format("more than {} webhooks", limits::kWebhooksMax);
  return std::nullopt;
}

// Where the host begins, and its end.
std::pair<std::size_t, std::size_t> host_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  return {begin, std::min(url.find_first_of("/?#", begin), url.size())};
}

bool is_this_host(std::string_view host) {
  for (const std::string_view own : {"127.0.0.1", "[::1]", "localhost"})
    if (host == own || (host.starts_with(own) && host[own.size()] == ':')) return true;
  return false;
}

}  // namespace

Result<void> check_webhook_url(std::string_view url) {
  const auto [begin, end] = host_of(url);
  const auto host = url.substr(begin, end - begin);
  const auto printable_ascii = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::ranges::all_of(url, printable_ascii) || host.empty())
    return fail(ErrorCode::kInvalidInput, "an https:// address is expected");
  if (host.find('@') != std::string_view::npos)
    return fail(ErrorCode::kInvalidInput,
                "an address without user name is expected: token_file and hmac_file say who calls");
  if (url.starts_with("https://") || (url.starts_with("http://") && is_this_host(host))) return {};
  return fail(ErrorCode::kInvalidInput,
              "an https:// address is expected; http:// only goes to 127.0.0.1, [::1] and "
              "localhost");
}

std::string shown_url(std::string_view url) {
  const auto [begin, end] = host_of(url);
  return printable(url.substr(0, end), 256) + (end < url.size() ? "/…" : "");
}

Result<std::string> read_secret(const std::string& path_or_credential) {
  std::string path = path_or_credential;
  if (!path.starts_with('/')) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr)
      return fail(ErrorCode::kNotFound,
                  fmt::format("credential {}: systemd passes none to this service "
                              "(LoadCredential=)",
                              path));
    path = fmt::format("{}/{}", folder, path);
  }
  const Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat st {};
  if (!fd || fstat(fd.get(), &st) != 0) return fail_errno(path, errno);
  if (!S_ISREG(st.st_mode)) return fail(ErrorCode::kInvalidInput, path + ": not a regular file");
  if ((st.st_mode & S_IRWXO) != 0)
    return fail(ErrorCode::kPermission,
                path + ": everybody may read this secret; chmod o= makes it one");
  std::string text(limits::kSecretBytesMax + 2, '\0');
  const auto got = read(fd.get(), text.data(), text.size());
  if (got < 0) return fail_errno(path, errno);
  text.resize(static_cast<std::size_t>(got));
  const std::string secret(trim(text));
  const auto visible = [](char c) { return c >= ' ' && c < 0x7f; };
  if (secret.empty() || secret.size() > limits::kSecretBytesMax ||
      !std::ranges::all_of(secret, visible))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: one line of 1 to {} ASCII characters is expected", path,
                            limits::kSecretBytesMax));
  return secret;
}

WebhooksLoad parse_webhooks(std::string_view text, const std::string& file) {
  WebhooksLoad load;
  std::set<std::string> names;
  const ListRules<WebhookConfig> rules = {
      .section = "webhook", .keys = kKeys, .complete = [&](WebhookConfig& webhook) {
        return complete(webhook, names);
      }};
  load.webhooks = read_sections(text, rules, file, load.faults);
  return load;
}

WebhooksLoad load_webhooks(const std::string& file) {
  std::vector<ListFault> faults;
  const auto text = read_list_file(file, faults);
  if (!faults.empty()) return {{}, std::move(faults)};
  return parse_webhooks(text, file);
}

}  // namespace tocsin::relay
