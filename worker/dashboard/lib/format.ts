// How values are written. Amounts come as exact decimal text and are rounded only here.

const counts = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const smallDollars = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 3,
});
const shortDollars = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  notation: "compact",
  maximumSignificantDigits: 2,
});
const wholeDollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const percents = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 1 });

export const count = (value: number): string => counts.format(value);
export const shortCount = (value: number): string => short.format(value);
export const percent = (share: number): string => percents.format(share);

export function usd(amount: string | number | null | undefined): string {
  if (amount === null || amount === undefined) return "–";
  const value = Number(amount);
  return value !== 0 && Math.abs(value) < 0.01 ? smallDollars.format(value) : dollars.format(value);
}

// shortUsd: where there is little room, as in the cells of a heat map.
export function shortUsd(value: number): string {
  if (value > 0 && value < 0.005) return "<$0.01";
  if (value < 1) return dollars.format(value);
  return (value < 10 || value >= 1000 ? shortDollars : wholeDollars).format(value);
}

const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const dates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const utcMoments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

const utcDates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const utcMonths = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

// Days and months are sums by UTC: in another zone they would be written as those before.
export const utcDate = (time: Date): string => utcDates.format(time);
export const utcMonth = (time: Date): string => utcMonths.format(time);
export const moment = (time: Date): string => moments.format(time);
export const date = (time: Date): string => dates.format(time);
export const utc = (time: Date): string => `${utcMoments.format(time)} UTC`;

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const relatives = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

export function ago(time: Date, now = Date.now()): string {
  const seconds = Math.round((time.getTime() - now) / 1000);
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relatives.format(Math.round(seconds / size), unit);
}

// words: never_provisioned -> never provisioned.
export const words = (name: string): string => name.replaceAll(/[_.]/g, " ");

export const sentence = (name: string): string => {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const plural = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;
