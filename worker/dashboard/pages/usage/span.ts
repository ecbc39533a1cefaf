// Spans of time that usage is asked for. The address names them; days and months are those of UTC, as the sums are.
import type { UsageSums } from "../../api.gen.ts";
import type { Query } from "../../lib/api.ts";

export type Step = "hour" | "day" | "month";
export type Sum = UsageSums["data"][number];
export type Total = UsageSums["total"];

export interface Span {
  name: string;
  // Both days are in it.
  from: string;
  to: string;
  // Why it can't be asked for.
  trouble?: string;
}

export const spans: readonly (readonly [name: string, text: string])[] = [
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
  ["month", "This month"],
  ["last-month", "Last month"],
  ["365d", "Last 365 days"],
  ["custom", "Other days"],
];
const usualSpan = "30d";
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const daysByDayMax = 120;
export const hoursKeptDays = 90;

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);
const dayPattern = /^\d{4}-\d\d-\d\d$/;
const isDay = (text: string | undefined): text is string =>
  text !== undefined && dayPattern.test(text) && !Number.isNaN(Date.parse(text));

export function spanOf(query: Readonly<Record<string, string>>, now = Date.now()): Span {
  const name = spans.find(([one]) => one === query["span"])?.[0] ?? usualSpan;
  const today = dayText(now);
  const daysBack = /^(\d+)d$/.exec(name)?.[1];
  if (daysBack) return { name, from: dayText(now - (Number(daysBack) - 1) * dayMs), to: today };
  const monthStart = `${today.slice(0, 7)}-01`;
  if (name === "month") return { name, from: monthStart, to: today };
  if (name === "last-month") {
    const to = dayText(Date.parse(monthStart) - dayMs);
    return { name, from: `${to.slice(0, 7)}-01`, to };
  }
  const { from = "", to = "" } = query;
  if (!isDay(from) || !isDay(to)) return { name, from, to, trouble: "Say both days: from and to." };
  if (from > to) return { name, from, to, trouble: "The first day is after the last one." };
  return { name, from, to };
}

// askedBy: the span as the API takes it, whose `until` is not in it.
export const askedBy = ({ from, to }: Span): Query => ({ from, until: dayText(Date.parse(to) + dayMs) });

export const daysOf = ({ from, to }: Span): number => (Date.parse(to) - Date.parse(from)) / dayMs + 1;

export function stepsOf(span: Span): Step[] {
  const days = daysOf(span);
  return [...(days <= hoursKeptDays ? ["hour" as const] : []), "day", ...(days > 31 ? ["month" as const] : [])];
}

// stepOf: the asked one where the span allows it, else one that makes a plot of some dozens of points.
export function stepOf(span: Span, asked: string | undefined): Step {
  const days = daysOf(span);
  const usual = days <= 2 ? "hour" : days <= daysByDayMax ? "day" : "month";
  return stepsOf(span).find((step) => step === asked) ?? usual;
}

// timesOf: when each step of the span begins, up to now: those without use too, of which the API says nothing.
export function timesOf(span: Span, step: Step, now = Date.now()): Date[] {
  const end = Math.min(Date.parse(span.to) + dayMs, now);
  const times: Date[] = [];
  const first = step === "month" ? `${span.from.slice(0, 7)}-01` : span.from;
  for (let at = new Date(first); at.getTime() < end; at = next(at, step)) times.push(at);
  return times;
}

function next(at: Date, step: Step): Date {
  if (step === "month") return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
  return new Date(at.getTime() + (step === "day" ? dayMs : hourMs));
}

export const timeOf = (row: Sum): string => row.hour ?? row.day ?? row.month ?? "";
