// Dialogs, and the one way to change something: say what will happen, do it, say what happened.
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { call, newIdempotencyKey, Problem, type Answer, type Call } from "../lib/api.ts";
import { Button, Trouble } from "./basics.tsx";
import { Text } from "./fields.tsx";
import { announce } from "./notices.tsx";

export interface DialogProps {
  title: string;
  onClose: () => void;
  // Closed by a button of its own alone: what it shows can't be had again.
  isKept?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, isKept, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const opener = document.activeElement;
    element.showModal();
    element.querySelector<HTMLElement>("[data-autofocus], input, select, textarea")?.focus();
    return () => {
      element.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  useLayoutEffect(() => {
    // What it is kept open for came in place of what had the focus.
    if (isKept) dialog.current?.querySelector<HTMLElement>("button")?.focus();
  }, [isKept]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!isKept) onClose();
      }}
      onClose={() => {
        // A browser closes what was not closed at the first Escape at the second one.
        if (isKept && dialog.current?.isConnected) dialog.current.showModal();
      }}>
      <header>
        <h2 id={id}>{title}</h2>
        {!isKept && (
          <button type="button" class="plain small" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}

export interface ChangeProps<T> {
  title: string;
  onClose: () => void;
  // The request as the fields stand; undefined while they don't make one yet.
  request: Omit<Call, "idempotencyKey"> | undefined;
  // Fields of the form.
  children?: ComponentChildren;
  // What the service says would happen (its answer to a dry run).
  describe: (preview: T) => ComponentChildren;
  // One sentence: what happened.
  done: (answer: T) => string;
  // After it; the dialog closes unless this gives something to show in its place (a code that is shown once).
  onDone?: (answer: Answer<T>) => ComponentChildren | void;
  // What the button that does it says: a verb.
  verb: string;
  isDangerous?: boolean;
  // A word to be typed before it can be done.
  typed?: string;
  // Reads anew what somebody else changed meanwhile (412); the fields stay.
  onStale?: () => void;
  // Where an act has no dry run.
  withoutPreview?: boolean;
}

// Once: what is shown after an act, and gone when the dialog closes.
function Once({ onClose, children }: { onClose: () => void; children: ComponentChildren }): JSX.Element {
  return (
    <>
      {children}
      <footer>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </footer>
    </>
  );
}

// Change: step 1 the fields, step 2 what will happen, step 3 what happened. A lost answer is asked for again with the
// same idempotency key, so nothing happens twice; fields and preview stay where a step fails.
export function Change<T>(props: ChangeProps<T>): JSX.Element {
  const { title, onClose, request, children, describe, done, onDone, verb, isDangerous, typed, withoutPreview, onStale } =
    props;
  const [preview, setPreview] = useState<{ data: T; of: string }>();
  const [shown, setShown] = useState<ComponentChildren>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const [word, setWord] = useState("");
  const key = useRef(newIdempotencyKey());
  const asked = JSON.stringify(request ?? null);
  const isPreviewed = withoutPreview || preview?.of === asked;
  const form = useId();

  const step = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (reason) {
      // What was refused did not happen: asked for again it is another request.
      if (reason instanceof Problem && reason.status < 500) key.current = newIdempotencyKey();
      setError(reason as Error);
    }
    setBusy(false);
  };

  const look = (): Promise<void> =>
    step(async () => {
      if (!request) return;
      const { data } = await call<T>({ method: "POST", ...request, query: { ...request.query, dry_run: 1 } });
      key.current = newIdempotencyKey();
      setPreview({ data, of: asked });
    });

  const act = (): Promise<void> =>
    step(async () => {
      if (!request) return;
      const isPost = (request.method ?? "POST") === "POST";
      const answer = await call<T>({ method: "POST", ...request, ...(isPost && { idempotencyKey: key.current }) });
      announce(done(answer.data));
      const rest = onDone?.(answer);
      if (rest) setShown(rest);
      else onClose();
    });

  const isStale = error instanceof Problem && error.status === 412;
  const reload = (): void => {
    setError(undefined);
    setPreview(undefined);
    onStale?.();
  };

  if (shown) {
    return (
      <Dialog title={title} onClose={onClose} isKept>
        <Once onClose={onClose}>{shown}</Once>
      </Dialog>
    );
  }
  const isTyped = typed === undefined || word === typed;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isBusy) return;
          void (isPreviewed ? isTyped && act() : look());
        }}>
        {children}
        {isPreviewed && preview && (
          <div class="preview" role="status">
            <h3>What will happen</h3>
            {describe(preview.data)}
          </div>
        )}
        {isPreviewed && typed && <Text label={`Type ${typed} to confirm`} value={word} onInput={setWord} />}
        <Trouble error={error} {...(isStale && onStale && { retry: reload })} />
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          {isPreviewed ? (
            <Button
              type="submit"
              kind={isDangerous ? "danger" : "primary"}
              isBusy={isBusy}
              disabled={!isTyped}
              why={`Type ${typed ?? ""} first.`}>
              {verb}
            </Button>
          ) : (
            <Button type="submit" kind="primary" isBusy={isBusy} disabled={!request} why="Fill in the fields first.">
              Preview
            </Button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
