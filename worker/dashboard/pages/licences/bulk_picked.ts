// Acts on licences that were picked one by one: a request for each, a few at the same time.
import type { License } from "../../api.gen.ts";
import { Problem } from "../../lib/api.ts";
import { actOn, type Act, type Outcome } from "./acts.ts";

const atOnce = 6;

// isAboutOne: whether an error says something of this licence alone, so that the others can go on.
export const isAboutOne = (error: unknown): error is Problem =>
  error instanceof Problem && [404, 409, 412, 422].includes(error.status);

export function sentenceOf(problem: Problem): string {
  return problem.status === 412 ? `Changed by someone else: ${problem.message}` : problem.message;
}

async function preview(license: License, act: Act, now: number): Promise<Outcome> {
  try {
    return await actOn(license, act, now, true);
  } catch (error) {
    if (isAboutOne(error)) return { license, error: sentenceOf(error) };
    throw error;
  }
}

export async function previewPicked(picked: readonly License[], act: Act, now: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < picked.length; at += atOnce) {
    outcomes.push(...(await Promise.all(picked.slice(at, at + atOnce).map((license) => preview(license, act, now)))));
  }
  return outcomes;
}
