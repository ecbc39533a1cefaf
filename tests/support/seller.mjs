// The seller's webhook: takes generated codes, where they are signed by the Standard Webhooks specification.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const toleranceSeconds = 300;

// Seller: start() gives vars and secrets that lead the Worker here.
//   status    answered whatever comes, such as 500
//   received  {id, body} of each post that was signed as it should be
//   refused   how many were not
export class Seller {
  status = undefined;
  received = [];
  refused = 0;
  #key = randomBytes(32);
  #server;

  static async start() {
    const seller = new Seller();
    seller.#server = createServer((request, response) => seller.#serve(request, response));
    await new Promise((resolve) => seller.#server.listen(0, "127.0.0.1", resolve));
    return seller;
  }

  get vars() {
    return {
      WEBHOOK_ALLOW_LOOPBACK: "1",
      SELLER_WEBHOOK_URL: `http://127.0.0.1:${this.#server.address().port}/codes`,
      PURCHASE_CODES: "generated",
    };
  }
  get secrets() {
    return { SELLER_WEBHOOK_SECRET: `whsec_${this.#key.toString("base64")}` };
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signature } = request.headers;
    const wanted = createHmac("sha256", this.#key).update(`${id}.${seconds}.${text}`).digest();
    const given = Buffer.from(/^v1,(.+)$/.exec(signature ?? "")?.[1] ?? "", "base64");
    const isGood =
      request.method === "POST" && request.url === "/codes" && request.headers.authorization === undefined &&
      request.headers["content-type"] === "application/json" && given.length === wanted.length &&
      timingSafeEqual(given, wanted) && Math.abs(Date.now() / 1000 - Number(seconds)) < toleranceSeconds;
    if (!isGood) this.refused++;
    else this.received.push({ id, body: JSON.parse(text) });
    response.writeHead(isGood ? (this.status ?? 204) : 401).end();
  }
}
