// latchkey webhook ...: where alerts are posted to.
import { wholeNumber } from "./args.mjs";
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { CliError, UsageError } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

const OVERLAP_HOURS_MAX = 7 * 24;

function webhookPath(id) {
  // Not repeated: it may be a URL with a token in it.
  if (!/^whk_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError("WEBHOOK must be a webhook's id (whk_...).", ["Find it with: latchkey webhook list"]);
  }
  return `/admin/webhooks/${id}`;
}

function fieldsOf(webhook) {
  const { state, failures } = webhook;
  return [
    ["id", cell(webhook.id)],
    ["name", cell(webhook.name)],
    ["url", cell(webhook.url_hint)],
    ["events", cell(webhook.events?.join(" "))],
    ["min severity", cell(webhook.min_severity)],
    ["state", failures > 0 ? `${cell(state)} (${failures} attempts failed in a row)` : cell(state)],
    ["old secret until", when(webhook.old_secret_until)],
    ["last delivered", when(webhook.last_delivered_at, "never")],
  ];
}

function printWebhook(webhook, values, json) {
  if (json) printJson(webhook);
  else printFields(webhook.secret ? [...fieldsOf(webhook), ["secret", cell(webhook.secret)]] : fieldsOf(webhook));
  if (!saidDry(values) && webhook.secret) hint("The secret is shown once: give it to the receiver now.");
}

function fieldsOfDelivery(delivery) {
  return [
    ["id", cell(delivery.id)],
    ["type", cell(delivery.type)],
    ["alert", cell(delivery.alert_id)],
    ["state", cell(delivery.state)],
    ["attempts", cell(delivery.attempts)],
    ["next", when(delivery.next_at)],
    ["last answer", cell(delivery.last_error ?? (delivery.last_status && `HTTP ${delivery.last_status}`))],
    ["delivered", when(delivery.delivered_at)],
  ];
}

// wanted: what the flags of create and update say.
function wanted(values) {
  const payload = {};
  if (values.name !== undefined) payload.name = values.name;
  if (values["target-url"] !== undefined) payload.url = values["target-url"];
  if (values.event !== undefined) payload.events = values.event;
  if (values["min-severity"] !== undefined) payload.min_severity = values["min-severity"];
  return payload;
}

async function create({ values, positionals, makeClient, json }) {
  const payload = { ...wanted(values), url: positionals[0] };
  if (payload.name === undefined) {
    if (!URL.canParse(positionals[0])) throw new UsageError("URL must be an address such as https://hooks.example/alerts.");
    payload.name = new URL(positionals[0]).hostname.slice(0, 100);
  }
  printWebhook(await makeClient().send("POST", `/admin/webhooks${dryQuery(values)}`, payload), values, json);
}

async function list({ makeClient, json }) {
  const { data } = await makeClient().get("/admin/webhooks");
  if (json) return data.forEach(printJson);
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["NAME", (row) => cell(row.name)],
    ["URL", (row) => cell(row.url_hint)],
    ["STATE", (row) => cell(row.state)],
    ["EVENTS", (row) => cell(row.events?.join(" "))],
    ["LAST DELIVERED", (row) => when(row.last_delivered_at, "never")],
  ]);
  if (data.length > 0) table.add(data);
  hint(data.length === 1 ? "1 webhook." : `${data.length} webhooks.`);
}

async function show({ values, positionals, makeClient, json }) {
  printWebhook(await makeClient().get(webhookPath(positionals[0])), values, json);
}

async function update({ values, positionals, makeClient, json }) {
  if (values.pause && values.resume) throw new UsageError("Give --pause or --resume, not both.");
  const payload = wanted(values);
  if (values.pause) payload.state = "paused";
  if (values.resume) payload.state = "active";
  if (Object.keys(payload).length === 0) throw new UsageError("Nothing to change: see latchkey webhook update --help");
  const path = `${webhookPath(positionals[0])}${dryQuery(values)}`;
  printWebhook(await makeClient().send("PATCH", path, payload, { repeatable: true }), values, json);
}

async function remove({ values, positionals, makeClient, json }) {
  const path = `${webhookPath(positionals[0])}${dryQuery(values)}`;
  printWebhook(await makeClient().send("DELETE", path), values, json);
}

