// Small statistics. Every function takes a list of numbers, in any order, and leaves it as it is.

export function quantile(values, q) {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export const median = (values) => quantile(values, 0.5);

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Gives null for what is no number: a server that did not run has none.
export function round(value, digits) {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null;
}
