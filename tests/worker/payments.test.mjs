// Purchases at Stripe and Gumroad become licences, on the real runtime, beside stand-ins that are as strict as the
// real ones. Signatures are made by code that is not ours.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Gumroad } from "../support/gumroad.mjs";
import { Seller } from "../support/seller.mjs";
import { Stripe } from "../support/stripe.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

const day = 86_400;
const now = () => Math.floor(Date.now() / 1000);
let numBuyers = 0;
const freshBuyer = () => `buyer-${++numBuyers}@example.com`;
let numIds = 0;
const freshId = (prefix) => `${prefix}_${++numIds}x`;

let world;
let stripe;
let gumroad;
let seller;
const plans = "stripe:price_pro=pro,stripe:plink_pro=pro,gumroad:pro==pro";
const mapped = () => ({
  vars: { ...stripe.vars, ...gumroad.vars, PAYMENT_PLANS: plans, TRIAL_PLAN: "taste" },
  secrets: { ...stripe.secrets, ...gumroad.secrets },
});

before(async () => {
  [stripe, gumroad, seller] = await Promise.all([Stripe.start(), Gumroad.start(), Seller.start()]);
  world = await openWorld(mapped());
});
after(async () => {
  await world?.stop();
  await Promise.all([stripe, gumroad, seller].map((server) => server?.stop()));
});
beforeEach(() => {
  for (const server of [stripe, gumroad, seller]) {
    server.status = undefined;
    server.asked = [];
  }
});

async function taken(answer, outcome = "taken") {
  const { status, body, text } = await answer;
  assert.equal(status, 200, text);
  assert.deepEqual(body, { received: true, outcome });
}

const licenseOf = (email) => world.admin("GET", `/admin/licenses?holder=${email}`).then(({ body }) => body.data[0]);

async function provision(code, status = 200) {
  const answer = await world.provision({ license_id: code, machine_id: freshMachine(), delivery: "plain" });
  assert.equal(answer.status, status, answer.text);
  return answer;
}

function subscription(buyer) {
  const sub = freshId("sub");
  const invoice = (until) => ({
    id: freshId("in"),
    object: "invoice",
    customer_email: buyer,
    parent: { type: "subscription_details", subscription_details: { subscription: sub } },
    lines: {
      object: "list",
      data: [{ amount: 900, period: { start: now(), end: until }, pricing: { price_details: { price: "price_pro", product: "prod_1" } } }],
    },
  });
  return { sub, invoice };
}

function session(buyer, more = {}) {
  return {
    id: freshId("cs"), object: "checkout.session", mode: "payment", payment_status: "paid",
    payment_intent: freshId("pi"), payment_link: "plink_pro", subscription: null, invoice: null,
    customer_details: { email: buyer, name: "Ada" }, ...more,
  };
}

