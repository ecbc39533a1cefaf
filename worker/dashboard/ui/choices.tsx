// Fields that are more than one line of text: several of a few, a moment, a file.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

export interface ChecksProps {
  legend: string;
  hint?: ComponentChildren;
  options: readonly (readonly [value: string, text: string, hint?: string])[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

// Checks: any of a few, in the order in which they are offered.
export function Checks({ legend, hint, options, value, onChange }: ChecksProps): JSX.Element {
  const id = useId();
  const toggle = (option: string, isOn: boolean): void =>
    onChange(options.map(([name]) => name).filter((name) => (name === option ? isOn : value.includes(name))));
  return (
    <fieldset class="choices" aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend>{legend}</legend>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <div class="choices-grid">
        {options.map(([option, text, about]) => (
          <div key={option} class="field check">
            <input
              id={`${id}-${option}`}
              type="checkbox"
              checked={value.includes(option)}
              aria-describedby={about ? `${id}-${option}-hint` : undefined}
              onChange={(event) => toggle(option, event.currentTarget.checked)}
            />
            <label for={`${id}-${option}`}>{text}</label>
            {about && (
              <p class="hint" id={`${id}-${option}-hint`}>
                {about}
              </p>
            )}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

// Moment: a day and a time in the viewer's zone.
export function Moment({
  label,
  hint,
  value,
  onInput,
}: {
  label: string;
  hint?: string;
  value: string;
  onInput: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        value={value}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

// momentOf: as the API writes it; undefined while it is none.
export function momentOf(value: string): string | undefined {
  const time = new Date(value);
  return value === "" || Number.isNaN(time.getTime()) ? undefined : `${time.toISOString().slice(0, 19)}Z`;
}

// FileText: a file of the viewer's, read as text.
export function FileText({
  label,
  hint,
  accept,
  onText,
}: {
  label: string;
  hint?: string;
  accept: string;
  onText: (text: string, name: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void file.text().then((text) => onText(text, file.name));
        }}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
