// latchkey doctor: what is well with the service, what is not, and what to do. It also says what it can of a service
// that does not answer, is not configured, or refuses the token.
import { CliError, EXIT, UnauthorizedError, UnreachableError } from "./errors.mjs";
import { cell, hint, plain, print, printJson } from "./output.mjs";

const CLOCK_MS_MAX = 60_000;
const MARKS = { ok: "ok  ", warn: "WARN", fail: "FAIL" };

const check = (name, status, detail, whatToDo = null) => ({ name, status, detail, what_to_do: whatToDo });

// lookAt: whether anything answers at the address, and whether it has what it needs. Needs no token.
async function lookAt(client) {
  let health;
  let ready;
  try {
    [health, ready] = await Promise.all(["/health", "/ready"].map((path) => client.raw(path)));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const advice = "Is the address right, and the Worker deployed? See: npx wrangler tail. Beside ./scripts/start: is it running?";
    return { exit: EXIT.unreachable, checks: [check("service", "fail", error.message, advice)] };
  }
  if (health.status !== 200 || health.body?.status !== "ok") {
    const said = health.body?.message ? `: ${plain(health.body.message)}` : "";
    const detail = `${client.origin} answers HTTP ${health.status} to /health${said}`;
    const advice =
      "A setting or secret is missing or malformed, or this is another service: config_error in the log names it (npx wrangler tail).";
    return { exit: EXIT.unreachable, checks: [check("service", "fail", detail, advice)] };
  }
  const checks = [check("service", "ok", `${client.origin} answers`)];
  const failed = Object.entries(ready.body?.checks ?? {}).filter(([, result]) => result !== "ok");
  for (const [name] of failed) {
    const advice = "Look at Cloudflare's status page and at the bindings in wrangler.toml; the log says more.";
    checks.push(check(plain(name), "fail", "does not work", advice));
  }
  const isReady = ready.status === 200 && failed.length === 0;
  return { exit: isReady ? EXIT.ok : EXIT.unreachable, checks };
}

// clockHere: this machine's clock beside the service's, which was read between `begun` and `ended`.
function clockHere(time, begun, ended) {
  const service = Date.parse(time);
  const apart = service < begun ? begun - service : Math.max(0, service - ended);
  if (apart <= CLOCK_MS_MAX) return check("clock_here", "ok", "agrees with the service's");
  const detail = `${Math.round(apart / 1000)} seconds away from the service's`;
  return check("clock_here", "warn", detail, "Set this machine's clock: what it shows of times is off.");
}

// ask: what the service finds of itself.
async function ask(makeClient) {
  const begun = Date.now();
  try {
    const { data, time } = await makeClient().get("/admin/doctor");
    return { exit: EXIT.ok, checks: [...data, clockHere(time, begun, Date.now())] };
  } catch (error) {
    if (error instanceof UnauthorizedError) {
      const advice = "Give one that has the scope config:read: LATCHKEY_ADMIN_TOKEN or --token.";
      return { exit: EXIT.unauthorized, checks: [check("token", "fail", error.message, advice)] };
    }
    if (error instanceof UnreachableError) {
      const advice = "Try again in a moment; if it stays, look at Cloudflare's status page and at the log.";
      return { exit: EXIT.unreachable, checks: [check("doctor", "fail", error.message, advice)] };
    }
    if (error instanceof CliError && error.problem?.status === 404) {
      const advice = "The service is older than this command line: npm run deploy.";
      return { exit: EXIT.failed, checks: [check("doctor", "fail", "the service has no doctor", advice)] };
    }
    throw error;
  }
}

function show(checks) {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, status, detail, what_to_do: advice } of checks) {
    print(`${MARKS[status] ?? cell(status)}  ${cell(name).padEnd(width)}  ${cell(detail)}`);
    if (advice) print(`${" ".repeat(6 + width)}  -> ${plain(advice)}`);
  }
}

async function doctor({ makeClient, json }) {
  const client = makeClient();
  const seen = await lookAt(client);
  const told = seen.exit === EXIT.ok ? await ask(() => client) : { exit: seen.exit, checks: [] };
  const checks = [...seen.checks, ...told.checks];
  const count = (status) => checks.filter((one) => one.status === status).length;
  const status = count("fail") > 0 ? "fail" : count("warn") > 0 ? "warn" : "ok";
  if (json) printJson({ url: client.origin, status, checks });
  else show(checks);
  hint(`${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} failed`);
  return told.exit !== EXIT.ok ? told.exit : status === "fail" ? EXIT.failed : EXIT.ok;
}

export const doctorVerbs = [
  {
    name: "doctor",
    summary: "check the service and say what to do",
    details: `Looks at what the service needs and at what has piled up: D1, its schema, KV, clocks, cron, prices,
keys, the audit log, secrets' shape, tokens, webhooks, alerts, backups. It ends with 0 where nothing fails
(a warning is no failure), 1 where a check fails, 3 where the service can't be reached or isn't ready, and 4
where it refuses the token. It changes nothing.`,
    run: doctor,
  },
];
