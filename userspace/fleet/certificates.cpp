// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/certificates.hpp"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "base/ip_address.hpp"

namespace tocsin::fleet {
namespace {

constexpr long kDayS = 86'400;
constexpr long kCaDays = 3'650;
constexpr long kCertificateDays = 1'825;
constexpr long kBackS = 3'600;  // clocks of hosts that are behind

template <typename T, auto Free>
struct Freed {
  void operator()(T* p) const { Free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO, BIO_free>>;

std::unexpected<Error> openssl_fail(std::string_view doing) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return fail(ErrorCode::kInternal, fmt::format("{}: {}", doing, text.data()));
}

std::string taken_from(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

bool add_extension(X509* to, X509* issuer, int which, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str()));
  return extension && X509_add_ext(to, extension.get(), -1) == 1;
}

struct Draft {
  std::string name;
  long days = 0;
  std::vector<std::pair<int, std::string>> extensions;
};

Result<KeyPair> sign(const Draft& draft, X509* issuer, EVP_PKEY* issuer_key) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate made(X509_new());
  if (!key || !made) return openssl_fail("making a key");
  std::array<unsigned char, 16> serial{};
  if (RAND_bytes(serial.data(), serial.size()) != 1) return openssl_fail("making a serial number");
  serial[0] &= 0x7f;  // positive
  const std::unique_ptr<BIGNUM, Freed<BIGNUM, BN_free>> number(
      BN_bin2bn(serial.data(), serial.size(), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
  X509_set_version(made.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -kBackS);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), draft.days * kDayS);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(draft.name.data()),
                             static_cast<int>(draft.name.size()), -1, 0);
  X509* by = issuer != nullptr ? issuer : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(by));
  for (const auto& [which, value] : draft.extensions)
    if (!add_extension(made.get(), by, which, value))
      return openssl_fail(fmt::format("certificate of {}: {}", draft.name, value));
  if (X509_sign(made.get(), issuer_key != nullptr ? issuer_key : key.get(), EVP_sha256()) == 0)
    return openssl_fail("signing the certificate of " + draft.name);
  const Memory certificate_pem(BIO_new(BIO_s_mem())), key_pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_pem.get(), made.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1)
    return openssl_fail("writing the certificate of " + draft.name);
  return KeyPair{taken_from(certificate_pem.get()), taken_from(key_pem.get())};
}

}  // namespace

Result<KeyPair> make_ca(const std::string& name) {
  return sign({.name = name,
               .days = kCaDays,
               .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                              {NID_key_usage, "critical,keyCertSign,cRLSign"},
                              {NID_subject_key_identifier, "hash"}}},
              nullptr, nullptr);
}

Result<KeyPair> issue(const KeyPair& ca, const CertificateRequest& request) {
  const Memory ca_pem(
      BIO_new_mem_buf(ca.certificate.data(), static_cast<int>(ca.certificate.size())));
  const Memory ca_key_pem(BIO_new_mem_buf(ca.key.data(), static_cast<int>(ca.key.size())));
  const Certificate issuer(PEM_read_bio_X509(ca_pem.get(), nullptr, nullptr, nullptr));
  const Key issuer_key(PEM_read_bio_PrivateKey(ca_key_pem.get(), nullptr, nullptr, nullptr));
  if (!issuer || !issuer_key) return openssl_fail("reading the CA");
  Draft draft{.name = request.name,
              .days = kCertificateDays,
              .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                             {NID_key_usage, "critical,digitalSignature"}}};
  std::string usage = request.server ? "serverAuth" : "";
  if (request.client) usage += usage.empty() ? "clientAuth" : ",clientAuth";
  draft.extensions.emplace_back(NID_ext_key_usage, usage);
  std::string places;
  for (const auto& place : request.places) {
    if (place.find_first_of(",:\n") != std::string::npos && !IpAddress::parse(place))
      return fail(ErrorCode::kInvalidInput, fmt::format("'{}' is neither name nor address", place));
    places += fmt::format("{}{}:{}", places.empty() ? "" : ",",
                          IpAddress::parse(place) ? "IP" : "DNS", place);
  }
  if (!places.empty()) draft.extensions.emplace_back(NID_subject_alt_name, places);
  return sign(draft, issuer.get(), issuer_key.get());
}

}  // namespace tocsin::fleet
