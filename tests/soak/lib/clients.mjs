// Desktops and an admin, as the contract has them: what was not answered is asked again, the same events under the same
// ids. What they sent and what they were told goes into the book.

import { setTimeout as delay } from "node:timers/promises";
import { recordEvent } from "./checks.mjs";
import { nanos } from "./cost.mjs";

const kAnswerMsMax = 30_000;
const kRetryMs = 150;
const kEventsMax = 10;
const kEventAgeMsMax = 3 * 86_400_000;
const kProviders = 6;

// Those that cost by cached tokens, by reasoning, by neither, and one that has no price.
const kModels = [
  ["deepseek", "deepseek-chat"], ["mistral", "mistral-large-latest"], ["qwen", "qwen-plus"], ["qwen", "qwen-turbo"],
  ["kimi", "moonshot-v1-8k"], ["mistral", "made-up-by-the-soak"],
];

// One line to the service for everybody: it waits while nothing serves.
export class Wire {
  constructor(server, book) {
    this.server = server;
    this.book = book;
  }

  // send: {status, body, requestId}; undefined where no answer came.
  async send(method, path, { body, headers = {}, leavesAfterMs } = {}) {
    while (!this.server.isUp) await delay(20);
    const { book } = this;
    const what = `${method} ${path.replace(/\?.*/, "").replace(/lic_\w+/, "{id}")}`;
    book.numRequests++;
    try {
      const response = await fetch(new URL(path, this.server.url), {
        method,
        headers: { ...(body && { "content-type": "application/json" }), ...headers },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(leavesAfterMs ?? kAnswerMsMax),
      });
      const text = await response.text();
      book.countAnswer(what, response.status);
      return {
        status: response.status, body: text && JSON.parse(text), requestId: response.headers.get("x-request-id"),
        retryAfterMs: 1000 * Number(response.headers.get("retry-after") ?? 0),
      };
    } catch {
      book.numLost++;
      return undefined;
    }
  }

  // untilAnswered: the same again until there is an answer that is not "later".
  async untilAnswered(method, path, options = {}, leavesAfterMs = undefined) {
    for (let leaves = leavesAfterMs; ; leaves = undefined) {
      const answer = await this.send(method, path, { ...options, leavesAfterMs: leaves });
      if (answer && answer.status !== 503) return answer;
      this.book.numRetries++;
      await delay(answer?.retryAfterMs || kRetryMs);
    }
  }
}

export class Desktop {
  #wire;
  #random;
  #receipt;
  #known = []; // ids of events that were acknowledged

  // license: {id, code, plan}
  constructor(number, license, wire, random) {
    this.number = number;
    this.license = license;
    this.machine = random.hex(32);
    this.headers = { "cf-connecting-ip": `198.18.${number >> 8}.${number & 255}` };
    this.#wire = wire;
    this.#random = random;
  }

