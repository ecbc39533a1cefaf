// Request to frame, answer to Response, and the one answer that is the shim's own.
import { requestHeaders } from "./abi.gen.ts";
import type { Answer, Frame } from "./memory.ts";

const retryAfterSeconds = 1;

// text: what the platform says of where a request comes from; it need not say anything.
function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function requestFrame(request: Request<unknown, IncomingRequestCfProperties>): Frame {
  const { headers, url } = request;
  const pathAt = url.indexOf("/", url.indexOf("//") + 2);
  const pairs: string[] = [];
  for (const { path, names } of requestHeaders) {
    if (!url.startsWith(path, pathAt)) continue;
    for (const name of names) {
      const value = headers.get(name);
      if (value !== null) pairs.push(name, value);
    }
  }
  const { country, asn, latitude, longitude } = request.cf ?? {};
  return [
    request.method,
    url,
    headers.get("cf-connecting-ip") ?? "",
    text(country),
    text(asn),
    text(latitude),
    text(longitude),
    pairs.length / 2,
    ...pairs,
  ];
}

export function toResponse(answer: Answer): Response {
  const { status, body } = answer;
  const headers = new Headers(); // Filled by hand: twice as fast as a list of pairs.
  for (const [name, value] of answer.headers) headers.append(name, value);
  return new Response(body.length === 0 ? null : body, { status, headers });
}

// What a client gets where the core cannot answer: it may try again, and learns no cause.
export function unavailable(): Response {
  const problem = {
    type: "urn:latchkey:error:unavailable",
    title: "Service Unavailable",
    status: 503,
    detail: "The service is temporarily unavailable. Please try again.",
    success: false,
    error: "unavailable",
    message: "The service is temporarily unavailable. Please try again.",
    retryable: true,
  };
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "retry-after": String(retryAfterSeconds),
      "strict-transport-security": "max-age=63072000; includeSubDomains",
    },
  });
}
