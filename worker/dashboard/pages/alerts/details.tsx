// Members of an object that the service wrote down, whatever they are.
import type { JSX } from "preact";
import { words } from "../../lib/format.ts";
import { Facts } from "../../ui/basics.tsx";

export function Details({ title, of }: { title: string; of: object | null }): JSX.Element | null {
  const entries = Object.entries(of ?? {});
  if (entries.length === 0) return null;
  return (
    <div role="group" aria-label={title}>
      <Facts rows={entries.map(([name, value]) => [words(name), <Value of={value} />] as const)} />
    </div>
  );
}

function Value({ of }: { of: unknown }): JSX.Element {
  if (of === null || of === undefined) return <span class="none">–</span>;
  if (Array.isArray(of) && of.every(isPlain)) return <>{of.join(", ") || "none"}</>;
  if (Array.isArray(of))
    return (
      <ul>
        {of.map((item, at) => (
          <li key={at}>
            <Value of={item} />
          </li>
        ))}
      </ul>
    );
  if (typeof of === "object") {
    const sentence = (of as Record<string, unknown>)["sentence"];
    return typeof sentence === "string" ? <>{sentence}</> : <code>{JSON.stringify(of)}</code>;
  }
  return <span class={typeof of === "string" && /^[a-z]{3}_/.test(of) ? "mono" : ""}>{String(of)}</span>;
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;
