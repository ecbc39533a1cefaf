// A licence on the command line: how one is named and shown.
import { UsageError } from "./errors.mjs";
import { cell, printFields, Table, when } from "./output.mjs";

export const STATUSES = ["active", "suspended", "revoked", "expired"];

// licensePath: the API path of a licence named by id. A code is refused: codes do not
// belong in a process list or a shell history.
export function licensePath(id) {
  if (!/^lic_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a licence id (lic_...).`, [
      'Find the id with: latchkey license list --holder "name or e-mail"',
    ]);
  }
  return `/admin/licenses/${id}`;
}

function machines(license) {
  return `${license.machines_used ?? "?"}/${license.max_machines ?? "?"}`;
}

function expires(license) {
  if (license.first_use_days) return `${cell(license.first_use_days)} days after its first use`;
  return when(license.expires_at, "never");
}

function holder(license) {
  const { name, email } = license.holder ?? {};
  if (name && email) return cell(`${name} <${email}>`);
  return cell(name ?? email);
}

function status(license) {
  return license.status_reason
    ? `${cell(license.status)} (${cell(license.status_reason)})`
    : cell(license.status);
}

export function listTable() {
  return new Table([
    ["ID", (row) => cell(row.id)],
    ["CODE", (row) => cell(row.code_hint)],
    ["PLAN", (row) => cell(row.plan)],
    ["STATUS", (row) => cell(row.status)],
    ["EXPIRES (UTC)", (row) => when(row.expires_at, "never")],
    ["MACHINES", machines],
    ["LAST PROVISION", (row) => when(row.last_provision_at, "never")],
    ["HOLDER", holder],
  ]);
}

function budgetText(budget = {}) {
  const limits = Object.entries(budget).filter(([, amount]) => amount !== null);
  return limits.length > 0 ? limits.map(([name, amount]) => `${name} $${cell(amount)}`).join(", ") : "none";
}

export function printLicense(license) {
  printFields([
    ["id", cell(license.id)],
    ...(license.code ? [["code", cell(license.code)]] : [["code hint", cell(license.code_hint)]]),
    ["kind", cell(license.kind)],
    ["plan", cell(license.plan_version ? `${license.plan} (version ${license.plan_version})` : license.plan)],
    ["status", status(license)],
    ["expires", expires(license)],
    ["machines", machines(license)],
    ...(license.providers ? [["providers", cell(license.providers.join(","))]] : []),
    ...(license.deliveries ? [["deliveries", cell(license.deliveries.join(","))]] : []),
    ...(license.enforcement ? [["budget", `${budgetText(license.budget)} (${cell(license.enforcement)})`]] : []),
    ["holder", holder(license)],
    ["note", cell(license.note)],
    ["first provision", when(license.first_provision_at, "never")],
    ["last provision", when(license.last_provision_at, "never")],
    ["created", when(license.created_at)],
    ["updated", when(license.updated_at)],
  ]);
}
