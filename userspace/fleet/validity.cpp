// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/validity.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

#include "base/text.hpp"

namespace tocsin::fleet {
namespace {

Result<WallNs> time_of(const ASN1_TIME* at) {
  std::tm parts{};
  if (at == nullptr || ASN1_TIME_to_tm(at, &parts) != 1)
    return fail(ErrorCode::kInvalidInput, "the certificate has no readable dates");
  return static_cast<WallNs>(timegm(&parts)) * kNsPerSecond;
}

}  // namespace

Result<Validity> validity_of(const std::string& certificate_pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate)
    return fail(ErrorCode::kInvalidInput, "the certificate is not a PEM certificate");
  Validity out;
  TOCSIN_TRY(out.from_ns, time_of(X509_get0_notBefore(certificate.get())));
  TOCSIN_TRY(out.until_ns, time_of(X509_get0_notAfter(certificate.get())));
  std::array<char, 256> name{};
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()),
                                             NID_commonName, name.data(), name.size());
  if (size > 0) out.name.assign(name.data(), static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> end_near(WallNs until_ns, WallNs now_ns) {
  if (until_ns <= now_ns) return "ended " + format_time_utc(until_ns);
  if (until_ns - now_ns > kCertificateWarnNs) return std::nullopt;
  const auto days = (until_ns - now_ns) / kDayNs;
  return days == 1 ? "ends in 1 day" : fmt::format("ends in {} days", days);
}

}  // namespace tocsin::fleet
