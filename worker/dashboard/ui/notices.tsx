// What happened, said where everybody hears it; it stays until it is closed or the next one comes.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

let listener: (text: string) => void = () => {};

export function announce(text: string): void {
  listener(text);
}

export function Notices(): JSX.Element {
  const [text, setText] = useState("");
  useEffect(() => {
    listener = setText;
    return () => {
      listener = () => {};
    };
  }, []);
  return (
    <div class="notices" role="status" aria-live="polite">
      {text && (
        <p>
          {text}{" "}
          <button type="button" class="plain small" aria-label="Dismiss" onClick={() => setText("")}>
            ✕
          </button>
        </p>
      )}
    </div>
  );
}
