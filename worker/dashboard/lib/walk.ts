// Walks: long work done in slices, one request after another, that can be stopped, and goes on where it failed.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Walk {
  isRunning: boolean;
  error: Error | undefined;
  start: () => void; // Also: go on.
  stop: () => void;
}

// useWalk: step does the next slice and gives whether there is another. Where it throws, start does the same one again.
export function useWalk(step: () => Promise<boolean>): Walk {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<Error>();
  const latest = useRef(step);
  latest.current = step;
  const isWanted = useRef(false);
  const isBusy = useRef(false);

  const start = useCallback(() => {
    isWanted.current = true;
    if (isBusy.current) return;
    isBusy.current = true;
    setError(undefined);
    setRunning(true);
    const walk = async (): Promise<void> => {
      while (isWanted.current && (await latest.current()));
    };
    walk()
      .catch((reason: Error) => setError(reason))
      .finally(() => {
        isBusy.current = false;
        isWanted.current = false;
        setRunning(false);
      });
  }, []);
  const stop = useCallback(() => {
    isWanted.current = false;
  }, []);

  // Nobody leaves by mistake while it goes on; who leaves the page within the dashboard stops it.
  useEffect(() => {
    if (!isRunning) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isRunning]);
  useEffect(() => stop, [stop]);
  return { isRunning, error, start, stop };
}
