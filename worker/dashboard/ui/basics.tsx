// The small parts that every page is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Lost, Problem } from "../lib/api.ts";
import { ago, date, moment, percent, utc, utcDate } from "../lib/format.ts";
import type { Resource } from "../lib/resource.ts";
import { useMissingScope } from "../lib/session.ts";

interface Children {
  children?: ComponentChildren;
}

export interface PageFrame extends Children {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
}

export function Page({ title, lead, actions, children }: PageFrame): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Latchkey`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export interface SectionFrame extends Children {
  title: string;
  note?: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
}

export function Section({ title, note, actions, wide, children }: SectionFrame): JSX.Element {
  const id = useId();
  return (
    <section class={wide ? "card wide" : "card"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

// Time: in the viewer's zone, with UTC on hover and for who reads by machine.
export interface TimeProps {
  value: string | null | undefined;
  relative?: boolean;
  isDate?: boolean; // Where the hour says nothing; it is there on hover.
}

export function Time({ value, relative, isDate }: TimeProps): JSX.Element {
  if (!value) return <span class="none">–</span>;
  const time = new Date(value);
  return <time dateTime={value} title={utc(time)}>{relative ? ago(time) : isDate ? date(time) : moment(time)}</time>;
}

// Day: of sums, which are by UTC.
export function Day({ value }: { value: string }): JSX.Element {
  return <time dateTime={value.slice(0, 10)} title="A day in UTC">{utcDate(new Date(value))}</time>;
}

export type Tone = "good" | "warn" | "bad" | "info" | "quiet";

// Badge: a state by word and by colour, never by colour alone.
export function Badge({ tone = "quiet", children }: Children & { tone?: Tone }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export interface ButtonProps extends Children {
  onClick?: () => void;
  kind?: "primary" | "plain" | "danger";
  type?: "button" | "submit";
  scope?: string; // What it needs; without it the button is disabled and says why.
  disabled?: boolean;
  why?: string; // Why it is disabled.
  isBusy?: boolean;
  label?: string; // Where the text alone does not say it.
}

export function Button(props: ButtonProps): JSX.Element {
  const { onClick, kind = "plain", type = "button", scope, disabled, why, isBusy, label, children } = props;
  const id = useId();
  const missing = useMissingScope(scope);
  const reason = missing ?? (disabled ? why : undefined);
  const isOff = missing !== undefined || disabled || isBusy;
  // aria-disabled in place of disabled where there is a reason: the keyboard still reaches it, and hears why. So too
  // while it is busy: a disabled button loses the focus.
  return (
    <span class="button-with-reason">
      <button type={type} class={kind} aria-label={label} aria-busy={isBusy} title={reason}
        disabled={disabled && !reason && !isBusy} aria-disabled={reason || isBusy ? true : undefined}
        aria-describedby={reason ? id : undefined}
        onClick={(event) => {
          if (isOff) return event.preventDefault();
          onClick?.();
        }}>
        {children}
      </button>
      {reason && <span id={id} class="hidden">{reason}</span>}
    </span>
  );
}

// Trouble: an error as the service said it, and what can be done about it.
export function Trouble({ error, retry }: { error: Error | undefined; retry?: () => void }): JSX.Element | null {
  if (!error) return null;
  const isStale = error instanceof Problem && error.status === 412;
  return (
    <div class="trouble" role="alert">
      <p><strong>{isStale ? "Changed by someone else. " : ""}</strong>{error.message}</p>
      {error instanceof Problem && error.fields.length > 0 && (
        <ul>{error.fields.map(({ location, message }) => <li key={location}><code>{location}</code> {message}</li>)}</ul>
      )}
      {error instanceof Problem && error.requestId && <p class="note">Request {error.requestId}</p>}
      {retry && <button type="button" onClick={retry}>{isStale ? "Reload" : error instanceof Lost ? "Try again" : "Reload"}</button>}
    </div>
  );
}

// Loaded: what a resource holds, or that it is coming, or why it is not. What was there stays beside an error.
export function Loaded<T>({ of, children }: { of: Resource<T>; children: (data: T) => ComponentChildren }): JSX.Element {
  return (
    <div class="stack" aria-busy={of.isLoading}>
      <Trouble error={of.error} retry={of.reload} />
      {of.data !== undefined ? children(of.data) : !of.error && <p class="loading" role="status">Loading…</p>}
    </div>
  );
}

// Empty: nothing is here yet, and what to do first.
export function Empty({ children }: Children): JSX.Element {
  return <p class="empty">{children}</p>;
}

export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value ?? <span class="none">–</span>}</dd></div>)}
    </dl>
  );
}

// Figure: one number that matters, with its name and a word of context.
export interface FigureProps {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  tone?: Tone;
}

export function Figure({ name, value, note, tone }: FigureProps): JSX.Element {
  return (
    <div class={`figure ${tone ?? ""}`}>
      <span class="figure-name">{name}</span>
      <span class="figure-value">{value}</span>
      {note && <span class="note">{note}</span>}
    </div>
  );
}

// Meter: a share from 0 to 1 as a bar. Drawn as SVG: each browser has another idea of <meter>.
export function Meter({ share, name, tone = "quiet", text }: { share: number; name: string; tone?: Tone; text: string }): JSX.Element {
  const part = Math.max(0, Math.min(share, 1));
  return (
    <svg class={`meter ${tone}`} role="meter" aria-label={name} aria-valuemin={0} aria-valuemax={1} aria-valuenow={part}
      aria-valuetext={text}>
      <rect width={`${part * 100}%`} height="100%" />
    </svg>
  );
}

export interface BarProps {
  name: string;
  shown?: ComponentChildren; // In the name's place, such as a link.
  share: number;
  text: ComponentChildren;
}

// Bar: how much of a limit is used.
export function Bar({ name, shown, share, text }: BarProps): JSX.Element {
  const tone = share >= 1 ? "bad" : share >= 0.8 ? "warn" : "good";
  return (
    <div class={shown ? "bar-row long" : "bar-row"}>
      <span class="bar-name">{shown ?? name}</span>
      <Meter share={share} name={name} tone={tone} text={percent(share)} />
      <span class="bar-text">{text}</span>
    </div>
  );
}

// Share: a part of a whole, in a cell of a table.
export function Share({ of, name }: { of: number; name: string }): JSX.Element {
  return <span class="share"><Meter share={of} name={`Share of ${name}`} text={percent(of)} /><span>{percent(of)}</span></span>;
}

// Copy: a text that is shown once, and a button that copies it.
export function Copy({ text, label = "Copy" }: { text: string; label?: string }): JSX.Element {
  const [isDone, setDone] = useState(false);
  return (
    <button type="button" class="plain small" onClick={() => {
      void navigator.clipboard.writeText(text).then(() => setDone(true), () => setDone(false));
    }}>{isDone ? "Copied" : label}</button>
  );
}
