// Create one licence or many.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { LicensesCreated } from "../../api.gen.ts";
import { plural } from "../../lib/format.ts";
import { Facts } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Select, Text } from "../../ui/fields.tsx";
import { Codes } from "./codes.tsx";
import { PlanField } from "./plans.tsx";
import { budgetText, deliveriesOf, Ends, holderOf, planOf, providersOf } from "./words.tsx";

const empty = { plan: "pro", count: "1", code: "", how: "plan", until: "", seats: "", name: "", email: "", note: "" };

type Input = typeof empty;

function bodyOf({ plan, count, code, how, until, seats, name, email, note }: Input): Record<string, unknown> | undefined {
  if (!plan || !/^[1-9]\d{0,2}$/.test(count) || (how === "date" && !until)) return undefined;
  const holder = { ...(name.trim() && { name: name.trim() }), ...(email.trim() && { email: email.trim() }) };
  return {
    plan,
    count: Number(count),
    ...(count === "1" && code.trim() && { code: code.trim() }),
    ...(how === "never" && { expires_at: null }),
    ...(how === "date" && { expires_at: until }),
    ...(seats && { max_machines: Number(seats) }),
    ...(Object.keys(holder).length > 0 && { holder }),
    ...(note.trim() && { note: note.trim() }),
  };
}

export function CreateDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }): JSX.Element {
  const [input, setInput] = useState(empty);
  const set =
    (name: keyof Input) =>
    (text: string): void =>
      setInput({ ...input, [name]: text });
  const body = bodyOf(input);
  return (
    <Change<LicensesCreated>
      title="Create licences"
      verb="Create"
      onClose={onClose}
      request={body && { path: "/admin/licenses", body }}
      describe={({ licenses }) => <WillBe licenses={licenses} />}
      done={({ licenses }) => `${plural(licenses.length, "licence")} created.`}
      onDone={({ data }) => {
        onDone();
        return (
          <Codes
            file="licences.csv"
            columns={["plan", "expires_at"]}
            codes={data.licenses.map(({ id, code = "", plan, expires_at }) => ({
              id,
              code,
              columns: [plan, expires_at],
            }))}
          />
        );
      }}>
      <div class="pair">
        <PlanField label="Plan" isForNew value={input.plan} onChange={set("plan")} />
        <Text
          label="How many"
          type="number"
          min={1}
          max={500}
          value={input.count}
          onInput={set("count")}
          hint="Up to 500 at once."
        />
      </div>
      <div class="pair">
        <Select
          label="Ends"
          value={input.how}
          onChange={set("how")}
          options={[
            ["plan", "As the plan says"],
            ["date", "On a date"],
            ["never", "Never"],
          ]}
        />
        {input.how === "date" ? (
          <Text label="Date" type="date" value={input.until} onInput={set("until")} hint="Midnight UTC at its beginning." />
        ) : (
          <Text
            label="Seats"
            type="number"
            min={1}
            max={1000}
            value={input.seats}
            onInput={set("seats")}
            placeholder="As the plan says"
          />
        )}
      </div>
      {input.how === "date" && (
        <Text
          label="Seats"
          type="number"
          min={1}
          max={1000}
          value={input.seats}
          onInput={set("seats")}
          placeholder="As the plan says"
        />
      )}
      <div class="pair">
        <Text label="Holder's name" value={input.name} onInput={set("name")} maxLength={200} />
        <Text label="Holder's e-mail address" type="email" value={input.email} onInput={set("email")} maxLength={254} />
      </div>
      {input.count === "1" && (
        <Text
          label="Code"
          value={input.code}
          onInput={set("code")}
          maxLength={254}
          hint="Empty makes one that can't be guessed. Or an e-mail address, or 4 to 64 of A-Z, 0-9, hyphen, underscore and dot."
        />
      )}
      <Text
        label="Note"
        value={input.note}
        onInput={set("note")}
        maxLength={500}
        hint="For admins; its holder never sees it."
      />
    </Change>
  );
}

function WillBe({ licenses }: { licenses: LicensesCreated["licenses"] }): JSX.Element {
  const [one] = licenses;
  if (!one) return <p>Nothing would be made.</p>;
  return (
    <>
      <p>
        <strong>{plural(licenses.length, "licence")}</strong> will be created
        {licenses.length > 1 ? ", each with" : ", with"} a code that is shown once, afterwards.
      </p>
      <Facts
        rows={[
          ["Plan", planOf(one)],
          ["Ends", <Ends of={one} />],
          ["Seats", one.max_machines],
          ["Providers", providersOf(one)],
          ["Deliveries", deliveriesOf(one)],
          ["Budget", budgetText(one)],
          ["Holder", holderOf(one)],
          ["Note", one.note],
        ]}
      />
    </>
  );
}
