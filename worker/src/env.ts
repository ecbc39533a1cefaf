// The environment: two bindings that the shim itself uses, and text that only the core reads.

export interface Env {
  readonly DB: D1Database;
  readonly KV: KVNamespace;
  readonly [name: string]: unknown;
}

const methodOfBinding = { DB: "batch", KV: "get" } as const;

// The name of a binding that is not there or is not what it should be; undefined when all are.
export function missingBinding(env: Env): string | undefined {
  for (const name of ["DB", "KV"] as const) {
    const binding = env[name] as unknown as Record<string, unknown> | undefined;
    if (typeof binding?.[methodOfBinding[name]] !== "function") return name;
  }
  return undefined;
}

// Every text entry of the environment, vars and secrets alike, as name and value.
export function textEntries(env: Env): [string, string][] {
  return Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string");
}
