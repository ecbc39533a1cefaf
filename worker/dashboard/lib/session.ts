// Who is signed in, and what they may do.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "../api.gen.ts";

export type { Session };

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session");
  return session;
}

// useMissingScope: why a control is disabled, or undefined where it is not.
export function useMissingScope(scope: string | undefined): string | undefined {
  const { scopes } = useSession();
  if (scope === undefined || scopes.includes(scope)) return undefined;
  return `Needs the scope ${scope}, which you were not given.`;
}
