// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include "base/result.hpp"
#include "daemon/config.hpp"
#include "fleet/brokers.hpp"
#include "fleet/connection.hpp"

namespace tocsin::fleet {

// The operator's name as a user: no host can have it, for it is no subject name.
inline constexpr const char* kOperator = "OPERATOR";

// A host's: the files that the configuration names, else systemd's credentials of the unit, else
// host.pem, host.key and ca.pem in kFleetFolder. kPermission, kNotFound and kLimit name the file.
Result<TlsFiles> host_credentials(const FleetConfig& config);
// The operator's: operator.pem, operator.key and ca.pem in folder.
Result<TlsFiles> operator_credentials(const std::string& folder);

// The common name of a PEM certificate, which is who the broker takes its holder for.
Result<std::string> name_in(const std::string& certificate_pem);

}  // namespace tocsin::fleet
