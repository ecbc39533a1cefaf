// The providers' APIs, as strict as they are where a key is verified: one small server on this machine.
import { createServer } from "node:http";

const bearer = (headers) => /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
const apiKey = (headers) => /^Api-Key (\S+)$/.exec(headers.authorization ?? "")?.[1];

function isChat(body, model) {
  const [message] = body?.messages ?? [];
  return body?.model === model && body.max_tokens === 1 && message?.role === "user" && message.content?.length > 0;
}

function isYandex(body, headers) {
  const folder = headers["x-folder-id"];
  const options = body?.completionOptions;
  return (
    folder === "folder-1" && body?.modelUri?.startsWith(`gpt://${folder}/`) && options?.maxTokens === "1" &&
    options.stream === false && body.messages?.[0]?.text?.length > 0
  );
}

// What each provider wants: method, path, where the key stands, and what the body must be.
const apis = {
  deepseek: { method: "GET", path: "/models", key: bearer },
  kimi: { method: "GET", path: "/v1/models", key: bearer },
  mistral: { method: "GET", path: "/v1/models", key: bearer },
  qwen: {
    method: "POST", path: "/compatible-mode/v1/chat/completions", key: bearer, body: (body) => isChat(body, "qwen-turbo"),
  },
  yandex: { method: "POST", path: "/foundationModels/v1/completion", key: apiKey, body: isYandex },
  zhipu: { method: "POST", path: "/api/paas/v4/chat/completions", key: bearer, body: (body) => isChat(body, "glm-4-flash") },
};

// Providers: start() gives vars that lead the Worker here.
//   keys      provider to the set of keys that it takes
//   statuses  provider to a status that it answers whatever comes, such as 500
//   asked     {provider, status} of each request, in order
export class Providers {
  keys = Object.fromEntries(Object.keys(apis).map((name) => [name, new Set()]));
  statuses = {};
  asked = [];
  #server;

  static async start() {
    const providers = new Providers();
    providers.#server = createServer((request, response) => providers.#serve(request, response));
    await new Promise((resolve) => providers.#server.listen(0, "127.0.0.1", resolve));
    return providers;
  }

  get vars() {
    const base = `http://127.0.0.1:${this.#server.address().port}`;
    const urls = Object.keys(apis).map((name) => [`PROVIDER_BASE_URL_${name.toUpperCase()}`, `${base}/${name}`]);
    return { ...Object.fromEntries(urls), YANDEX_FOLDER_ID: "folder-1" };
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [, provider, path] = /^\/(\w+)(\/.*)$/.exec(request.url) ?? [];
    const status = this.#judge(provider, path, request, Buffer.concat(chunks).toString());
    this.asked.push({ provider, status });
    const headers = { "content-type": "application/json", ...(status === 302 && { location: `/${provider}/elsewhere` }) };
    response.writeHead(status, headers).end(JSON.stringify({ object: "list", pad: "x".repeat(10_000) }));
  }

  #judge(provider, path, { method, headers }, text) {
    const api = apis[provider];
    if (!api || path !== api.path) return 404;
    if (method !== api.method) return 405;
    if (this.statuses[provider]) return this.statuses[provider];
    const key = api.key(headers);
    if (key === undefined || !this.keys[provider].has(key)) return 401;
    if (!api.body) return text === "" ? 200 : 400;
    if (headers["content-type"] !== "application/json") return 415;
    return api.body(JSON.parse(text), headers) ? 200 : 400;
  }
}
