// latchkey payment ...: what it asks, and what it shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AdminServer, latchkey } from "./support.mjs";

const payment = {
  id: "pay_1", provider: "stripe", reference: "stripe:sub_1", product: "stripe:price_1", outcome: "unmapped",
  status: "active", reason: null, plan: null, ends_at: "2027-01-31T00:00:00Z", license_id: null,
  code_delivery: "given_up", created_at: "2026-11-21T07:50:12Z", updated_at: "2026-11-21T07:50:12Z",
};
const shown = {
  ...payment,
  events: [
    { id: "stripe:evt_1", type: "invoice.paid", state: "taken", occurred_at: payment.created_at, received_at: payment.created_at },
  ],
  code_deliveries: [
    { id: "msg_1", state: "given_up", attempts: 12, last_error: "HTTP 500", has_code: true, next_at: null, delivered_at: null },
  ],
};

test("payment list goes through all pages and sends its filters", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push(
    { status: 200, body: { data: [payment], next_cursor: "next" } },
    { status: 200, body: { data: [{ ...payment, id: "pay_0" }], next_cursor: null } },
  );
  const list = await latchkey(["payment", "list", "--outcome", "unmapped", "--provider", "stripe"], server);
  assert.equal(list.status, 0, list.stderr);
  assert.match(list.stdout, /^pay_1 +stripe +stripe:price_1 +unmapped +active/m);
  assert.match(list.stdout, /^pay_0/m);
  assert.match(list.stderr, /2 payments/);
  assert.deepEqual(server.requests.map(({ method, path, query }) => [method, path, query]), [
    ["GET", "/admin/payments", { limit: "500", outcome: "unmapped", provider: "stripe" }],
    ["GET", "/admin/payments", { limit: "500", outcome: "unmapped", provider: "stripe", cursor: "next" }],
  ]);
  server.answers.push({ status: 200, body: { data: [payment], next_cursor: null } });
  const json = await latchkey(["payment", "list", "--undelivered", "--json"], server);
  assert.deepEqual(JSON.parse(json.stdout), payment);
  assert.equal(server.requests.at(-1).query.undelivered, "1");
});

test("payment show, retry and redeliver name one and show it with its events", async (t) => {
  const server = await AdminServer.start(t);
  for (const [verb, method, path] of [
    ["show", "GET", "/admin/payments/pay_1"],
    ["retry", "POST", "/admin/payments/pay_1/retry"],
    ["redeliver", "POST", "/admin/payments/pay_1/redeliver"],
  ]) {
    server.answers.push({ status: 200, body: shown });
    const { status, stdout, stderr } = await latchkey(["payment", verb, "pay_1"], server);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^outcome +unmapped$/m);
    assert.match(stdout, /delivery msg_1 given_up after 12: HTTP 500/);
    assert.match(stdout, /invoice\.paid +taken +stripe:evt_1/);
    assert.match(stderr, /PAYMENT_PLANS/);
    assert.deepEqual([server.requests.at(-1).method, server.requests.at(-1).path], [method, path]);
  }
});

test("payment reconcile says how far back, and how the walks stand", async (t) => {
  const server = await AdminServer.start(t);
  const data = [
    { provider: "stripe", configured: true, last_at: "2026-11-21T07:50:12Z", refused_at: null },
    { provider: "gumroad", configured: false, last_at: null, refused_at: null },
  ];
  server.answers.push({ status: 200, body: { data } });
  const asked = await latchkey(["payment", "reconcile", "--days", "7"], server);
  assert.match(asked.stdout, /^stripe: last walked through 2026-11-21 07:50\ngumroad: not configured$/m);
  assert.deepEqual(JSON.parse(server.requests.at(-1).text), { days: 7 });
});

test("what makes no sense is not sent", async (t) => {
  const server = await AdminServer.start(t);
  for (const [args, expected] of [
    [["list", "--outcome", "lost"], /--outcome must be one of/],
    [["list", "--provider", "paypal"], /--provider must be one of/],
    [["show", "lic_1"], /not a payment id/],
    [["retry"], /needs PAYMENT/],
    [["reconcile", "--days", "32"], /--days must be a number from 1 to 31/],
  ]) {
    const { status, stderr } = await latchkey(["payment", ...args], server);
    assert.equal(status, 2);
    assert.match(stderr, expected);
  }
  assert.equal(server.requests.length, 0);
});
