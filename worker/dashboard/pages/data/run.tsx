// One query: what it takes, and what it answered. What is filled in stands in the address; the answer does not.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { QueryAnswer } from "../../api.gen.ts";
import { call } from "../../lib/api.ts";
import { plural } from "../../lib/format.ts";
import { isId, setQuery, type Route } from "../../lib/route.ts";
import { Button, Section, Trouble } from "../../ui/basics.tsx";
import { Text } from "../../ui/fields.tsx";
import { readable, type StoredQuery } from "../data.tsx";
import { Result } from "./result.tsx";

type Parameter = StoredQuery["parameters"][number];
type Values = Readonly<Record<string, string>>;

const rowsMax = 1000;
const initialOf = ({ name, default: usual }: Parameter, route: Route): string =>
  route.query[name] ?? (usual === undefined ? "" : String(usual));

export function Run({ query, route }: { query: StoredQuery; route: Route }): JSX.Element {
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(query.parameters.map((one) => [one.name, initialOf(one, route)])),
  );
  const { answer, error, isBusy, run } = useRun(query, values);
  const isComplete = query.parameters.every(({ name, required }) => !required || values[name]?.trim());

  const set = (parameter: Parameter, value: string): void => {
    setValues({ ...values, [parameter.name]: value });
    const isUsual = value === String(parameter.default ?? "");
    // Of texts only ids go into the address: somebody may fill in a licence's code.
    setQuery(route, {
      [parameter.name]: !isUsual && (parameter.type === "integer" || isId(value)) ? value : undefined,
    });
  };

  return (
    <>
      <Section title={query.title} note={query.description}>
        <form
          class="ask"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isBusy && isComplete) void run();
          }}>
          {query.parameters.map((parameter) => (
            <Field
              key={parameter.name}
              parameter={parameter}
              value={values[parameter.name] ?? ""}
              onInput={(value) => set(parameter, value)}
            />
          ))}
          <div class="actions">
            <Button type="submit" kind="primary" isBusy={isBusy} disabled={!isComplete} why="Fill in the fields first.">
              Run
            </Button>
          </div>
        </form>
        <Trouble error={error} retry={() => void run()} />
      </Section>
      <p class="hidden" role="status">
        {answer && `${plural(answer.rows.length, "row")}${answer.truncated ? ", and there are more" : ""}.`}
      </p>
      {answer && <Result query={query} answer={answer} />}
    </>
  );
}

function Field({
  parameter,
  value,
  onInput,
}: {
  parameter: Parameter;
  value: string;
  onInput: (value: string) => void;
}): JSX.Element {
  const { name, description, type, required, minimum, maximum } = parameter;
  const label = readable(name);
  if (type === "text")
    return <Text label={label} hint={description} value={value} onInput={onInput} required={required} maxLength={200} />;
  return (
    <Text
      label={label}
      type="number"
      value={value}
      onInput={onInput}
      required
      hint={`${description} ${minimum?.toLocaleString("en-GB")} to ${maximum?.toLocaleString("en-GB")}.`}
      {...(minimum !== undefined && { min: minimum })}
      {...(maximum !== undefined && { max: maximum })}
    />
  );
}

function useRun(query: StoredQuery, values: Values) {
  const [answer, setAnswer] = useState<QueryAnswer>();
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const parameters = Object.fromEntries(
        query.parameters.map(({ name, type }) => {
          const text = (values[name] ?? "").trim();
          return [name, type === "integer" ? Number(text) : text];
        }),
      );
      const { data } = await call<QueryAnswer>({
        method: "POST",
        path: `/admin/queries/${encodeURIComponent(query.name)}`,
        body: { parameters, limit: rowsMax },
      });
      setAnswer(data);
    } catch (reason) {
      setError(reason as Error);
    }
    setBusy(false);
  };
  return { answer, error, isBusy, run };
}
