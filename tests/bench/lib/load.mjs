// The load driver: closed-loop HTTP/1.1 clients on raw keep-alive sockets. Sockets rather than
// node:http, so that on a small machine the driver takes as little CPU as it can from the server it
// measures.

import { once } from "node:events";
import { connect } from "node:net";

const kResponseTimeoutMs = 60_000;

class HttpConnection {
  constructor(port) {
    this.chunks = [];
    this.bytes = 0;
    this.pending = null;
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("data", (chunk) => this.receive(chunk));
    this.socket.on("error", (error) => this.fail(error));
    this.socket.on("close", () => this.fail(new Error("the server closed the connection")));
    this.socket.on("timeout", () => this.pending && this.fail(new Error("no answer in time")));
    this.socket.setTimeout(kResponseTimeoutMs);
  }

  fail(error) {
    this.failure ??= error;
    this.socket.destroy();
    const pending = this.pending;
    this.pending = null;
    pending?.reject(this.failure);
  }

  // Sends one whole request (head and body); gives {status, body}.
  send(request) {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
      this.socket.write(request);
    });
  }

  receive(chunk) {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    const data = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.bytes);
    if (this.chunks.length > 1) this.chunks = [data];
    const answer = parseResponse(data);
    if (answer === null) return;
    this.chunks = [];
    this.bytes = 0;
    const pending = this.pending;
    this.pending = null;
    pending?.resolve(answer);
  }

  close() {
    this.failure ??= new Error("closed");
    this.socket.destroy();
  }
}

// Null while the response is not complete. No pipelining: the data holds at most one response.
function parseResponse(data) {
  const headEnd = data.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const head = data.latin1Slice(0, headEnd);
  const status = Number(head.slice(9, 12));
  const body = data.subarray(headEnd + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length) return body.length < Number(length[1]) ? null : { status, body };
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: Buffer.alloc(0) };
  const whole = joinChunks(body);
  return whole === null ? null : { status, body: whole };
}

function joinChunks(data) {
  const parts = [];
  let at = 0;
  for (;;) {
    const lineEnd = data.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(data.latin1Slice(at, lineEnd), 16);
    const start = lineEnd + 2;
    if (data.length < start + size + 2) return null;
    if (size === 0) return Buffer.concat(parts);
    parts.push(data.subarray(start, start + size));
    at = start + size + 2;
  }
}

export function requestBytes({ method = "POST", path, headers = {}, body = "" }) {
  const lines = [`${method} ${path} HTTP/1.1`, "host: 127.0.0.1"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body) lines.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

// Sends every request of the list once over a number of connections, which are open before the clock
// starts and closed after: the server closes idle ones by itself. Gives the time it took, the latency of
// each and the answer to each, in the list's order. Answers are kept and looked at afterwards, off the
// clock.
export async function runLoad({ port, requests, connections }) {
  const poolSize = Math.min(connections, requests.length);
  const pool = Array.from({ length: poolSize }, () => new HttpConnection(port));
  try {
    await Promise.all(pool.map((connection) => once(connection.socket, "connect")));
    const latencies = new Float64Array(requests.length);
    const answers = new Array(requests.length);
    let next = 0;
    const start = performance.now();
    await Promise.all(pool.map(async (connection) => {
      while (next < requests.length) {
        const index = next++;
        const sent = performance.now();
        answers[index] = await connection.send(requests[index]);
        latencies[index] = performance.now() - sent;
      }
    }));
    return { elapsedMs: performance.now() - start, latencies, answers };
  } finally {
    for (const connection of pool) connection.close();
  }
}

// One request on a connection of its own; gives {status, body}.
export async function exchange(port, request) {
  const { answers } = await runLoad({ port, requests: [request], connections: 1 });
  return answers[0];
}
