// Bars for what has names in place of times: one a row, the longest is the most.
import type { JSX } from "preact";
import { Meter } from "./basics.tsx";

export interface BarsProps {
  title: string;
  rows: readonly { name: string; value: number }[];
  write: (value: number) => string;
}

export function Bars({ title, rows, write }: BarsProps): JSX.Element {
  const most = Math.max(0, ...rows.map(({ value }) => value)) || 1;
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <ul class="bars">
        {rows.map(({ name, value }) => (
          <li key={name} class="bar-row long">
            <span class="bar-name">{name}</span>
            <Meter share={value / most} name={name} text={write(value)} />
            <span class="bar-text">{write(value)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
