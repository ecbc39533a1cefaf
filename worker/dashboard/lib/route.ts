// Routes are hashes (#/licences/lic_...?status=active): links work, nothing reloads, and the token stays in memory.
import { useEffect, useState } from "preact/hooks";

export interface Route {
  path: readonly string[];
  query: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return {
    path: path
      .split("/")
      .filter((part) => part !== "")
      .map(decode),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "");
  const text = new URLSearchParams(pairs).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

// isId: an id of the API's, such as lic_...; no licence's code, e-mail address or token, which never go into an address.
export const isId = (text: string): boolean => /^[a-z]{3}_[0-9a-z]{26}$/.test(text);

// setQuery: filters stand in the address, so that a view can be bookmarked; the way back does not lead through each of them.
export function setQuery(route: Route, changes: Record<string, string | undefined>): void {
  const query = { ...route.query, ...changes };
  history.replaceState(null, "", href(route.path, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}
