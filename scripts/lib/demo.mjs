// The demo licence of a local service, made through the admin API like any other.

export const DEMO_CODE = "WRITER-2024-DEMO";

// seedDemo: makes the licence unless it is there already. Returns 'created' or 'exists'.
export async function seedDemo(url, adminToken) {
  const response = await fetch(new URL("/admin/licenses", url), {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ plan: "pro", code: DEMO_CODE, note: "demo licence of scripts/start" }),
  });
  const text = await response.text();
  if (response.status === 201) return "created";
  if (response.status === 409) return "exists";
  throw new Error(`the demo licence could not be made: HTTP ${response.status} ${text.slice(0, 500)}`);
}

// demoCurl: one line for a shell, whose answer shows the keys in the clear.
export function demoCurl(url) {
  const body = JSON.stringify({ license_id: DEMO_CODE, machine_id: "demo-machine", delivery: "plain" });
  return `curl -s ${new URL("/keys/provision", url)} -H 'content-type: application/json' -d '${body}'`;
}
