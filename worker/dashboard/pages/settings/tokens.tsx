// Admin tokens: who has one, making and revoking them, and the bootstrap token.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AdminToken, AdminTokenList, Bootstrap } from "../../api.gen.ts";
import { usePages, useResource } from "../../lib/resource.ts";
import { useSession } from "../../lib/session.ts";
import { Badge, Button, Loaded, Section, Time, type Tone } from "../../ui/basics.tsx";
import { Change } from "../../ui/dialog.tsx";
import { Pager, Table, type Column } from "../../ui/table.tsx";
import { NewToken } from "./token_form.tsx";

const rowsPerPage = 50;
const tones: Record<AdminToken["status"], Tone> = { active: "good", expired: "quiet", revoked: "bad" };

export function Tokens(): JSX.Element {
  const tokens = usePages<AdminTokenList>("/admin/tokens", {}, rowsPerPage);
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<AdminToken>();
  const { token_id: own } = useSession();
  const columns: Column<AdminToken>[] = [
    {
      head: "Name",
      cell: ({ id, name, hint }) => (
        <>
          {name}
          {id === own && (
            <>
              {" "}
              <Badge tone="info">yours</Badge>
            </>
          )}
          <div class="note mono">{hint}</div>
        </>
      ),
    },
    { head: "State", cell: ({ status }) => <Badge tone={tones[status]}>{status}</Badge> },
    { head: "Scopes", cell: ({ scopes }) => (scopes.includes("*") ? "Everything" : scopes.join(", ")) },
    { head: "Ends", cell: ({ expires_at: at }) => (at ? <Time value={at} /> : "Never") },
    { head: "Last used", cell: ({ last_used_at: at }) => (at ? <Time value={at} relative /> : "Never") },
    {
      head: "Made",
      cell: ({ created_at: at, created_by: by }) => (
        <>
          <Time value={at} />
          <div class="note">{by}</div>
        </>
      ),
    },
    {
      head: "Change",
      cell: (token) =>
        token.status !== "active" ? null : (
          <Button scope="tokens:write" label={`Revoke ${token.name}`} onClick={() => setAsked(token)}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <>
      <Section
        title="Named tokens"
        actions={
          <Button kind="primary" scope="tokens:write" onClick={() => setMaking(true)}>
            New token
          </Button>
        }>
        <Loaded of={tokens}>
          {({ data }) => (
            <Table
              caption="Admin tokens, newest first"
              columns={columns}
              rows={data}
              keyOf={({ id }) => id}
              empty="Everybody who comes in uses the bootstrap token. Choose New token, one for each person and machine."
            />
          )}
        </Loaded>
        <Pager of={tokens} noun="tokens" />
      </Section>
      <BootstrapSwitch />
      {isMaking && <NewToken onClose={() => setMaking(false)} onDone={tokens.reload} />}
      {asked && (
        <Change<AdminToken>
          title={`Revoke ${asked.name}`}
          verb="Revoke it"
          isDangerous
          onClose={() => setAsked(undefined)}
          onDone={tokens.reload}
          request={{ method: "DELETE", path: `/admin/tokens/${asked.id}` }}
          describe={({ name }) => (
            <p>
              The token {name} is refused from its next request on, for good.
              {asked.id === own && <strong> It is the one that you are signed in with.</strong>}
            </p>
          )}
          done={({ name }) => `The token ${name} is revoked.`}
        />
      )}
    </>
  );
}

function BootstrapSwitch(): JSX.Element {
  const bootstrap = useResource<Bootstrap>("/admin/tokens/bootstrap");
  const [isAsked, setAsked] = useState(false);
  const { kind } = useSession();
  return (
    <Section
      title="Bootstrap token"
      note="ADMIN_TOKEN, the Worker secret, may do everything and never ends. Switch it off once your own token can make tokens.">
      <Loaded of={bootstrap}>
        {({ enabled }) => (
          <>
            <div class="actions">
              {enabled ? <Badge tone="warn">on</Badge> : <Badge tone="good">off</Badge>}
              <Button scope="tokens:write" onClick={() => setAsked(true)}>
                {enabled ? "Switch it off" : "Switch it on"}
              </Button>
            </div>
            {isAsked && (
              <Change<Bootstrap>
                title={enabled ? "Switch the bootstrap token off" : "Switch the bootstrap token on"}
                verb={enabled ? "Switch it off" : "Switch it on"}
                isDangerous={enabled}
                request={{ method: "PUT", path: "/admin/tokens/bootstrap", body: { enabled: !enabled } }}
                onClose={() => setAsked(false)}
                onDone={bootstrap.reload}
                describe={({ enabled: isOn }) => (
                  <p>
                    {isOn ? "Who has ADMIN_TOKEN may do everything." : "ADMIN_TOKEN is refused from its next request on."}
                    {!isOn && kind === "bootstrap" && (
                      <strong> You are signed in with it, and will be asked for another token.</strong>
                    )}
                  </p>
                )}
                done={({ enabled: isOn }) => `The bootstrap token is ${isOn ? "on" : "off"}.`}
              />
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}
