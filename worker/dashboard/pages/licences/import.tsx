// Import a list of licences: choose a file, check it, import it, and see what became of each line.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { count, plural } from "../../lib/format.ts";
import { Button, Page, Section, Trouble } from "../../ui/basics.tsx";
import type { Filters } from "./filters.ts";
import { columns, readList, type ImportList } from "./import_rows.ts";
import { ImportRun } from "./import_run.tsx";
import { Tabs } from "./tabs.tsx";

const fileBytesMax = 64 * 1024 * 1024;

interface Chosen {
  name: string;
  list: ImportList;
}

async function read(file: File): Promise<Chosen> {
  if (file.size > fileBytesMax) throw new Error("The file is over 64 MiB: cut it, or use latchkey license import.");
  return { name: file.name, list: readList(await file.arrayBuffer()) };
}

export function ImportPage({ back }: { back: Filters }): JSX.Element {
  const [chosen, setChosen] = useState<Chosen>();
  const [error, setError] = useState<Error>();
  const [turn, setTurn] = useState(0);
  const [mode, setMode] = useState<"check" | "import">();
  const choose = async (file: File | undefined): Promise<void> => {
    setError(undefined);
    setChosen(undefined);
    setMode(undefined);
    try {
      if (file) setChosen(await read(file));
    } catch (reason) {
      setError(reason as Error);
    }
  };
  const begin = (wanted: "check" | "import"): void => {
    setTurn(turn + 1);
    setMode(wanted);
  };
  return (
    <>
      <Page
        title="Import licences"
        lead="A list in CSV, with a report for each line. A licence that exists already is left as it is."
      />
      <Tabs current="import" back={back} />
      <Section title="The list">
        <FileField onChoose={(file) => void choose(file)} />
        <Trouble error={error} />
        {chosen && <Found of={chosen} />}
        {chosen && chosen.list.rows.length > 0 && (
          <div class="actions">
            <Button kind={mode ? "plain" : "primary"} scope="licenses:write" onClick={() => begin("check")}>
              Check
            </Button>
            <Button
              kind={mode ? "primary" : "plain"}
              scope="licenses:write"
              disabled={!mode}
              why="Check the list first."
              onClick={() => begin("import")}>
              Import {plural(chosen.list.rows.length, "row")}
            </Button>
          </div>
        )}
      </Section>
      {chosen && mode && <ImportRun key={turn} list={chosen.list} isDry={mode === "check"} name={chosen.name} />}
      {!chosen && <Format />}
    </>
  );
}

function FileField({ onChoose }: { onChoose: (file: File | undefined) => void }): JSX.Element {
  return (
    <div class="field">
      <label for="import-file">CSV file</label>
      <input
        id="import-file"
        type="file"
        accept=".csv,text/csv"
        aria-describedby="import-hint"
        onChange={(event) => onChoose(event.currentTarget.files?.[0])}
      />
      <p class="hint" id="import-hint">
        It is read here, in the browser, and sent in slices of 500 rows.
      </p>
    </div>
  );
}

function Found({
  of: {
    list: { rows, problems, numWithoutCode },
  },
}: {
  of: Chosen;
}): JSX.Element {
  return (
    <div role="status" class="stack">
      <p>
        <strong>{plural(rows.length, "row")}</strong> can be read
        {problems.length > 0 && (
          <>
            , <strong>{plural(problems.length, "line")}</strong> can't and {problems.length === 1 ? "is" : "are"} left out
          </>
        )}
        .
      </p>
      {numWithoutCode > 0 && (
        <p class="caution">
          {plural(numWithoutCode, "row")} {numWithoutCode === 1 ? "has" : "have"} neither code nor e-mail address. Each gets a
          new code, shown once at the end; imported again, each would get another one.
        </p>
      )}
      {rows.length === 0 && problems.length === 0 && <p>There is nothing below the header.</p>}
      {rows.length === 0 &&
        problems.slice(0, 10).map(({ line, message }) => (
          <p key={line} class="note">
            Line {count(line)}: {message}
          </p>
        ))}
    </div>
  );
}

const sample = `email,plan,expires_at,max_machines,note
ada@example.com,pro,2027-12-31,3,"From the old shop, paid"
grace@example.com,pro,never,,
`;

function Format(): JSX.Element {
  return (
    <Section title="What the file looks like">
      <p>
        A header names its columns, in any order:{" "}
        {columns.map((name, at) => (
          <>
            {at > 0 && ", "}
            <code>{name}</code>
          </>
        ))}
        .
      </p>
      <pre class="sample" tabIndex={0}>
        {sample}
      </pre>
      <p class="note">
        Where <code>code</code> is empty, the e-mail address is the licence; where both are, a code is generated. An empty field
        takes what the plan says. It can be imported again at any time: what exists is left as it is.
      </p>
    </Section>
  );
}
