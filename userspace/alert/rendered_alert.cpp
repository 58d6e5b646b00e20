// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/rendered_alert.hpp"

#include <utility>

#include "alert/message.hpp"

namespace tocsin {

std::shared_ptr<const RenderedAlert> AlertRenderer::render(Alert alert) {
  if (alert.message.empty()) alert.message = alert_message(alert);
  std::string json = render_json(alert, origin_, ++sequence_);
  std::string ocsf = with_ocsf_ ? render_ocsf(alert, origin_, sequence_) : std::string();
  std::string human = render_human(alert, human_);
  return std::make_shared<const RenderedAlert>(
      RenderedAlert{std::move(alert), std::move(json), std::move(ocsf), std::move(human)});
}

}  // namespace tocsin
