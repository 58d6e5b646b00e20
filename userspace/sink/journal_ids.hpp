// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include "alert/alert.hpp"

namespace tocsin {

// MESSAGE_ID of each kind of alert in the journal. Fixed for ever: queries, catalogs and other
// programs use them. systemd/tocsin.catalog explains each to the reader of "journalctl -x".
constexpr std::string_view journal_message_id(AlertKind kind) {
  switch (kind) {
    case AlertKind::kExecHash:
      return "a4af3a0cf09349398facaa1f401ff07a";
    case AlertKind::kConnectIp:
      return "c8483fe779b54d20a957b379de2e4b9e";
    case AlertKind::kConnectName:
      return "5cf097e1430344d0a3f87a510b450408";
    case AlertKind::kDnsName:
      return "61982feeafac40f0b76bfb71dd4cc8aa";
    case AlertKind::kHostName:
      return "669e6f1a446d4b9f97669b0ae3de233f";
    case AlertKind::kModuleHash:
      return "8fb0c4a10b684a28a1e60e78c99c18bd";
    case AlertKind::kNotCaptured:
      return "d52afe2c6082490dbda6546d4635634e";
    case AlertKind::kBeacon:
      return "b0ca1f93db144a139d3cc54940588b28";
    case AlertKind::kIncident:
      return "d65519f7e59d4267ae3e384a47c74160";
    case AlertKind::kSelfTest:
      return "e2bfdb631f744a1ebb86d2330e74e3cc";
    case AlertKind::kHealth:
      return "db1df63835464abe99d7c7753abc61e4";
  }
  return "9124b7aa548943498a54200739773078";
}

}  // namespace tocsin
