// The audit log, verified in the browser by the client module: our own code for what is signed and proved, which trusts
// neither the service's word nor its database.
import type { AuditConsistency, AuditHead, AuditInclusion, AuditRecords, Jwks } from "../api.gen.ts";
import { call } from "./api.ts";

// What is used of docs/client.md.
interface Client {
  logKeys(origin: string, jwks: Jwks): string[];
  verifyCheckpoint(note: string, keys: readonly string[]): Head;
  verifyInclusion(proof: { leaf: string; index: number; size: number; proof: readonly string[]; root: string }): void;
  verifyConsistency(proof: { oldSize: number; oldRoot: string; size: number; root: string; proof: readonly string[] }): void;
}

interface Head {
  origin: string;
  size: number;
  root: string;
}

// Finding: "note" is what could not be checked, and is no alarm.
export interface Finding {
  kind: "good" | "bad" | "note";
  text: string;
  line?: string; // The record's exact line, which is what is proved.
}

export interface Verdict {
  isGood: boolean;
  head: Head | undefined;
  findings: Finding[];
}

const address: string = CLIENT_MODULE;
export const hasVerifier = address !== "";

let loading: Promise<Client> | undefined;
// The newest head that was verified in this tab.
let seen: Head | undefined;

async function load(): Promise<Client> {
  const module = (await import(address)) as { loadClient: () => Promise<Client> };
  return module.loadClient();
}

// loaded: once for the tab; what failed is tried again.
function loaded(): Promise<Client> {
  loading ??= load().catch((error: Error) => {
    loading = undefined;
    throw new Error(`The verifier could not be loaded: ${error.message}`);
  });
  return loading;
}

// check: what the client module refuses is a finding; anything else is an error of another kind.
function check(good: string, bad: string, work: () => void): Finding {
  try {
    work();
    return { kind: "good", text: good };
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    if (name !== "ClientError" || code === "unavailable") throw error;
    return { kind: "bad", text: `${bad} ${message}` };
  }
}

const read = async <T>(path: string, query = {}): Promise<T> => (await call<T>({ path, query })).data;

// verifyLog: the newest head's signature, that the log only grew since the head seen before, and that a record is in it.
export async function verifyLog(origin: string, seq: number | undefined): Promise<Verdict> {
  const client = await loaded();
  const [newest, jwks] = await Promise.all([read<AuditHead>("/admin/audit/checkpoint"), read<Jwks>("/.well-known/jwks.json")]);
  let head: Head | undefined;
  const signature = check(
    `The head over ${newest.size} records is signed by a key of ${origin}.`,
    "The head is not signed by a key of the log.",
    () => {
      head = client.verifyCheckpoint(newest.note, client.logKeys(origin, jwks));
    },
  );
  const findings = [signature];
  if (head) {
    findings.push(await grown(client, head));
    if (seq !== undefined) findings.push(await included(client, head, seq));
  }
  const isGood = findings.every((one) => one.kind !== "bad");
  if (isGood) seen = head;
  return { isGood, head, findings };
}

async function grown(client: Client, head: Head): Promise<Finding> {
  if (!seen) return { kind: "note", text: "It is the first head that this tab verifies: the next one is held against it." };
  const { size: oldSize, root: oldRoot } = seen;
  if (head.size < oldSize) return { kind: "bad", text: `This tab saw ${oldSize} records before: the log shrank.` };
  if (head.size === oldSize) {
    return head.root === oldRoot
      ? { kind: "good", text: "It is the head that this tab verified before." }
      : { kind: "bad", text: `This tab saw another root over the same ${oldSize} records: the log was rewritten.` };
  }
  const { hashes } = await read<AuditConsistency>("/admin/audit/proof/consistency", { from: oldSize, to: head.size });
  return check(
    `The log only grew: its first ${oldSize} records are those that this tab verified before.`,
    `The first ${oldSize} records are not those of before.`,
    () => client.verifyConsistency({ oldSize, oldRoot, size: head.size, root: head.root, proof: hashes }),
  );
}

async function included(client: Client, head: Head, seq: number): Promise<Finding> {
  if (seq > head.size)
    return { kind: "note", text: `Record ${seq} is not under this head yet: make a checkpoint, then verify it.` };
  const [{ data }, { hashes }] = await Promise.all([
    read<AuditRecords>("/admin/audit/records", { after: seq - 1, limit: 1 }),
    read<AuditInclusion>("/admin/audit/proof/inclusion", { seq, size: head.size }),
  ]);
  const line = data[0] ?? "";
  const finding = check(
    `Record ${seq} stands in the log under this head, with this line:`,
    `Record ${seq} is not what was signed.`,
    () => client.verifyInclusion({ leaf: line, index: seq - 1, size: head.size, proof: hashes, root: head.root }),
  );
  return { ...finding, line };
}
