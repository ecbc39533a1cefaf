// Stripe, as far as Latchkey meets it: it signs and posts events, and its API lists them, as strict as the real one
// about keys, parameters and pages.
import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const typesMax = 20; // that one request may ask for

const refusal = (status, message) => ({ status, body: { error: { type: "invalid_request_error", message } } });

// Stripe: start() gives vars and secrets that lead the Worker here.
//   events    what happened, newest first
//   products  session to price
//   status    answered whatever comes, such as 500
//   asked     {path, status} of each request
export class Stripe {
  events = [];
  products = {};
  status = undefined;
  asked = [];
  key = `rk_test_${randomBytes(12).toString("hex")}`;
  secret = `whsec_${randomBytes(16).toString("hex")}`;
  #server;
  #numEvents = 0;

  static async start() {
    const stripe = new Stripe();
    stripe.#server = createServer((request, response) => {
      const { status, body } = stripe.#judge(request);
      stripe.asked.push({ path: request.url, status });
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise((resolve) => stripe.#server.listen(0, "127.0.0.1", resolve));
    return stripe;
  }

  get vars() {
    return { PAYMENT_BASE_URL_STRIPE: `http://127.0.0.1:${this.#server.address().port}` };
  }
  get secrets() {
    return { STRIPE_WEBHOOK_SECRET: this.secret, STRIPE_API_KEY: this.key };
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  // happen: an event, which the API lists from now on. It is posted by deliver.
  happen(type, object, secondsAgo = 0) {
    const event = {
      id: `evt_${++this.#numEvents}${randomBytes(8).toString("hex")}`,
      object: "event",
      api_version: "2025-06-30.basil",
      created: Math.floor(Date.now() / 1000) - secondsAgo,
      data: { object },
      livemode: true,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    };
    this.events.unshift(event);
    return event;
  }

  sign(text, { secret = this.secret, seconds = Math.floor(Date.now() / 1000) } = {}) {
    return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${text}`).digest("hex")},v0=${"0".repeat(64)}`;
  }

  deliver(world, event) {
    const text = JSON.stringify(event, undefined, 2);
    return world.send("POST", "/hooks/stripe", text, {
      "content-type": "application/json; charset=utf-8",
      "stripe-signature": this.sign(text),
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    });
  }

  #judge({ method, url, headers }) {
    const { pathname, searchParams } = new URL(url, "http://stripe");
    if (this.status) return refusal(this.status, "out of order");
    if (headers.authorization !== `Bearer ${this.key}`) return refusal(401, "Invalid API Key provided");
    if (method !== "GET") return refusal(405, "only GET here");
    const limit = Number(searchParams.get("limit") ?? 10);
    if (!(limit >= 1 && limit <= 100)) return refusal(400, "limit");
    const session = /^\/v1\/checkout\/sessions\/(cs_\w+)\/line_items$/.exec(pathname)?.[1];
    if (session) {
      const price = this.products[session];
      if (!price) return refusal(404, `No such checkout.session: '${session}'`);
      return { status: 200, body: { object: "list", data: [{ object: "item", price: { id: price } }], has_more: false } };
    }
    return pathname === "/v1/events" ? this.#list(searchParams, limit) : refusal(404, "Unrecognized request URL");
  }

  #list(params, limit) {
    const known = ["limit", "created[gte]", "types[]", "starting_after"];
    for (const name of params.keys()) if (!known.includes(name)) return refusal(400, `Received unknown parameter: ${name}`);
    const types = params.getAll("types[]");
    if (types.length > typesMax) return refusal(400, "too many types");
    const since = Number(params.get("created[gte]") ?? 0);
    if (!Number.isInteger(since)) return refusal(400, "Invalid integer: created[gte]");
    let list = this.events;
    const after = params.get("starting_after");
    if (after !== null) {
      const at = list.findIndex(({ id }) => id === after);
      if (at < 0) return refusal(400, `No such event: '${after}'`);
      list = list.slice(at + 1);
    }
    list = list.filter(({ type, created }) => (types.length === 0 || types.includes(type)) && created >= since);
    return { status: 200, body: { object: "list", url: "/v1/events", data: list.slice(0, limit), has_more: list.length > limit } };
  }
}
