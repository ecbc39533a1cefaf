// Resources: what a page shows of the service. What was read stays where the next read fails.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { call, urlOf, type Query } from "./api.ts";

export interface Resource<T> {
  data: T | undefined;
  etag: string | undefined;
  error: Error | undefined;
  isLoading: boolean;
  reload: () => void;
}

interface State<T> {
  key: string | null; // What it is of: URL and body.
  data: T | undefined;
  etag: string | undefined;
  error: Error | undefined;
  isLoading: boolean;
}

export interface ResourceOptions {
  query?: Query;
  // Read again so often while the page is seen, and as soon as the connection is back.
  everyMs?: number;
  // What is read by a POST: its body.
  body?: unknown;
}

// useResource: null as path reads nothing. Another path, query or body begins anew.
export function useResource<T>(path: string | null, { query, everyMs, body }: ResourceOptions = {}): Resource<T> {
  const url = path === null ? null : urlOf(path, query);
  const posted = body === undefined ? "" : JSON.stringify(body);
  const key = url === null ? null : `${url} ${posted}`;
  const [state, setState] = useState<State<T>>({ ...nothing, key, isLoading: key !== null });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (url === null) return;
    const abort = new AbortController();
    setState((old) => (old.key === key ? { ...old, isLoading: true } : { ...nothing, key, isLoading: true }));
    call<T>({
      path: url,
      signal: abort.signal,
      ...(posted && { method: "POST", body: JSON.parse(posted) as unknown }),
    }).then(
      ({ data, etag }) => setState({ key, data, etag: etag ?? undefined, error: undefined, isLoading: false }),
      (error: Error) => {
        if (!abort.signal.aborted) setState((old) => ({ ...old, key, error, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);

  useEffect(() => {
    if (!everyMs || key === null) return;
    const again = (): void => setTurn((old) => old + 1);
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") again();
    }, everyMs);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      removeEventListener("online", again);
    };
  }, [everyMs, key]);

  const reload = useCallback(() => setTurn((old) => old + 1), []);
  const current = state.key === key ? state : { ...nothing, isLoading: key !== null };
  return { data: current.data, etag: current.etag, error: current.error, isLoading: current.isLoading, reload };
}

const nothing = { data: undefined, etag: undefined, error: undefined };

export interface Paged<T> extends Resource<T> {
  number: number; // From 1.
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
}

// usePages: a list that the service hands out by cursors. A changed query goes back to the first page.
export function usePages<T extends { next_cursor: string | null }>(path: string | null, query: Query, limit: number): Paged<T> {
  const key = path === null ? "" : urlOf(path, query);
  const [place, setPlace] = useState<{ key: string; cursors: string[] }>({ key, cursors: [] });
  const cursors = place.key === key ? place.cursors : [];
  const page = useResource<T>(path, { query: { ...query, limit, cursor: cursors.at(-1) } });
  const last = useRef<T | undefined>(undefined);
  if (page.data) last.current = page.data;
  const cursor = page.data?.next_cursor;
  return {
    ...page,
    number: cursors.length + 1,
    next: cursor ? () => setPlace({ key, cursors: [...cursors, cursor] }) : undefined,
    previous: cursors.length > 0 ? () => setPlace({ key, cursors: cursors.slice(0, -1) }) : undefined,
  };
}
