// A Worker whose bindings and core fail on demand, for one request, by its headers:
//   x-db, x-kv  how the binding behaves: "dead" rejects; "late" does the work and then rejects;
//               "hangs" never answers; "slow" answers after 400 ms; "garbage" answers nonsense;
//               "dead from N" rejects from its Nth use in this request on
//   x-cron-db, x-cron-kv  the same for the next run of cron
//   x-trap      an import of the core that throws at its next call: "now_ms", "start_op", "respond"
// The bundle itself is unchanged.
export const failing = `
  import worker from "./index.js";
  const armed = new Set();
  const Real = WebAssembly.Instance;
  WebAssembly.Instance = function (module, imports) {
    const latchkey = {};
    for (const [name, real] of Object.entries(imports.latchkey)) {
      latchkey[name] = (...args) => {
        if (armed.delete(name)) throw new Error("test: " + name + " fails");
        return real(...args);
      };
    }
    return new Real(module, { ...imports, latchkey });
  };
  const garbage = {
    batch: [{ results: [], meta: {} }],
    get: new TextEncoder().encode('{"nonsense":[').buffer,
  };
  function behaves(binding, names, how) {
    if (!how) return binding;
    let uses = 0;
    const from = Number(/^dead from (\\d+)$/.exec(how)?.[1] ?? 1);
    return new Proxy(binding, {
      get(target, name) {
        const member = target[name];
        if (!names.includes(name)) return typeof member === "function" ? member.bind(target) : member;
        return async (...args) => {
          uses++;
          if (how === "hangs") return new Promise(() => {});
          if (how === "slow") await new Promise((resolve) => setTimeout(resolve, 400));
          if (how === "garbage") return garbage[name];
          if (how.startsWith("dead") && uses >= from) throw new Error("test: " + String(name) + " fails");
          const result = await member.apply(target, args);
          if (how === "late") throw new Error("test: " + String(name) + " fails");
          return result;
        };
      },
    });
  }
  const withBindings = (env, db, kv) => ({
    ...env,
    DB: behaves(env.DB, ["batch"], db),
    KV: behaves(env.KV, ["get", "put", "delete", "list"], kv),
  });
  let cron = {};
  export default {
    fetch(request, env, ctx) {
      const how = (name) => request.headers.get(name);
      if (how("x-cron-db") || how("x-cron-kv")) cron = { db: how("x-cron-db"), kv: how("x-cron-kv") };
      if (how("x-trap")) armed.add(how("x-trap"));
      return worker.fetch(request, withBindings(env, how("x-db"), how("x-kv")), ctx);
    },
    scheduled(controller, env, ctx) {
      const { db, kv } = cron;
      cron = {};
      return worker.scheduled(controller, withBindings(env, db, kv), ctx);
    },
  };`;