async function rotateSecret({ values, positionals, makeClient, json }) {
  const payload = {};
  if (values.overlap !== undefined) payload.overlap_hours = wholeNumber("overlap", values.overlap, 0, OVERLAP_HOURS_MAX);
  const path = `${webhookPath(positionals[0])}/rotate-secret${dryQuery(values)}`;
  printWebhook(await makeClient().send("POST", path, payload), values, json);
}

async function test({ values, positionals, makeClient, json }) {
  const delivery = await makeClient().send("POST", `${webhookPath(positionals[0])}/test${dryQuery(values)}`, {});
  if (json) printJson(delivery);
  else printFields(fieldsOfDelivery(delivery));
  if (!saidDry(values) && delivery.state !== "delivered") throw new CliError("The receiver did not take the message.");
}

async function deliveries({ positionals, makeClient, json }) {
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["TYPE", (row) => cell(row.type)],
    ["STATE", (row) => cell(row.state)],
    ["ATTEMPTS", (row) => cell(row.attempts)],
    ["NEXT (UTC)", (row) => when(row.next_at)],
    ["LAST ANSWER", (row) => cell(row.last_error ?? (row.last_status && `HTTP ${row.last_status}`))],
    ["CREATED", (row) => when(row.created_at)],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages(`${webhookPath(positionals[0])}/deliveries`, {})) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (!json) hint(count === 1 ? "1 message." : `${count} messages.`);
}

async function redeliver({ values, positionals, makeClient, json }) {
  const [id] = positionals;
  if (!/^msg_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a message id (msg_...).`, ["Find it with: latchkey webhook deliveries"]);
  }
  const path = `/admin/webhooks/deliveries/${id}/redeliver${dryQuery(values)}`;
  const delivery = await makeClient().send("POST", path, {}, { repeatable: true });
  if (json) printJson(delivery);
  else printFields(fieldsOfDelivery(delivery));
  if (!saidDry(values)) hint("It is posted within a minute.");
}

const WEBHOOK = { arguments: "WEBHOOK", positionals: ["WEBHOOK"] };
const WANTED = {
  name: { type: "string", value: "NAME", help: "what people call it" },
  event: { type: "string", value: "KIND", multiple: true, help: "a kind of alert, '*' for all, or audit_checkpoint; again for more" },
  "min-severity": { type: "string", value: "SEVERITY", help: "info, warning or critical: nothing less is posted" },
};

export const webhookVerbs = [
  {
    name: "webhook create",
    arguments: "URL",
    positionals: ["URL"],
    summary: "post alerts to an https address; its secret is shown once",
    details: `The messages follow the Standard Webhooks specification. For instance:
  latchkey webhook create https://hooks.example/alerts --name ops --min-severity warning`,
    options: { ...WANTED, ...DRY_RUN },
    run: create,
  },
  { name: "webhook list", summary: "list the webhooks", run: list },
  { name: "webhook show", ...WEBHOOK, summary: "show a webhook", run: show },
  {
    name: "webhook update",
    ...WEBHOOK,
    summary: "change a webhook, pause it, or switch it on again",
    options: {
      ...WANTED,
      "target-url": { type: "string", value: "URL", help: "another address" },
      pause: { type: "boolean", help: "post nothing; what waits is dropped" },
      resume: { type: "boolean", help: "post again, also where its receiver had answered 410" },
      ...DRY_RUN,
    },
    run: update,
  },
  { name: "webhook delete", ...WEBHOOK, summary: "delete a webhook", options: DRY_RUN, run: remove },
  {
    name: "webhook test",
    ...WEBHOOK,
    summary: "post a test message now and show what came of it",
    options: DRY_RUN,
    run: test,
  },
  {
    name: "webhook rotate-secret",
    ...WEBHOOK,
    summary: "make a new secret, shown once; the old one signs too for a while",
    options: { overlap: { type: "string", value: "HOURS", help: "for how long, 0 to 168 (default 24)" }, ...DRY_RUN },
    run: rotateSecret,
  },
  { name: "webhook deliveries", ...WEBHOOK, summary: "list a webhook's messages, newest first", run: deliveries },
  {
    name: "webhook redeliver",
    arguments: "MESSAGE",
    positionals: ["MESSAGE"],
    summary: "post a message again, under the same id",
    options: DRY_RUN,
    run: redeliver,
  },
];