describe("Stripe", () => {
  test("a subscription: bought, renewed, cancelled, ended", async () => {
    const buyer = freshBuyer();
    const { sub, invoice } = subscription(buyer);
    await taken(stripe.deliver(world, stripe.happen("invoice.paid", invoice(now() + 30 * day))));
    await provision(` ${buyer.toUpperCase()} `);
    const first = await licenseOf(buyer);
    assert.deepEqual([first.status, first.plan, first.kind], ["active", "pro", "email"]);

    const until = now() + 60 * day;
    await taken(stripe.deliver(world, stripe.happen("invoice.paid", invoice(until))));
    assert.equal(Date.parse((await licenseOf(buyer)).expires_at) / 1000, until + 3 * day);
    const canceling = { id: sub, status: "active", cancel_at_period_end: true, items: { data: [{ price: { id: "price_pro" } }] } };
    await taken(stripe.deliver(world, stripe.happen("customer.subscription.updated", canceling)));
    assert.equal(Date.parse((await licenseOf(buyer)).expires_at) / 1000, until);
    const ended = { id: sub, status: "canceled", ended_at: now() - 1 };
    await taken(stripe.deliver(world, stripe.happen("customer.subscription.deleted", ended)));
    assert.equal((await licenseOf(buyer)).status, "expired");
    await provision(buyer, 401);
    const audits = await world.audit("license_id = ? AND outcome = 'done'", first.id);
    assert.deepEqual(audits.map(({ action, actor }) => [action, actor]),
      [["license.created", "payments:stripe"], ...Array(3).fill(["license.changed", "payments:stripe"])]);
  });

  test("whoever had a trial is on the plan they bought, with the same code", async () => {
    const plan = { providers: ["kimi"], deliveries: ["plain"], max_machines: 1 };
    assert.equal((await world.admin("PUT", "/admin/plans/taste", plan)).status, 200);
    const buyer = freshBuyer();
    assert.equal((await world.send("POST", "/trials", { email: buyer })).status, 201);
    assert.deepEqual(Object.keys((await provision(buyer)).body.keys), ["kimi"]);
    const { invoice } = subscription(buyer);
    const until = now() + 30 * day;
    await taken(stripe.deliver(world, stripe.happen("invoice.paid", invoice(until))));
    assert.equal(Object.keys((await provision(buyer)).body.keys).length, 6);
    const { data } = (await world.admin("GET", "/admin/licenses?plan=pro&limit=1")).body;
    assert.deepEqual([data[0].plan, data[0].max_machines, data[0].trial], ["pro", 3, true]);
    assert.equal(Date.parse(data[0].expires_at) / 1000, until + 3 * day);
  });

  test("a refund and a dispute reach the licence and the edge, in whatever order they come", async () => {
    const buyer = freshBuyer();
    const bought = session(buyer);
    const dispute = { id: freshId("dp"), charge: freshId("ch"), payment_intent: bought.payment_intent, status: "needs_response" };
    const created = stripe.happen("charge.dispute.created", dispute);
    await taken(stripe.deliver(world, created), "waiting");
    await taken(stripe.deliver(world, stripe.happen("checkout.session.completed", bought)));
    assert.deepEqual([(await licenseOf(buyer)).status, (await licenseOf(buyer)).status_reason], ["suspended", "payment_disputed"]);
    await provision(buyer, 401);
    await taken(stripe.deliver(world, stripe.happen("charge.dispute.closed", { ...dispute, status: "won" })));
    const { receipt } = (await provision(buyer)).body;
    assert.equal((await world.receiptStatus(receipt)).status, 200);
    const charge = { id: dispute.charge, payment_intent: bought.payment_intent, refunded: true };
    await taken(stripe.deliver(world, stripe.happen("charge.refunded", charge)));
    await provision(buyer, 401);
    await taken(stripe.deliver(world, created), "known");
    assert.equal((await licenseOf(buyer)).status, "revoked");
  });

  test("the same event at once and again, and two of one buyer at once", async () => {
    const buyer = freshBuyer();
    const event = stripe.happen("checkout.session.completed", session(buyer));
    const other = stripe.happen("checkout.session.completed", session(buyer));
    const answers = await Promise.all([event, event, other, event, other].map((one) => stripe.deliver(world, one)));
    for (const { status, text } of answers) assert.equal(status, 200, text);
    const { id, expires_at } = await licenseOf(buyer);
    assert.equal(Math.round((Date.parse(expires_at) / 1000 - now()) / day), 730);
    assert.equal(await world.number("SELECT count(*) FROM audit_log WHERE action = 'license.created' AND license_id = ?", id), 1);
  });

  test("what was bought is read back where the event does not say it", async () => {
    const buyer = freshBuyer();
    const bought = session(buyer, { payment_link: null });
    stripe.products[bought.id] = "price_pro";
    stripe.status = 500;
    const event = stripe.happen("checkout.session.completed", bought);
    const failed = await stripe.deliver(world, event);
    assertProblem(failed, 503, "unavailable");
    assert.equal(failed.headers.get("retry-after"), "60");
    stripe.status = undefined;
    await taken(stripe.deliver(world, event));
    assert.equal((await licenseOf(buyer)).plan, "pro");
  });

  test("an unsigned, forged, old or changed post is refused and nothing is stored", async () => {
    const event = stripe.happen("checkout.session.completed", session(freshBuyer()));
    const text = JSON.stringify(event);
    const post = (body, signature) =>
      world.send("POST", "/hooks/stripe", body, signature === undefined ? {} : { "stripe-signature": signature });
    const before = await world.number("SELECT count(*) FROM payment_events");
    for (const [body, signature] of [
      [text],
      [text, ""],
      [text, stripe.sign(text, { secret: "whsec_somebody-else" })],
      [text, stripe.sign(text, { seconds: now() - 301 })],
      [text, stripe.sign(text, { seconds: now() + 302 })],
      [text.replace("paid", "Paid"), stripe.sign(text)],
      [`${text} `, stripe.sign(text)],
    ]) {
      assertProblem(await post(body, signature), 401, "unauthorized");
    }
    assertProblem(await post("{", stripe.sign("{")), 400, "invalid_request");
    const large = `"${"x".repeat(256 * 1024)}"`;
    assertProblem(await post(large, stripe.sign(large)), 413, "body_too_large");
    assert.equal(await world.number("SELECT count(*) FROM payment_events"), before);
    stripe.events.shift();
  });

  test("an unknown event is stored and answered well", async () => {
    await taken(stripe.deliver(world, stripe.happen("customer.created", { id: "cus_1" })), "ignored");
    assert.equal(await world.number("SELECT count(*) FROM payment_events WHERE type = 'customer.created'"), 1);
  });
});

