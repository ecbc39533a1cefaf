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
  url: string | null;
  data: T | undefined;
  etag: string | undefined;
  error: Error | undefined;
  isLoading: boolean;
}

export interface ResourceOptions {
  query?: Query;
  // Read again so often while the page is seen.
  everyMs?: number;
}

// useResource: null as path reads nothing. Another path or query begins anew.
export function useResource<T>(path: string | null, { query, everyMs }: ResourceOptions = {}): Resource<T> {
  const url = path === null ? null : urlOf(path, query);
  const [state, setState] = useState<State<T>>({ url, data: undefined, etag: undefined, error: undefined, isLoading: url !== null });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (url === null) return;
    const abort = new AbortController();
    setState((old) => (old.url === url ? { ...old, isLoading: true } : { ...nothing, url, isLoading: true }));
    call<T>({ path: url, signal: abort.signal }).then(
      ({ data, etag }) => setState({ url, data, etag: etag ?? undefined, error: undefined, isLoading: false }),
      (error: Error) => {
        if (!abort.signal.aborted) setState((old) => ({ ...old, url, error, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [url, turn]);

  useEffect(() => {
    if (!everyMs || url === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setTurn((old) => old + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, url]);

  const reload = useCallback(() => setTurn((old) => old + 1), []);
  const current = state.url === url ? state : { ...nothing, isLoading: url !== null };
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
