// The two pages that go over all licences.
import type { JSX } from "preact";
import { href } from "../../lib/route.ts";
import type { Filters } from "./filters.ts";

export function Tabs({ current, back }: { current: "list" | "import"; back: Filters }): JSX.Element {
  return (
    <nav class="tabs" aria-label="Licences">
      <a href={href(["licences"], { ...back })} aria-current={current === "list" ? "page" : undefined}>
        All licences
      </a>
      <a href={href(["licences", "import"])} aria-current={current === "import" ? "page" : undefined}>
        Import
      </a>
    </nav>
  );
}
