// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include "beacon/contact.hpp"
#include "process/process_table.hpp"

namespace tocsin {

// The program that a process runs, as the beacon engine keys and judges it: identity, and what
// image and ancestors say by themselves. Ages are KnownPrograms' to add.
BeaconSubject beacon_subject(const std::shared_ptr<const Process>& process, const Image& image,
                             const std::string& container);

// Of a capture file, which knows no process: whoever has the address.
BeaconSubject beacon_subject(const IpAddress& local);

// A program that lets people in, as far as its file tells: not what bears the name of one, and in a
// container, where whoever made the image names what he likes, only what its package vouches for.
bool lets_people_in(const Image& image, const std::string& container);

// The digests, or why there are none, are known.
bool is_settled(const Image& image);

}  // namespace tocsin