describe("Gumroad", () => {
  test("a sale counts as the API has it, whatever the ping says", async () => {
    const buyer = freshBuyer();
    const sale = gumroad.sell("pro=", buyer);
    await taken(gumroad.ping(world, "sale", { sale_id: "forged==", seller_id: gumroad.sellerId, email: buyer }), "ignored");
    await taken(gumroad.pingSale(world, "sale", { ...sale, email: "liar@example.com" }));
    await provision(buyer);
    await taken(gumroad.pingSale(world, "refund", { ...sale, refunded: true }), "known");
    await provision(buyer);
    sale.refunded = true;
    await taken(gumroad.pingSale(world, "refund", sale));
    await provision(buyer, 401);
  });

  test("a membership is renewed, cancelled and taken up again", async () => {
    const buyer = freshBuyer();
    const subscription_id = "GDzW4_aBdQc-o7Gbjng7lw==";
    const sale = gumroad.sell("pro=", buyer, { subscription_id });
    await taken(gumroad.pingSale(world, "sale", sale));
    const ends = async () => Date.parse((await licenseOf(buyer)).expires_at);
    const first = await ends();
    sale.cancelled = true;
    await taken(gumroad.ping(world, "cancellation", { subscription_id, cancelled: "true", "purchase_ids[]": sale.id }));
    assert.equal(first - (await ends()), 3 * day * 1000);
    sale.cancelled = false;
    await taken(gumroad.ping(world, "subscription_restarted", { subscription_id }));
    assert.equal(await ends(), first);
  });

  test("another path, seller or form is refused", async () => {
    const sale = gumroad.sell("pro=", freshBuyer());
    const { body: nowhere } = await world.send("POST", "/hooks/nowhere", {});
    const wrong = await gumroad.ping(world, "sale", { sale_id: sale.id }, { secret: gumroad.hookSecret.replace(/.$/, "z") });
    assertProblem(wrong, 404, "not_found");
    const shape = ({ request_id, ...rest }) => rest;
    assert.deepEqual(shape(wrong.body), shape(nowhere));
    assertProblem(await gumroad.ping(world, "sale", { sale_id: sale.id, seller_id: "another" }), 403, "forbidden");
    assertProblem(await gumroad.ping(world, "sale", { seller_id: gumroad.sellerId }), 400, "invalid_request");
    assertProblem(await world.send("POST", `/hooks/gumroad/${gumroad.hookSecret}`, { sale_id: sale.id }), 415, "unsupported_media_type");
    assert.equal(world.logs.some(({ line }) => String(line).includes(gumroad.hookSecret)), false);
    gumroad.sales.shift();
  });

  test("a sale that cannot be read is read by cron", async () => {
    const buyer = freshBuyer();
    const sale = gumroad.sell("pro=", buyer);
    gumroad.status = 502;
    assertProblem(await gumroad.pingSale(world, "sale", sale), 503, "unavailable");
    assert.equal(await licenseOf(buyer), undefined);
    gumroad.status = undefined;
    await world.db.prepare("UPDATE payment_events SET due_at = 0 WHERE unread = 1").run();
    await world.sync();
    await provision(buyer);
  });
});

