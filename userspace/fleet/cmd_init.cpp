// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// init: the streams of a fleet, made or brought up to date.
#include <fmt/format.h>

#include <memory>

#include "fleet/command.hpp"
#include "fleet/streams.hpp"

namespace tocsin::fleet {

Runner declare_init(CLI::App& app) {
  auto replicas = std::make_shared<int>(0);
  app.add_option("--replicas", *replicas,
                 "Brokers that keep each stream: 1, 3 or 5; else a stream keeps "
                 "the copies that it has, and a new one has 1")
      ->check(CLI::IsMember({1, 3, 5}));
  return [replicas](Context& context) {
    auto loop = EventLoop::create();
    if (!loop) return context.failed(loop.error());
    const auto subjects = context.subjects();
    if (!subjects) return context.failed(subjects.error());
    const auto connection = context.connect_operator(*loop);
    if (!connection) return context.failed(connection.error());
    const auto made = make_streams(**connection, *subjects, *replicas);
    if (!made) return context.failed(made.error());
    nlohmann::json list = nlohmann::json::array();
    for (const auto& stream : *made) {
      list.push_back(
          {{"name", stream.name}, {"created", stream.created}, {"replicas", stream.replicas}});
      context.out.line(fmt::format("{:<15} {}, copies: {}", stream.name,
                                   stream.created ? "made" : "up to date", stream.replicas));
    }
    context.out.document({{"streams", std::move(list)}});
    return kDone;
  };
}

}  // namespace tocsin::fleet
