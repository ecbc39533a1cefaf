-- Models that were used without a price, found without a look at all that was used.
CREATE INDEX usage_totals_unpriced ON usage_totals (provider, model, hour, unpriced) WHERE unpriced > 0;
