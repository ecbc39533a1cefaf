// latchkey payment ...: what Stripe and Gumroad sold, and what became of it.
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { cell, hint, print, printFields, printJson, Table, when } from "./output.mjs";

const OUTCOMES = ["licensed", "unmapped", "no_email", "held"];
const PROVIDERS = ["stripe", "gumroad"];
const DAYS_MAX = 31;

const advice = {
  unmapped: "PAYMENT_PLANS names no plan for this product. Add it, then: latchkey payment retry",
  no_email: "No address to make the code from. Make a licence by hand, or ask the buyer.",
  held: "An admin suspended or revoked the licence; what was paid does not change that.",
};

function paymentPath(id) {
  if (!/^pay_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a payment id (pay_...).`, ["Find it with: latchkey payment list"]);
  }
  return `/admin/payments/${id}`;
}

function oneOf(name, value, known) {
  if (value !== undefined && !known.includes(value)) throw new UsageError(`--${name} must be one of ${known.join(", ")}.`);
  return value;
}

function printPayment(payment, json) {
  if (json) return printJson(payment);
  printFields([
    ["id", cell(payment.id)],
    ["provider", cell(payment.provider)],
    ["reference", cell(payment.reference)],
    ["product", cell(payment.product)],
    ["outcome", cell(payment.outcome)],
    ["status", payment.reason ? `${cell(payment.status)} (${cell(payment.reason)})` : cell(payment.status)],
    ["plan", cell(payment.plan)],
    ["ends", when(payment.ends_at)],
    ["licence", cell(payment.license_id)],
    ["code", cell(payment.code_delivery)],
    ["updated", when(payment.updated_at)],
  ]);
  for (const { id, state, attempts, last_error, next_at } of payment.code_deliveries) {
    const next = next_at ? `, next ${when(next_at)}` : "";
    print(`delivery ${cell(id)} ${cell(state)} after ${attempts}${last_error ? `: ${cell(last_error)}` : ""}${next}`);
  }
  for (const event of payment.events) {
    print(`${when(event.occurred_at)}  ${cell(event.type)}  ${cell(event.state)}  ${cell(event.id)}`);
  }
  if (advice[payment.outcome]) hint(advice[payment.outcome]);
}

async function list({ values, makeClient, json }) {
  const query = new URLSearchParams({ limit: "500" });
  const outcome = oneOf("outcome", values.outcome, OUTCOMES);
  const provider = oneOf("provider", values.provider, PROVIDERS);
  if (outcome) query.set("outcome", outcome);
  if (provider) query.set("provider", provider);
  if (values.undelivered) query.set("undelivered", "1");
  const client = makeClient();
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["PROVIDER", (row) => cell(row.provider)],
    ["PRODUCT", (row) => cell(row.product)],
    ["OUTCOME", (row) => cell(row.outcome)],
    ["STATUS", (row) => cell(row.status)],
    ["PLAN", (row) => cell(row.plan)],
    ["LICENCE", (row) => cell(row.license_id)],
    ["CODE", (row) => cell(row.code_delivery)],
    ["UPDATED (UTC)", (row) => when(row.updated_at)],
  ]);
  let count = 0;
  for (let more = true; more; ) {
    const { data, next_cursor } = await client.get(`/admin/payments?${query}`);
    count += data.length;
    if (json) data.forEach(printJson);
    else if (data.length > 0) table.add(data);
    more = next_cursor !== null;
    if (more) query.set("cursor", next_cursor);
  }
  if (!json) hint(count === 1 ? "1 payment." : `${count} payments.`);
}

async function show({ positionals, makeClient, json }) {
  printPayment(await makeClient().get(paymentPath(positionals[0])), json);
}

function act(name) {
  return async ({ values, positionals, makeClient, json }) => {
    const path = `${paymentPath(positionals[0])}/${name}${dryQuery(values)}`;
    printPayment(await makeClient().send("POST", path, {}, { repeatable: true }), json);
    saidDry(values);
  };
}

async function reconcile({ values, makeClient, json }) {
  const body = {};
  if (values.days !== undefined) {
    if (!/^\d{1,2}$/.test(values.days) || Number(values.days) < 1 || Number(values.days) > DAYS_MAX) {
      throw new UsageError(`--days must be a number from 1 to ${DAYS_MAX}.`);
    }
    body.days = Number(values.days);
  }
  const path = `/admin/payments/reconcile${dryQuery(values)}`;
  const { data } = await makeClient().send("POST", path, body, { repeatable: true });
  if (json) return data.forEach(printJson);
  for (const { provider, configured, last_at, refused_at } of data) {
    const refused = refused_at ? `, its API refused our key at ${when(refused_at)}` : "";
    print(configured ? `${cell(provider)}: last walked through ${when(last_at)}${refused}` : `${cell(provider)}: not configured`);
  }
  if (!saidDry(values)) hint("Cron begins within a minute. What is found shows in: latchkey payment list");
}

export const paymentVerbs = [
  {
    name: "payment list",
    summary: "list what Stripe and Gumroad sold, newest first",
    options: {
      outcome: { type: "string", value: "OUTCOME", help: "licensed, unmapped, no_email or held" },
      provider: { type: "string", value: "NAME", help: "stripe or gumroad" },
      undelivered: { type: "boolean", help: "only those whose generated code has not reached the seller" },
    },
    run: list,
  },
  { name: "payment show", arguments: "PAYMENT", positionals: ["PAYMENT"], summary: "show a purchase with its events", run: show },
  {
    name: "payment redeliver",
    arguments: "PAYMENT",
    positionals: ["PAYMENT"],
    summary: "hand a generated code to the seller's webhook again",
    details: "While the code is still kept: until the seller took it. Afterwards: latchkey license reissue.",
    options: DRY_RUN,
    run: act("redeliver"),
  },
  {
    name: "payment retry",
    arguments: "PAYMENT",
    positionals: ["PAYMENT"],
    summary: "settle a purchase anew, for instance once PAYMENT_PLANS names its product",
    options: DRY_RUN,
    run: act("retry"),
  },
  {
    name: "payment reconcile",
    summary: "ask Stripe and Gumroad for missed events, with the next run of cron",
    options: { days: { type: "string", value: "DAYS", help: "how far back, 1 to 31" }, ...DRY_RUN },
    run: reconcile,
  },
];