test("what never arrived is found once a day, over many pages and runs of cron", async () => {
  const buyers = [];
  for (let i = 0; i < 130; i++) {
    const buyer = freshBuyer();
    buyers.push(buyer);
    if (i % 5 === 0) gumroad.sell("pro=", buyer);
    else stripe.happen("checkout.session.completed", session(buyer), i);
  }
  const again = () => world.db.prepare("UPDATE payment_reconciles SET next_at = 0").run();
  assertProblem(await world.admin("POST", "/admin/payments/reconcile", { days: 40 }), 400, "invalid_request");
  assert.equal((await world.admin("POST", "/admin/payments/reconcile", { days: 2 })).status, 200);
  for (let run = 0; run < 12; run++) await world.sync();
  for (const buyer of buyers) assert.equal((await licenseOf(buyer))?.status, "active", buyer);
  for (const { path, status } of [...stripe.asked, ...gumroad.asked]) assert.equal(status, 200, path);
  const asked = stripe.asked.length;
  await world.sync();
  assert.equal(stripe.asked.length, asked, "the walk is over until tomorrow");
  const licenses = () => world.number("SELECT count(*) || ' ' || sum(version) FROM licenses");
  const before = await licenses();
  await again();
  for (let run = 0; run < 6; run++) await world.sync();
  assert.equal(await licenses(), before);

  stripe.status = 401;
  for (let i = 0; i < 3; i++) {
    await again();
    await world.sync();
  }
  assert.equal(await world.number("SELECT count(*) FROM audit_log WHERE action = 'payment.reconcile_refused'"), 1);
  stripe.status = undefined;
});

test("an unmapped product is kept, shown, and settled once its plan is named", async () => {
  const buyer = freshBuyer();
  await taken(stripe.deliver(world, stripe.happen("checkout.session.completed", session(buyer, { payment_link: "plink_new" }))));
  assert.equal(await licenseOf(buyer), undefined);
  const { body } = await world.admin("GET", "/admin/payments?outcome=unmapped&provider=stripe");
  assert.equal(body.data.length, 1);
  const [{ id, product, license_id }] = body.data;
  assert.deepEqual([product, license_id], ["stripe:plink_new", null]);
  const same = await world.admin("POST", `/admin/payments/${id}/retry`, {});
  assert.equal(same.body.outcome, "unmapped");
  const shown = await world.admin("GET", `/admin/payments/${id}`);
  assert.deepEqual(shown.body.events.map(({ type, state }) => [type, state]), [["checkout.session.completed", "taken"]]);
  assertProblem(await world.admin("POST", `/admin/payments/${id}/redeliver`, {}), 409, "conflict");
});

test("generated codes go to the seller, signed, once, and are then kept nowhere", async () => {
  const mine = await openWorld({
    vars: { ...mapped().vars, ...seller.vars },
    secrets: { ...mapped().secrets, ...seller.secrets },
  });
  try {
    // Nothing else was sold that this one's walk would find.
    stripe.events = [];
    gumroad.sales = [];
    const event = stripe.happen("checkout.session.completed", session(freshBuyer()));
    await taken(stripe.deliver(mine, event));
    assert.equal(seller.received.length, 0);
    seller.status = 500;
    await mine.sync();
    assert.equal(seller.received.length, 1);
    const undelivered = await mine.admin("GET", "/admin/payments?undelivered=1");
    assert.deepEqual(undelivered.body.data.map(({ code_delivery }) => code_delivery), ["due"]);
    const { id } = undelivered.body.data[0];
    await mine.sync();
    assert.equal(seller.received.length, 1, "it waits longer each time");
    seller.status = undefined;
    const again = await mine.admin("POST", `/admin/payments/${id}/redeliver`, {});
    assert.equal(again.body.code_deliveries[0].last_error, "HTTP 500");
    await mine.sync();
    assert.equal(seller.received.length, 2);
    assert.equal(seller.received[0].id, seller.received[1].id);
    const { type, data } = seller.received[1].body;
    assert.equal(type, "license.created");
    assert.equal(data.purchase, id);
    const answer = await mine.provision({ license_id: data.code, machine_id: freshMachine(), delivery: "plain" });
    assert.equal(answer.status, 200, answer.text);
    await mine.sync();
    assert.equal(seller.received.length, 2);
    assert.equal(await mine.number("SELECT count(payload) FROM payment_deliveries"), 0);
    assertProblem(await mine.admin("POST", `/admin/payments/${id}/redeliver`, {}), 409, "conflict");
    assert.equal(seller.refused, 0);
  } finally {
    await mine.stop();
  }
});

test("no address, code, secret or token lies in the database or the log in the clear", async () => {
  const tables = (await world.db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()).results;
  let text = JSON.stringify(world.logs);
  const own = tables.filter(({ name }) => !/^(_|sqlite|d1_)/.test(name));
  for (const { name } of own) text += JSON.stringify((await world.db.prepare(`SELECT * FROM "${name}"`).all()).results);
  assert.ok(text.includes("payment.reconcile_refused"));
  assert.equal(/buyer-\d+@example/.test(text), false);
  for (const secret of [stripe.secret, stripe.key, gumroad.hookSecret, gumroad.token]) assert.equal(text.includes(secret), false);
});