  get #who() {
    return { license_id: this.license.code, machine_id: this.machine };
  }

  // takeSeat: before a first report, which is a machine's that provisioned.
  async takeSeat() {
    await this.#provision();
  }

  async step() {
    const roll = this.#random.fraction();
    if (roll < 0.5) await this.#report();
    else if (roll < 0.75) await this.#provision();
    else if (roll < 0.9) await this.#receiptStatus();
    else await this.#status();
  }

  #fail(what, answer) {
    const { status, body } = answer;
    this.#wire.book.wrong.push(`client ${this.number}: ${what} was answered ${status} ${JSON.stringify(body).slice(0, 200)}`);
  }

  // #expect: a 200, or a 401 once the licence may be revoked. True where it is the first.
  #expect(what, answer) {
    if (answer.status === 200) return true;
    const isRefused = answer.status === 401 && this.#wire.book.maybeRevoked.has(this.license.id);
    if (!isRefused) this.#fail(what, answer);
    return false;
  }

  async #provision() {
    const { book } = this.#wire;
    const delivery = this.#random.pick(["plain", "plain", "fernet"]);
    const body = { ...this.#who, delivery };
    const answer = await this.#wire.untilAnswered("POST", "/keys/provision", { body, headers: this.headers }, this.#leaves());
    if (!this.#expect("provision", answer)) return;
    if (Object.keys(answer.body.keys).length !== kProviders) this.#fail("provision", answer);
    book.provisions.push({ request_id: answer.requestId, license_id: this.license.id });
    this.#receipt = answer.body.receipt;
  }

  async #status() {
    const answer = await this.#wire.untilAnswered("POST", "/keys/status", { body: this.#who, headers: this.headers });
    this.#expect("status", answer);
  }

  async #receiptStatus() {
    if (!this.#receipt) return;
    const headers = { ...this.headers, authorization: `Bearer ${this.#receipt}` };
    this.#expect("status by receipt", await this.#wire.untilAnswered("GET", "/keys/status", { headers }));
  }

  // #leaves: now and then a client goes away before it is answered.
  #leaves() {
    return this.#random.chance(0.04) ? this.#random.whole(1, 12) : undefined;
  }

  #makeEvent() {
    const random = this.#random;
    const [provider, model] = random.pick(kModels);
    const input = random.whole(0, 200_000);
    const output = random.whole(0, 20_000);
    const at = Date.now() - random.whole(0, kEventAgeMsMax);
    const id = `${random.hex(8)}-${this.number}-${random.hex(12)}`;
    const parts = { input, output, cached: random.whole(0, input), reasoning: random.whole(0, output) };
    const { id: license_id, plan } = this.license;
    this.#wire.book.events.set(id, recordEvent(license_id, this.number, plan, { provider, model, at, ...parts }));
    return id;
  }

  #body(ids) {
    const events = ids.map((event_id) => {
      const { provider, model, at, input, output, cached, reasoning } = this.#wire.book.events.get(event_id);
      return {
        event_id, provider, model, at: new Date(at).toISOString(), input_tokens: input, output_tokens: output,
        cached_input_tokens: cached, reasoning_tokens: reasoning,
      };
    });
    return { ...this.#who, events };
  }

  async #report() {
    const random = this.#random;
    const ids = Array.from({ length: random.whole(1, kEventsMax) }, () => this.#makeEvent());
    // A client that lost its notes reports what it reported before.
    if (this.#known.length > 0 && random.chance(0.1)) ids.push(random.pick(this.#known));
    const send = () =>
      this.#wire.untilAnswered("POST", "/usage/report", { body: this.#body(ids), headers: this.headers }, this.#leaves());
    // Or does not wait for the first answer before it sends again.
    const answers = await Promise.all(random.chance(0.05) ? [send(), send()] : [send()]);
    for (const answer of answers) {
      const { accepted, duplicates, rejected } = answer.body;
      if (answer.status !== 200 || accepted + duplicates !== ids.length || rejected.length > 0) {
        this.#fail("a report", answer);
        return;
      }
      this.#wire.book.numDuplicates += duplicates;
    }
    this.#wire.book.acknowledge(ids);
    this.#known = ids;
  }

  // askCost: what the service says the licence has spent this month, against what the book has.
  async askCost() {
    const body = { ...this.#who, events: [] };
    const answer = await this.#wire.untilAnswered("POST", "/usage/report", { body, headers: this.headers });
    if (answer.status !== 200) return this.#fail("a report of nothing", answer);
    const month = new Date().toISOString().slice(0, 7);
    let spent = 0n;
    for (const { license_id, at, cost } of this.#wire.book.events.values()) {
      if (license_id === this.license.id && new Date(at).toISOString().startsWith(month)) spent += cost ?? 0n;
    }
    if (nanos(answer.body.usage.cost) !== spent) this.#fail(`the cost, which is ${spent} nano-dollars,`, answer);
  }
}

export class Admin {
  #wire;
  #headers;
  #random;

  constructor(token, wire, random) {
    this.#wire = wire;
    this.#headers = { authorization: `Bearer ${token}` };
    this.#random = random;
  }

  ask(method, path, body) {
    return this.#wire.untilAnswered(method, path, { body, headers: this.#headers });
  }

  // createLicenses: gives [{id, code, plan}]. Asked once: a creation whose answer is lost is nobody's.
  async createLicenses(terms) {
    const answer = await this.#wire.send("POST", "/admin/licenses", { body: terms, headers: this.#headers });
    if (answer?.status === 201) {
      this.#wire.book.created.push(...answer.body.licenses.map(({ id }) => id));
      return answer.body.licenses;
    }
    if (answer && answer.status !== 503) this.#fail("making a licence", answer);
    return [];
  }

  #fail(what, { status, body }) {
    this.#wire.book.wrong.push(`admin: ${what} was answered ${status} ${JSON.stringify(body).slice(0, 200)}`);
  }

  // step: looks at something, makes a licence, or revokes one of `licenses`.
  async step(licenses) {
    const random = this.#random;
    if (random.chance(0.2)) return this.createLicenses({ note: "made by the soak" });
    if (random.chance(0.1)) return this.#revoke(random.pick(licenses).id);
    const { id } = random.pick(licenses);
    const path = random.pick([
      "/admin/usage?by=provider,model", "/admin/usage?by=day", "/admin/usage/daily?limit=100", "/admin/usage/licenses",
      `/admin/licenses/${id}/usage`, `/admin/usage?by=hour,machine&license_id=${id}`, "/admin/audit?limit=100",
      "/admin/licenses?limit=100", "/admin/alerts", "/ready",
    ]);
    const answer = await this.ask("GET", path);
    if (answer.status !== 200) this.#fail(path, answer);
  }

  async #revoke(id) {
    const { book } = this.#wire;
    if (book.maybeRevoked.size >= book.revokedMax) return;
    book.maybeRevoked.add(id);
    const answer = await this.ask("POST", `/admin/licenses/${id}/revoke`, { reason: "soak" });
    if (answer.status === 200) book.revoked.add(id);
    else this.#fail("a revocation", answer);
  }
}
