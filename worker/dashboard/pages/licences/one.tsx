// One licence: what it is, what it uses, how it looks, what was done to it, and what can be done.
import type { JSX } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { License } from "../../api.gen.ts";
import { useResource } from "../../lib/resource.ts";
import { href } from "../../lib/route.ts";
import { Button, Copy, Facts, Loaded, Page, Section, Time } from "../../ui/basics.tsx";
import type { Filters } from "./filters.ts";
import { History } from "./history.tsx";
import { Machines } from "./machines.tsx";
import { OneActs, OneDialog, type OneAct } from "./one_acts.tsx";
import { AnomalySection, SharingSection } from "./trust.tsx";
import { Use } from "./use.tsx";
import { budgetText, deliveriesOf, Ends, holderOf, planOf, providersOf, Status } from "./words.tsx";

export function OneLicence({ id, back }: { id: string; back: Filters }): JSX.Element {
  const license = useResource<License>(`/admin/licenses/${encodeURIComponent(id)}`);
  const [act, setAct] = useState<OneAct>();
  // Moves with each change, so that what stands below is read anew.
  const [turn, setTurn] = useState(0);
  const { reload } = license;
  const changed = useCallback(() => {
    reload();
    setTurn((old) => old + 1);
  }, [reload]);
  const { data } = license;
  return (
    <>
      <nav class="crumbs" aria-label="Way back">
        <a href={href(["licences"], { ...back })}>Licences</a>
      </nav>
      <Page
        title={data ? `Licence ${data.code_hint}` : "Licence"}
        lead={
          data && (
            <>
              <Status of={data} /> {holderOf(data)}
            </>
          )
        }
        actions={data && <OneActs of={data} open={setAct} />}
      />
      <Loaded of={license}>
        {(one) => (
          <div class="grid">
            <Section
              title="Terms"
              wide
              actions={
                <Button scope="licenses:write" onClick={() => setAct("note")}>
                  {one.note ? "Edit the note" : "Add a note"}
                </Button>
              }>
              <Terms of={one} />
            </Section>
            <Use id={one.id} turn={turn} created={one.created_at} />
            <Machines license={one} turn={turn} onChange={changed} />
            <SharingSection license={one} etag={license.etag} turn={turn} onChange={changed} />
            <AnomalySection license={one} turn={turn} />
            <History id={one.id} turn={turn} />
          </div>
        )}
      </Loaded>
      {data && act && (
        <OneDialog
          act={act}
          license={data}
          etag={license.etag}
          onClose={() => setAct(undefined)}
          onDone={changed}
          onStale={reload}
        />
      )}
    </>
  );
}

function Terms({ of }: { of: License }): JSX.Element {
  const own = (name: keyof License["overrides"], text: string | number | JSX.Element): JSX.Element =>
    of.overrides[name] === undefined ? (
      <>{text}</>
    ) : (
      <>
        {text} <span class="note">(its own)</span>
      </>
    );
  return (
    <>
      <Facts
        rows={[
          ["Plan", planOf(of)],
          ["Ends", own("expires_at", <Ends of={of} />)],
          ["Seats", own("max_machines", `${of.machines_used} of ${of.max_machines} taken`)],
          ["Budget", own("budget", budgetText(of))],
          ["Providers", own("providers", providersOf(of))],
          ["Deliveries", own("deliveries", deliveriesOf(of))],
          ["Holder's name", of.holder?.name],
          ["Holder's e-mail address", of.holder?.email],
          ["First used", <Time value={of.first_provision_at} />],
          ["Last used", <Time value={of.last_provision_at} />],
          ["Created", <Time value={of.created_at} />],
          ["Changed", <Time value={of.updated_at} />],
          [
            "Id",
            <>
              <code>{of.id}</code> <Copy text={of.id} />
            </>,
          ],
          [
            "Code",
            <>
              <code>{of.code_hint}</code>{" "}
              <span class="note">
                ({of.kind === "code" ? "chosen" : of.kind === "email" ? "an e-mail address" : "generated"})
              </span>
            </>,
          ],
        ]}
      />
      {of.note && (
        <p class="quote">
          <span class="note">Note</span> {of.note}
        </p>
      )}
    </>
  );
}
