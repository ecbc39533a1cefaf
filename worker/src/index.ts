// The Worker. It moves bytes between the platform and the core (wasm/) and performs the
// operations that the core asks for. Routes, SQL, policy and the shape of answers are the core's.
import { build, wasmSha256 } from "../../build/wasm/build.js";
import module from "../../build/wasm/latchkey.wasm";
import type { Env } from "./env.ts";
import { requestFrame, toResponse, unavailable } from "./http.ts";
import { Core } from "./instance.ts";

const core = new Core(module, { LATCHKEY_WASM_SHA256: wasmSha256, LATCHKEY_BUILD: build });

export default {
  async fetch(request, env, ctx) {
    const exchange = core.begin(env, "begin_request", requestFrame(request), request);
    // A client that goes away does not cut off work that the core has begun.
    if (exchange && !exchange.isFinished) ctx.waitUntil(exchange.finished);
    const answer = await exchange?.answered;
    return answer ? toResponse(answer) : unavailable();
  },

  async scheduled(controller, env) {
    const exchange = core.begin(env, "begin_scheduled", [1, "cron", controller.cron]);
    const answer = await exchange?.answered;
    await exchange?.finished;
    if (!answer) throw new Error("scheduled work failed");
  },
} satisfies ExportedHandler<Env>;
