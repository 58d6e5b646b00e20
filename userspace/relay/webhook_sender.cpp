// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_sender.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "relay/secret.hpp"
#include "relay/webhook_payload.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

// On the worker. Secrets are read each time, so that a new one is used at once and none is kept.
Result<PostAnswer> deliver(const WebhookConfig& config, const SpooledAlert& alert, WallNs now,
                           const std::atomic<bool>& stop) {
  auto payload = webhook_payload(alert, config.form);
  PostRequest request;
  request.url = config.url;
  if (!config.url_file.empty()) {
    TOCSIN_TRY(request.url, read_secret(config.url_file));
    if (const auto checked = check_webhook_url(request.url); !checked)
      return fail(checked.error().code,
                  fmt::format("url_file {}: {}", config.url_file, checked.error().message));
  }
  request.headers = std::move(payload.headers);
  if (!config.token_file.empty()) {
    TOCSIN_TRY(const auto token, read_secret(config.token_file));
    request.headers.push_back("Authorization: Bearer " + token);
  }
  if (!config.hmac_file.empty()) {
    TOCSIN_TRY(const auto key, read_secret(config.hmac_file));
    for (auto& header : signature_headers(key, payload.body, now / kNsPerSecond))
      request.headers.push_back(std::move(header));
  }
  request.body = std::move(payload.body);
  request.ca_file = config.ca_file;
  request.timeout_s = config.timeout_s;
  request.stop = &stop;
  return post(request);
}

std::string status_text(const WebhookConfig& config, long status) {
  const char* hint = status == 401 || status == 403   ? ": look at token_file and hmac_file"
                     : status == 404 || status == 410 ? ": look at the address"
                     : status >= 300 && status < 400  ? ": redirects are not followed"
                                                      : "";
  return fmt::format("{} answers {}{}",
                     config.url.empty() ? std::string("the receiver") : shown_url(config.url),
                     status, hint);
}

}  // namespace

Verdict verdict_of(long status) {
  if (status >= 200 && status < 300) return Verdict::kDelivered;
  return status == 400 || status == 413 || status == 422 ? Verdict::kRefused : Verdict::kLater;
}

std::uint64_t retry_wait_ms(const RetryRule& rule, std::uint32_t failures, double jitter,
                            std::optional<std::uint64_t> retry_after_s) {
  const auto doublings = std::min<std::uint32_t>(failures > 0 ? failures - 1 : 0, 20);
  const auto full = std::min(rule.first_ms << doublings, rule.last_ms);
  const auto wait = full - static_cast<std::uint64_t>(static_cast<double>(full) * jitter / 2);
  const auto asked = std::min(retry_after_s.value_or(0), limits::kRetryAfterMaxS) * 1'000;
  return std::max(wait, asked);
}

Result<std::unique_ptr<WebhookSender>> WebhookSender::start(WebhookConfig config, Parts parts) {
  std::unique_ptr<WebhookSender> sender(new WebhookSender(std::move(config), std::move(parts)));
  auto& self = *sender;
  TOCSIN_TRY(self.timer_,
             self.parts_.loop.add_timer(UINT64_MAX, [raw = &self] { raw->attempt(); }));
  TOCSIN_TRY(self.worker_, Worker::start(self.parts_.loop));
  self.poke();
  return sender;
}

WebhookSender::~WebhookSender() {
  stop_ = true;
}

void WebhookSender::poke() {
  if (in_flight_) return;
  const auto now = parts_.clock.boot_ns();
  timer_.rearm_us(due_ns_ > now ? (due_ns_ - now) / 1'000 + 1 : 0);
}

void WebhookSender::attempt() {
  if (in_flight_ || stop_) return;
  const auto now = parts_.clock.boot_ns();
  if (now < due_ns_) return poke();
  auto alert = parts_.spool.next(config_.name);
  if (!alert) return on_failure(alert.error().message, std::nullopt);
  if (!*alert) return;  // poke() comes with the next one
  in_flight_ = true;
  due_ns_ = now + kMinuteNs / config_.per_minute;
  worker_->submit([this, alert = std::move(**alert),
                   wall = parts_.clock.wall_ns()]() mutable -> Worker::OnLoop {
    auto answer = deliver(config_, alert, wall, stop_);
    return [this, alert = std::move(alert), answer = std::move(answer)] {
      in_flight_ = false;
      on_answer(alert, answer);
    };
  });
}

void WebhookSender::on_answer(const SpooledAlert& alert, const Result<PostAnswer>& answer) {
  if (stop_) return;
  if (!answer) return on_failure(answer.error().message, std::nullopt);
  const auto verdict = verdict_of(answer->status);
  const bool given_up = verdict == Verdict::kRefused && ++refusals_ >= limits::kWebhookRefusalsMax;
  if (verdict != Verdict::kDelivered && !given_up)
    return on_failure(status_text(config_, answer->status), answer->retry_after_s);
  if (!settle(alert, given_up ? Spool::Settled::kRefused : Spool::Settled::kDelivered)) return;
  if (given_up)
    spdlog::error("webhook {}: alert {} is given up: {}", config_.name, alert.id,
                  status_text(config_, answer->status));
  else if (failures_ > 0)
    spdlog::info("webhook {}: delivers again after {} failures", config_.name, failures_);
  failures_ = refusals_ = 0;
  if (!given_up) {
    message_.clear();
    last_ok_ns_ = parts_.clock.wall_ns();
  }
  parts_.on_change();
  poke();
}

bool WebhookSender::settle(const SpooledAlert& alert, Spool::Settled how) {
  const auto settled = parts_.spool.settle(config_.name, alert.seq, how);
  if (!settled) on_failure(settled.error().message, std::nullopt);
  return settled.has_value();
}

void WebhookSender::on_failure(std::string why, std::optional<std::uint64_t> retry_after_s) {
  ++failures_;
  const double jitter = std::uniform_real_distribution<>(0, 1)(random_);
  const auto wait_ms = retry_wait_ms(parts_.retry, failures_, jitter, retry_after_s);
  if (why != message_) spdlog::warn("webhook {}: {}", config_.name, why);
  message_ = std::move(why);
  due_ns_ = parts_.clock.boot_ns() + wait_ms * kNsPerMs;
  parts_.on_change();
  poke();
}

nlohmann::json WebhookSender::report() {
  const auto counts = parts_.spool.counts(config_.name);
  nlohmann::json out = {
      {"name", config_.name},
      {"url", config_.url.empty() ? "from " + config_.url_file : shown_url(config_.url)},
      {"format", config_.form == WebhookForm::kText ? "text" : "ecs"},
      {"state", failures_ > 0      ? "retrying"
                : last_ok_ns_ != 0 ? "ok"
                                   : "unused"},
      {"message", counts ? message_ : counts.error().message},
      {"failures", failures_}};
  if (counts) {
    out["waiting"] = counts->waiting;
    out["delivered"] = counts->delivered;
    out["refused"] = counts->refused;
    out["dropped"] = counts->dropped;
  }
  if (last_ok_ns_ != 0) out["last_ok"] = static_cast<double>(last_ok_ns_) / 1e9;
  if (const auto now = parts_.clock.boot_ns(); failures_ > 0 && due_ns_ > now)
    out["next_try"] =
        static_cast<double>(parts_.clock.wall_ns() + static_cast<WallNs>(due_ns_ - now)) / 1e9;
  return out;
}

}  // namespace tocsin::relay
