// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/credentials.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "fleet/fleet_limits.hpp"
#include "fleet/validity.hpp"

namespace tocsin::fleet {
namespace {

// Whoever may read it: permissions are the site's, and systemd's credentials are the unit's own.
Result<std::string> read_pem(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno("reading " + path, errno);
  std::string text(limits::kFleetPemBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limits::kFleetPemBytesMax)
    return fail(ErrorCode::kLimit,
                fmt::format("{} is larger than {} bytes", path, limits::kFleetPemBytesMax));
  return text;
}

Result<TlsFiles> read_all(const std::string& certificate, const std::string& key,
                          const std::string& ca) {
  TlsFiles files;
  TOCSIN_TRY(files.certificate, read_pem(certificate));
  TOCSIN_TRY(files.key, read_pem(key));
  TOCSIN_TRY(files.ca, read_pem(ca));
  return files;
}

}  // namespace

Result<TlsFiles> host_credentials(const FleetConfig& config) {
  const char* unit = std::getenv("CREDENTIALS_DIRECTORY");
  const std::filesystem::path folder = unit != nullptr ? unit : kFleetFolder;
  const auto chosen = [&](const std::string& file, const char* name) {
    return file.empty() ? (folder / name).string() : file;
  };
  return read_all(chosen(config.certificate, "host.pem"), chosen(config.key, "host.key"),
                  chosen(config.ca, "ca.pem"));
}

Result<TlsFiles> operator_credentials(const std::string& folder) {
  const std::filesystem::path in = folder;
  return read_all(in / "operator.pem", in / "operator.key", in / "ca.pem");
}

Result<std::string> name_in(const std::string& certificate_pem) {
  TOCSIN_TRY(auto validity, validity_of(certificate_pem));
  if (validity.name.empty())
    return fail(ErrorCode::kInvalidInput, "the certificate has no common name");
  return std::move(validity.name);
}

}  // namespace tocsin::fleet
