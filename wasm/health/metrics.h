// Metrics: the figures as Prometheus reads them. Always the same series, whatever the figures are; no secret, and no
// label that data can make up.
#pragma once

#include <string>

#include "config/config.h"
#include "health/figures.h"

namespace latchkey::health {

// price_table_at: since when the prices in force stand: when they were stored, or of the build's table when it was read
// from the providers. nullopt: unknown.
std::optional<TimeMs> price_table_at(const Figures& figures);

std::string print_metrics(const Figures& figures, const config::Config& config);

}  // namespace latchkey::health
