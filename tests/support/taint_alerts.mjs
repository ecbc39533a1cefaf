// The requests of the routes of alerts and webhooks, for taint.test.mjs: good ones, and bad ones that put secrets where they
// do not belong.

// alertRoutes: route to its requests. `server` gives the world and a webhook's receiver, which begin after this is called.
export function alertRoutes({ ask, asAdmin, random, text, server }) {
  // alertId: of an alert that is open. The first of each run is put there by hand.
  let numAlerts = 0;
  async function alertId() {
    const { body } = await ask("GET", "/admin/alerts?state=open", undefined, asAdmin());
    if (body?.data?.[0]) return body.data[0].id;
    const id = `alr_${String(++numAlerts).padStart(26, "0")}`;
    await server().world.db
      .prepare("INSERT INTO alerts VALUES (?, 'cron_failed', ?, 'warning', 0, 'open', '{}', 3, 3, 1, 2, NULL, NULL, NULL, NULL, NULL)")
      .bind(id, id)
      .run();
    return id;
  }

  const alertActs = (act, body, headers) => [
    async () => ask("POST", `/admin/alerts/${await alertId()}/${act}`, body, asAdmin(headers)),
  ];

  // webhookId: of the newest one, with a token in its URL.
  async function webhookId() {
    const { body } = await ask("GET", "/admin/webhooks", undefined, asAdmin());
    if (body?.data?.length > 0) return body.data.at(-1).id;
    const url = `${server().receiver.url}?token=${text.urlToken}`;
    return (await ask("POST", "/admin/webhooks", { name: "made again", url }, asAdmin())).body.id;
  }

  return {
    "GET /admin/alert-rules": (headers) => [() => ask("GET", "/admin/alert-rules", undefined, asAdmin(headers))],
    "PUT /admin/alert-rules/{kind}": (headers) => [
      () => ask("PUT", "/admin/alert-rules/cron_failed", { enabled: true }, asAdmin(headers)),
      () => ask("PUT", `/admin/alert-rules/${text.machine}`, { severity: text.machine }, asAdmin(headers)),
      () => ask("PUT", "/admin/alert-rules/cron_failed", { severity: text.machine }, asAdmin(headers)),
    ],
    "GET /admin/alerts": (headers) => [
      () => ask("GET", "/admin/alerts", undefined, asAdmin(headers)),
      () => ask("GET", `/admin/alerts?kind=${text.machine}&cursor=${text.machine}`, undefined, asAdmin(headers)),
    ],
    "GET /admin/alerts/{alert_id}": (headers) => [
      async () => ask("GET", `/admin/alerts/${await alertId()}`, undefined, asAdmin(headers)),
      () => ask("GET", `/admin/alerts/${text.machine}`, undefined, asAdmin(headers)),
    ],
    "POST /admin/alerts/{alert_id}/acknowledge": (headers) => alertActs("acknowledge", {}, headers),
    "POST /admin/alerts/{alert_id}/resolve": (headers) => alertActs("resolve", {}, headers),
    "POST /admin/alerts/{alert_id}/snooze": (headers) => [
      ...alertActs("snooze", { minutes: 1 }, headers),
      ...alertActs("snooze", { until: text.machine }, headers),
    ],
    "GET /admin/webhooks": (headers) => [() => ask("GET", "/admin/webhooks", undefined, asAdmin(headers))],
    "POST /admin/webhooks": (headers) => {
      const send = (body, more) => ask("POST", "/admin/webhooks", body, asAdmin({ ...headers, ...more }));
      const wanted = { name: "hook", url: `${server().receiver.url}?token=${text.urlToken}` };
      const key = { "idempotency-key": random(20) };
      return [
        () => send(wanted, key),
        () => send(wanted, key),
        () => send({ ...wanted, url: `https://10.0.0.1/${text.urlToken}` }),
        () => send({ ...wanted, url: `https://${text.urlToken}@hooks.example` }),
        () => send({ ...wanted, events: [text.machine], min_severity: text.machine }),
      ];
    },
    "GET /admin/webhooks/{webhook_id}": (headers) => [
      async () => ask("GET", `/admin/webhooks/${await webhookId()}`, undefined, asAdmin(headers)),
      () => ask("GET", `/admin/webhooks/${text.urlToken}`, undefined, asAdmin(headers)),
    ],
    "PATCH /admin/webhooks/{webhook_id}": (headers) => [
      async () => {
        const url = `${server().receiver.url}?token=${text.urlToken}&again`;
        return ask("PATCH", `/admin/webhooks/${await webhookId()}`, { url, state: "active" }, asAdmin(headers));
      },
      async () => ask("PATCH", `/admin/webhooks/${await webhookId()}`, { url: text.urlToken }, asAdmin(headers)),
    ],
    "POST /admin/webhooks/{webhook_id}/test": (headers) => [
      async () => ask("POST", `/admin/webhooks/${await webhookId()}/test`, {}, asAdmin(headers)),
    ],
    "GET /admin/webhooks/{webhook_id}/deliveries": (headers) => [
      async () => ask("GET", `/admin/webhooks/${await webhookId()}/deliveries`, undefined, asAdmin(headers)),
    ],
    "POST /admin/webhooks/deliveries/{delivery_id}/redeliver": (headers) => [
      async () => {
        const { body } = await ask("GET", `/admin/webhooks/${await webhookId()}/deliveries`, undefined, asAdmin());
        const id = body?.data?.[0]?.id ?? "msg_none";
        return ask("POST", `/admin/webhooks/deliveries/${id}/redeliver`, {}, asAdmin(headers));
      },
      () => ask("POST", `/admin/webhooks/deliveries/${text.urlToken}/redeliver`, {}, asAdmin(headers)),
    ],
    "POST /admin/webhooks/{webhook_id}/rotate-secret": (headers) => [
      async () => ask("POST", `/admin/webhooks/${await webhookId()}/rotate-secret`, {}, asAdmin(headers)),
    ],
    "DELETE /admin/webhooks/{webhook_id}": (headers) => [
      async () => ask("DELETE", `/admin/webhooks/${await webhookId()}`, undefined, asAdmin(headers)),
      () => ask("DELETE", `/admin/webhooks/${text.urlToken}`, undefined, asAdmin(headers)),
    ],
  };
}
