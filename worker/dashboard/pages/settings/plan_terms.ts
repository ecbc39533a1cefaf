// The terms of a plan: in words, as the fields of a form hold them, and as the API takes them.
import type { Plan, PlanSet } from "../../api.gen.ts";
import { count, plural, usd } from "../../lib/format.ts";

export const providers = ["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"] as const;
export const deliveries = ["hpke", "fernet", "plain"] as const;

const budgetOf = ({ budget: { daily, monthly, total } }: Plan): string => {
  const parts = [
    [daily, "a day"],
    [monthly, "a month"],
    [total, "in all"],
  ].filter(([amount]) => typeof amount === "string");
  return parts.map(([amount, per]) => `${usd(amount)} ${per ?? ""}`).join(", ") || "No limit";
};

const enforcements: Record<Plan["enforcement"], string> = {
  track: "counts only",
  warn: "warns from 80% on",
  block: "warns, then refuses",
};

const lengthOf = ({ license_days: days, expiry_from: from }: Plan): string =>
  days === null ? "No end" : `${plural(days, "day")} from ${from === "creation" ? "creation" : "the first use"}`;

const limitsOf = ({ limits }: Plan): string =>
  Object.entries(limits)
    .map(([name, value]) => `${name} ${count(value ?? 0)}`)
    .join(", ") || "None";

// terms: every term of a version by its name, as people read it.
export const terms = (plan: Plan): readonly (readonly [string, string])[] => [
  ["Description", plan.description ?? "–"],
  ["Providers", plan.providers.join(", ")],
  ["Models", plan.models?.join(", ") ?? "All"],
  ["Deliveries", plan.deliveries.join(", ")],
  ["Machines", count(plan.max_machines)],
  ["Length", lengthOf(plan)],
  ["Budget", budgetOf(plan)],
  ["Budget does", enforcements[plan.enforcement]],
  ["Price a month", usd(plan.monthly_price)],
  ["Limits", limitsOf(plan)],
  ["New licences", plan.retired_at === null ? "Yes" : "No: retired"],
];

export interface Difference {
  name: string;
  before: string;
  after: string;
}

export function differences(before: Plan, after: Plan): Difference[] {
  const old = terms(before);
  const pairs = terms(after).map(([name, text], at) => ({ name, before: old[at]?.[1] ?? "", after: text }));
  return pairs.filter((pair) => pair.before !== pair.after);
}

export interface Fields {
  name: string;
  description: string;
  providers: string[];
  models: string;
  deliveries: string[];
  machines: string;
  days: string;
  from: string;
  daily: string;
  monthly: string;
  total: string;
  enforcement: string;
  price: string;
  limits: string;
  isRetired: boolean;
}

export const newFields: Fields = {
  name: "",
  description: "",
  providers: [...providers],
  models: "",
  deliveries: [...deliveries],
  machines: "3",
  days: "365",
  from: "creation",
  daily: "",
  monthly: "",
  total: "",
  enforcement: "track",
  price: "",
  limits: "",
  isRetired: false,
};

export const fieldsOf = (plan: Plan): Fields => ({
  name: plan.name,
  description: plan.description ?? "",
  providers: plan.providers,
  models: plan.models?.join("\n") ?? "",
  deliveries: plan.deliveries,
  machines: String(plan.max_machines),
  days: plan.license_days === null ? "" : String(plan.license_days),
  from: plan.expiry_from,
  daily: plan.budget.daily ?? "",
  monthly: plan.budget.monthly ?? "",
  total: plan.budget.total ?? "",
  enforcement: plan.enforcement,
  price: plan.monthly_price ?? "",
  limits: Object.entries(plan.limits)
    .map(([name, value]) => `${name} = ${value ?? 0}`)
    .join("\n"),
  isRetired: plan.retired_at !== null,
});

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
const orNull = (text: string): string | null => text.trim() || null;

// limitsFrom: undefined where a line is no "name = number".
export function limitsFrom(text: string): Record<string, number> | undefined {
  const pairs = lines(text).map((line) => /^([a-z0-9_]+)\s*[=:]\s*(\d+)$/.exec(line));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", Number(pair?.[2])]));
}

// bodyOf: undefined while something is missing that the form can see by itself; the rest is the service's to judge.
export function bodyOf(fields: Fields): PlanSet | undefined {
  const machines = Number(fields.machines);
  const limits = limitsFrom(fields.limits);
  const isWhole = fields.providers.length > 0 && fields.deliveries.length > 0 && Number.isInteger(machines) && machines >= 1;
  if (!isWhole || !limits) return undefined;
  const models = lines(fields.models);
  const budget = { daily: orNull(fields.daily), monthly: orNull(fields.monthly), total: orNull(fields.total) };
  return {
    providers: fields.providers as PlanSet["providers"],
    deliveries: fields.deliveries as PlanSet["deliveries"],
    max_machines: machines,
    license_days: fields.days === "" ? null : Number(fields.days),
    expiry_from: fields.from as "creation" | "first_use",
    models: models.length > 0 ? models : null,
    limits,
    budget: Object.values(budget).some((amount) => amount !== null) ? budget : null,
    enforcement: fields.enforcement as Plan["enforcement"],
    monthly_price: orNull(fields.price),
    description: orNull(fields.description),
    retired: fields.isRetired,
  };
}
