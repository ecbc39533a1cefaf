// What is counted of usage, and how it is written.
import { count, shortCount, shortUsd, usd } from "../../lib/format.ts";
import type { Total } from "./span.ts";

export type MeasureName = "cost" | "requests" | "tokens";

export interface Measure {
  name: MeasureName;
  title: string;
  unit: string;
  of: (sum: Total) => number;
  write: (value: number) => string;
  writeShort: (value: number) => string; // Where there is little room.
}

export const measures: readonly [Measure, ...Measure[]] = [
  { name: "cost", title: "Cost", unit: "US dollars", of: ({ cost }) => Number(cost), write: usd, writeShort: shortUsd },
  {
    name: "requests",
    title: "Requests",
    unit: "requests",
    of: ({ requests }) => requests,
    write: count,
    writeShort: shortCount,
  },
  {
    name: "tokens",
    title: "Tokens",
    unit: "tokens, in and out",
    of: (sum) => sum.input_tokens + sum.output_tokens,
    write: shortCount,
    writeShort: shortCount,
  },
];

export const measureOf = (name: string | undefined): Measure => measures.find((one) => one.name === name) ?? measures[0];
