// The measured rounds: every server answers the same requests, one server after the other, and each
// round turns the order around, so that what the machine does meanwhile falls on all alike.

import { checkCanned, checkShape, openAnswer } from "./answers.mjs";
import { runLoad } from "./load.mjs";
import { quantile } from "./numbers.mjs";
import { roundOf } from "./workload.mjs";

const kOpenedOneIn = 50;

// A contender: {name, server, codes, canned}; canned is the bytes of each delivery's answer for a floor,
// else absent.
async function checkAnswers(contender, delivery, picked, answers, openEvery, secrets) {
  for (const [index, answer] of answers.entries()) {
    if (contender.canned) checkCanned(answer, contender.canned[delivery]);
    else if (index % openEvery === 0) {
      const { providerKeys } = secrets;
      await openAnswer(answer, delivery, { machine: picked[index], providerKeys, jwks: contender.jwks });
    } else checkShape(answer, delivery);
  }
}

// Every machine asks once, and every answer is opened. Gives the median size of an answer's body.
export async function warmUp(contender, delivery, { machines, connections, providerKeys }) {
  const { picked, requests } = roundOf(machines, contender.codes, delivery, machines.length, 0);
  const { answers } = await runLoad({ port: contender.server.port, requests, connections });
  await checkAnswers(contender, delivery, picked, answers, 1, { providerKeys });
  return Math.round(quantile(answers.map((answer) => answer.body.length), 0.5));
}

async function measure(contender, delivery, offset, options) {
  const { machines, requests: count, connections } = options;
  const { picked, requests } = roundOf(machines, contender.codes, delivery, count, offset);
  const cpuBefore = contender.server.cpuMs();
  const load = await runLoad({ port: contender.server.port, requests, connections });
  const cpuAfter = contender.server.cpuMs();
  await checkAnswers(contender, delivery, picked, load.answers, kOpenedOneIn, options);
  return {
    rps: count / (load.elapsedMs / 1000),
    p50: quantile(load.latencies, 0.5),
    p99: quantile(load.latencies, 0.99),
    cpu: cpuBefore === null ? null : (cpuAfter - cpuBefore) / count,
  };
}

// Gives, for every delivery, one entry a round: {contender name: {rps, p50, p99, cpu}}.
export async function runRounds(contenders, deliveries, options, progress) {
  const rounds = Object.fromEntries(deliveries.map((delivery) => [delivery, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const delivery of deliveries) {
      const order = round % 2 === 0 ? contenders : contenders.toReversed();
      const entry = {};
      for (const contender of order) {
        entry[contender.name] = await measure(contender, delivery, round * options.requests, options);
      }
      rounds[delivery].push(entry);
      const speeds = contenders.map(({ name }) => `${name} ${Math.round(entry[name].rps)}/s`).join(", ");
      progress(`round ${round + 1}/${options.rounds} ${delivery}: ${speeds}`);
    }
  }
  return rounds;
}
