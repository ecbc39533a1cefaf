// What a token may not see is not asked for: the page says so, and the audit log is spared a refusal.
import type { ComponentChildren, JSX } from "preact";
import { useMissingScope } from "../lib/session.ts";
import { Empty } from "./basics.tsx";

export function Needs({ scope, children }: { scope: string; children: ComponentChildren }): JSX.Element {
  const missing = useMissingScope(scope);
  return missing ? <Empty>{missing}</Empty> : <>{children}</>;
}
