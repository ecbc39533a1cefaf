// The frame: sign-in, navigation, and the page that the address names. Pages are loaded when they are first seen.
import type { ComponentType, JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { call, onRefused, Problem, setToken } from "./lib/api.ts";
import { href, useRoute, type Route } from "./lib/route.ts";
import { SessionContext, type Session } from "./lib/session.ts";
import { Trouble } from "./ui/basics.tsx";
import { Text } from "./ui/fields.tsx";
import { Notices } from "./ui/notices.tsx";

export interface PageProps {
  route: Route;
}

interface Entry {
  name: string;
  title: string;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

const entries: readonly Entry[] = [
  { name: "overview", title: "Overview", load: () => import("./pages/overview.tsx") },
  { name: "licences", title: "Licences", load: () => import("./pages/licences.tsx") },
  { name: "providers", title: "Providers", load: () => import("./pages/providers.tsx") },
  { name: "usage", title: "Usage", load: () => import("./pages/usage.tsx") },
  { name: "data", title: "Data", load: () => import("./pages/data.tsx") },
  { name: "alerts", title: "Alerts", load: () => import("./pages/alerts.tsx") },
  { name: "settings", title: "Settings", load: () => import("./pages/settings.tsx") },
];

export function App(): JSX.Element {
  const [session, setSession] = useState<Session>();
  const [isAsking, setAsking] = useState(true);
  const [refusal, setRefusal] = useState<Error>();

  const signIn = useCallback(async (token?: string): Promise<void> => {
    setToken(token);
    const { data } = await call<Session>({ path: "/admin/session" });
    setSession(data);
    setRefusal(undefined);
  }, []);

  const signOut = useCallback((): void => {
    setToken(undefined);
    setSession(undefined);
  }, []);

  useEffect(() => {
    // Whom Cloudflare Access let in needs no token; all others are asked for one, and that is no error.
    signIn()
      .catch((error: Error) => {
        setToken(undefined);
        if (!(error instanceof Problem && error.status === 401)) setRefusal(error);
      })
      .finally(() => {
        setAsking(false);
        onRefused(setRefusal);
      });
  }, [signIn]);

  if (isAsking)
    return (
      <p class="boot" role="status">
        Loading…
      </p>
    );
  if (!session)
    return (
      <main class="sign-in">
        <SignIn signIn={signIn} why={refusal} />
      </main>
    );
  // A token that ends in the middle is asked for again above the page, which keeps its state.
  const isRefused = refusal instanceof Problem && refusal.status === 401;
  return (
    <SessionContext.Provider value={session}>
      <Frame session={session} signOut={signOut} />
      {isRefused && <SignInAgain signIn={signIn} why={refusal} />}
    </SessionContext.Provider>
  );
}

interface SignInProps {
  signIn: (token: string) => Promise<void>;
  why: Error | undefined;
}

// SignInAgain: above all else, open dialogs too, and closed by signing in alone.
function SignInAgain(props: SignInProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const stay = (): void => {
    if (dialog.current?.isConnected) dialog.current.showModal();
  };
  return (
    <dialog ref={dialog} class="over" aria-label="Sign in again" onCancel={(event) => event.preventDefault()} onClose={stay}>
      <SignIn {...props} />
    </dialog>
  );
}

function SignIn({ signIn, why }: SignInProps): JSX.Element {
  const [token, setText] = useState("");
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await signIn(token.trim());
      setText("");
    } catch (reason) {
      setError(reason as Error);
    }
    setBusy(false);
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1>Latchkey</h1>
      <Text
        label="Admin token"
        type="password"
        value={token}
        onInput={setText}
        required
        autoFocus
        autoComplete="off"
        hint="Kept in this tab's memory only. Make one with: latchkey token create"
      />
      <Trouble error={error ?? why} />
      <button type="submit" class="primary" aria-busy={isBusy} disabled={isBusy}>
        Sign in
      </button>
    </form>
  );
}

function Frame({ session, signOut }: { session: Session; signOut: () => void }): JSX.Element {
  const route = useRoute();
  const name = route.path[0] ?? "overview";
  const entry = entries.find((one) => one.name === name);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}>
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href={href(["overview"])}>
          Latchkey
        </a>
        <nav aria-label="Pages">
          {entries.map((one) => (
            <a key={one.name} href={href([one.name])} aria-current={one.name === name ? "page" : undefined}>
              {one.title}
            </a>
          ))}
        </nav>
        <div class="who">
          <span title={`${session.environment}, build ${session.build}`}>{session.actor}</span>
          <ThemeButton />
          <button type="button" class="plain small" onClick={signOut}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Notices />
        {entry ? <Lazy key={entry.name} entry={entry} route={route} /> : <Unknown />}
      </main>
    </>
  );
}

function Lazy({ entry, route }: { entry: Entry; route: Route }): JSX.Element {
  const [page, setPage] = useState<{ show: ComponentType<PageProps> }>();
  const [error, setError] = useState<Error>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    setError(undefined);
    entry.load().then(
      ({ default: show }) => setPage({ show }),
      () => setError(new Error("This page could not be loaded.")),
    );
  }, [entry, turn]);
  if (error) return <Trouble error={error} retry={() => setTurn(turn + 1)} />;
  if (!page)
    return (
      <p class="loading" role="status">
        Loading…
      </p>
    );
  return <page.show route={route} />;
}

function Unknown(): JSX.Element {
  return (
    <p class="empty">
      There is no such page. Go to the <a href={href(["overview"])}>overview</a>.
    </p>
  );
}

function ThemeButton(): JSX.Element {
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <button
      type="button"
      class="plain small"
      aria-pressed={dark}
      onClick={() => {
        document.documentElement.dataset["theme"] = dark ? "light" : "dark";
        setDark(!dark);
      }}>
      Dark
    </button>
  );
}
