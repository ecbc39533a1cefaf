// An alert webhook's receiver: as strict as the Standard Webhooks specification lets it be, by the specification's own
// library.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const idPattern = /^msg_[0-9a-z]{26,34}$/;

// WebhookReceiver: start() gives one that answers 204.
//   url       where it is
//   secret    the secret that it verifies with; undefined: none yet, and it takes whatever is well-formed
//   status    answered to what was verified; a 3xx leads to /elsewhere of this server
//   received  {id, body, signature} of each message that was verified, in order
//   refused   why others were not
//   elsewhere how many requests came to other paths
export class WebhookReceiver {
  secret = undefined;
  status = 204;
  received = [];
  refused = [];
  elsewhere = 0;
  #server;

  static async start() {
    const receiver = new WebhookReceiver();
    receiver.#server = createServer((request, response) => receiver.#serve(request, response));
    await new Promise((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/alerts`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (!/^\/alerts(\?|$)/.test(request.url)) {
      this.elsewhere++;
      response.writeHead(200).end();
      return;
    }
    const why = this.#flaw(request, text);
    if (why !== undefined) {
      this.refused.push(why);
      response.writeHead(401).end();
      return;
    }
    const { "webhook-id": id, "webhook-signature": signature } = request.headers;
    this.received.push({ id, signature, body: JSON.parse(text) });
    const headers = this.status >= 300 && this.status < 400 ? { location: "/elsewhere" } : {};
    response.writeHead(this.status, headers).end(this.status === 204 ? undefined : "x".repeat(10_000));
  }

  #flaw({ method, headers }, text) {
    if (method !== "POST") return method;
    if (headers.authorization !== undefined) return "authorization";
    if (headers["content-type"] !== "application/json") return headers["content-type"];
    if (!idPattern.test(headers["webhook-id"])) return headers["webhook-id"];
    if (!/^v1,\S+( v1,\S+)?$/.test(headers["webhook-signature"])) return headers["webhook-signature"];
    const body = JSON.parse(text);
    if (typeof body.type !== "string" || Number.isNaN(Date.parse(body.timestamp)) || body.data?.constructor !== Object) return text;
    if (this.secret === undefined) return undefined;
    try {
      new Webhook(this.secret).verify(text, headers);
      return undefined;
    } catch (error) {
      return error.message;
    }
  }
}
