// Gumroad, as far as Latchkey meets it: its pings, and the sales that its API has.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const pageRows = 10;

// Gumroad: start() gives vars and secrets that lead the Worker here.
//   sales   what was sold, newest first, as the API shows it
//   status  answered whatever comes, such as 500
//   asked   {path, status} of each request
export class Gumroad {
  sales = [];
  status = undefined;
  asked = [];
  token = randomBytes(24).toString("base64url");
  hookSecret = randomBytes(32).toString("hex");
  sellerId = "RkCCNDTUPqzfdkDxuw30Gw==";
  #server;

  static async start() {
    const gumroad = new Gumroad();
    gumroad.#server = createServer((request, response) => {
      const { status, body } = gumroad.#judge(request);
      gumroad.asked.push({ path: request.url, status });
      response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
    });
    await new Promise((resolve) => gumroad.#server.listen(0, "127.0.0.1", resolve));
    return gumroad;
  }

  get vars() {
    return {
      PAYMENT_BASE_URL_GUMROAD: `http://127.0.0.1:${this.#server.address().port}`,
      GUMROAD_SELLER_ID: this.sellerId,
    };
  }
  get secrets() {
    return { GUMROAD_HOOK_SECRET: this.hookSecret, GUMROAD_ACCESS_TOKEN: this.token };
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  // sell: a sale, of a membership where it names a subscription.
  sell(product_id, email, more = {}) {
    const sale = {
      id: `${randomBytes(16).toString("base64url")}==`,
      email,
      seller_id: this.sellerId,
      created_at: new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace(".000Z", "Z"),
      product_name: "Writer's Factory",
      price: 900,
      product_id,
      product_permalink: "wf",
      refunded: false,
      partially_refunded: false,
      chargedback: false,
      purchase_email: email,
      disputed: false,
      dispute_won: false,
      is_gift_sender_purchase: false,
      is_gift_receiver_purchase: false,
      ...(more.subscription_id && { cancelled: false, dead: false, ended: false, subscription_duration: "monthly" }),
      ...more,
    };
    this.sales.unshift(sale);
    return sale;
  }

  // ping: what it posts of a sale, or of anything that fields say.
  ping(world, resource_name, fields, { secret = this.hookSecret } = {}) {
    const form = new URLSearchParams({ ...fields, resource_name });
    return world.send("POST", `/hooks/gumroad/${secret}`, form.toString(), {
      "content-type": "application/x-www-form-urlencoded",
    });
  }
  pingSale(world, resource_name, sale) {
    const { id: sale_id, seller_id, product_id, email, refunded, disputed } = sale;
    return this.ping(world, resource_name, { sale_id, seller_id, product_id, email, refunded, disputed, test: "false" });
  }

  #judge({ method, url, headers }) {
    const { pathname, searchParams } = new URL(url, "http://gumroad");
    if (this.status) return { status: this.status, body: {} };
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401, body: { error: "invalid_token" } };
    if (method !== "GET") return { status: 404, body: {} };
    const one = /^\/v2\/sales\/([^/]+)$/.exec(pathname)?.[1];
    if (one) {
      const sale = this.sales.find(({ id }) => id === decodeURIComponent(one));
      return sale
        ? { status: 200, body: { success: true, sale } }
        : { status: 404, body: { success: false, message: "The sale was not found." } };
    }
    if (pathname !== "/v2/sales") return { status: 404, body: {} };
    const after = searchParams.get("after");
    if (after !== null && !/^\d{4}-\d\d-\d\d$/.test(after)) {
      return { status: 400, body: { success: false, message: "Invalid date format provided in field 'after'." } };
    }
    const key = searchParams.get("page_key");
    if (key !== null && !/^page-\d+$/.test(key)) return { status: 400, body: { success: false, message: "Invalid page_key." } };
    const from = key === null ? 0 : Number(key.slice(5));
    const list = this.sales.filter(({ created_at }) => after === null || created_at >= after);
    const next = from + pageRows < list.length ? { next_page_key: `page-${from + pageRows}` } : {};
    return { status: 200, body: { success: true, ...next, sales: list.slice(from, from + pageRows) } };
  }
}
