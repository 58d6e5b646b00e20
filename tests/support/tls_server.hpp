// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// What one path answers.
struct Page {
  int status = 200;
  std::string body{};
  std::vector<std::string> headers{};  // "ETag: \"1\""
  bool stall = false;                  // after the first byte of the body nothing more comes
  bool silent = false;                 // no answer at all
  bool endless = false;                // no length, and the body again and again
};

// An HTTPS server on 127.0.0.1 with a certificate of its own: one connection after the other.
class TlsServer {
 public:
  TlsServer();
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  void set(const std::string& path, Page page);
  [[nodiscard]] std::string url(const std::string& path) const;
  [[nodiscard]] std::string ca_file() const { return dir_.file("cert.pem"); }
  // Request heads that came, in order, and the bodies of each.
  [[nodiscard]] std::vector<std::string> requests() const;
  [[nodiscard]] std::vector<std::string> bodies() const;

 private:
  void serve(const std::stop_token& stop);
  void answer(void* tls, const std::stop_token& stop);

  TempDir dir_;
  Fd listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, Page> pages_;
  std::vector<std::string> requests_, bodies_;
  std::jthread thread_;
};

}  // namespace tocsin::test
