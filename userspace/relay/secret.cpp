// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/secret.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {
namespace {

constexpr std::size_t kShownBytesMax = 256;

struct UrlParts {
  std::string_view scheme;  // with "://"; may be empty
  std::string_view host;    // with user name and port
  std::string_view path;    // up to the query
  bool has_rest = false;    // a query or a fragment
};

UrlParts parts_of(std::string_view url) {
  UrlParts out;
  const auto scheme = url.find("://");
  out.scheme = url.substr(0, scheme == std::string_view::npos ? 0 : scheme + 3);
  url.remove_prefix(out.scheme.size());
  out.host = url.substr(0, url.find_first_of("/?#"));
  url.remove_prefix(out.host.size());
  out.path = url.substr(0, url.find_first_of("?#"));
  out.has_rest = out.path.size() < url.size();
  return out;
}

std::string without_user(const UrlParts& parts) {
  auto host = parts.host;
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  return fmt::format("{}{}", parts.scheme, host);
}

}  // namespace

std::string_view url_host(std::string_view url) {
  return parts_of(url).host;
}

std::string shown_url(std::string_view url) {
  const auto parts = parts_of(url);
  return printable(without_user(parts), kShownBytesMax) +
         (parts.path.empty() && !parts.has_rest ? "" : "/…");
}

std::string public_url(std::string_view url) {
  const auto parts = parts_of(url);
  return printable(without_user(parts) + std::string(parts.path), 4 * kShownBytesMax) +
         (parts.has_rest ? "?…" : "");
}

bool is_url_character(char c) {
  return c > ' ' && c < 0x7f;
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

}  // namespace tocsin::relay
