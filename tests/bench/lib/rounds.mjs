// The measured rounds. Every server answers the same requests in slices of a fraction of a second, one
// server after the other, in an order that turns around with each slice: what else the machine does
// meanwhile falls on all alike.

import { checkCanned, checkShape, openAnswer } from "./answers.mjs";
import { runLoad } from "./load.mjs";
import { quantile } from "./numbers.mjs";
import { roundOf } from "./workload.mjs";

const kOpenedOneIn = 50;
const kSliceRequests = 125;

// A contender is {name, server, codes} with either jwks, or canned: the bytes of each delivery's
// answer.
async function checkAnswers(contender, delivery, picked, answers, { openOneIn, providerKeys }) {
  for (const [index, answer] of answers.entries()) {
    if (contender.canned) checkCanned(answer, contender.canned[delivery]);
    else if (index % openOneIn !== 0) checkShape(answer, delivery);
    else await openAnswer(answer, delivery, { machine: picked[index], providerKeys, jwks: contender.jwks });
  }
}

// Sends the requests in turn until there were options.warmup: V8 optimizes a function of a wasm module, or of a
// script, once it has run for a while, and one that runs once a request takes about ten thousand of them.
export async function warmJit({ server }, requests, { warmup, connections }) {
  for (let sent = 0; sent < warmup; sent += requests.length) {
    await runLoad({ port: server.port, requests: requests.slice(0, warmup - sent), connections });
  }
}

// Every machine asks once, and every answer is opened; then the machine code gets warm. Gives the median size of an
// answer's body.
export async function warmUp(contender, delivery, options) {
  const { machines, connections, providerKeys } = options;
  const { picked, requests } = roundOf(machines, contender.codes, delivery, machines.length, 0);
  const { answers } = await runLoad({ port: contender.server.port, requests, connections });
  await checkAnswers(contender, delivery, picked, answers, { openOneIn: 1, providerKeys });
  await warmJit(contender, requests, options);
  return Math.round(quantile(answers.map((answer) => answer.body.length), 0.5));
}

function startTally(contender, delivery, offset, options) {
  const work = roundOf(options.machines, contender.codes, delivery, options.requests, offset);
  return { contender, work, answers: [], latencies: [], elapsedMs: 0, cpuBefore: contender.server.cpuMs() };
}

async function addSlice(tally, start, connections) {
  const requests = tally.work.requests.slice(start, start + kSliceRequests);
  const slice = await runLoad({ port: tally.contender.server.port, requests, connections });
  tally.answers.push(...slice.answers);
  tally.latencies.push(...slice.latencies);
  tally.elapsedMs += slice.elapsedMs;
}

async function endTally(tally, delivery, options) {
  const figures = figuresOf(tally);
  const { contender, work, answers } = tally;
  const { providerKeys } = options;
  await checkAnswers(contender, delivery, work.picked, answers, { openOneIn: kOpenedOneIn, providerKeys });
  return figures;
}

function figuresOf({ contender, answers, latencies, elapsedMs, cpuBefore }) {
  const cpuAfter = contender.server.cpuMs();
  return {
    rps: answers.length / (elapsedMs / 1000),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpu: cpuBefore === null ? null : (cpuAfter - cpuBefore) / answers.length,
  };
}

// One entry: {contender name: {rps, p50, p99, cpu}}.
async function runRound(contenders, delivery, round, options) {
  const tallies = contenders.map((contender) =>
    startTally(contender, delivery, round * options.requests, options));
  for (let start = 0, slice = round; start < options.requests; start += kSliceRequests, slice++) {
    const order = slice % 2 === 0 ? tallies : tallies.toReversed();
    for (const tally of order) await addSlice(tally, start, options.connections);
  }
  const entry = {};
  for (const tally of tallies) entry[tally.contender.name] = await endTally(tally, delivery, options);
  return entry;
}

// The same for one list of requests that all contenders answer, or as many of its own (`requests`) for each: an entry of
// {name: {rps, p50, p99, cpu}}.
export async function runPairedRound(contenders, requests, { connections }, check) {
  const tallies = contenders.map((contender) => ({
    contender, work: { requests: contender.requests ?? requests }, answers: [], latencies: [], elapsedMs: 0,
    cpuBefore: contender.server.cpuMs(),
  }));
  for (let start = 0, slice = 0; start < requests.length; start += kSliceRequests, slice++) {
    const order = slice % 2 === 0 ? tallies : tallies.toReversed();
    for (const tally of order) await addSlice(tally, start, connections);
  }
  const entry = {};
  for (const tally of tallies) {
    for (const answer of tally.answers) check(tally.contender, answer);
    entry[tally.contender.name] = figuresOf(tally);
  }
  return entry;
}

// Gives, for every delivery, one entry a round.
export async function runRounds(contenders, deliveries, options, progress) {
  const rounds = Object.fromEntries(deliveries.map((delivery) => [delivery, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const delivery of deliveries) {
      const entry = await runRound(contenders, delivery, round, options);
      rounds[delivery].push(entry);
      const speeds = contenders.map(({ name }) => `${name} ${Math.round(entry[name].rps)}/s`).join(", ");
      progress(`round ${round + 1}/${options.rounds} ${delivery}: ${speeds}`);
    }
  }
  return rounds;
}
