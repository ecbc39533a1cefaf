// The child process of server.mjs: the service on its state directory, and its cron when the parent says so.
import { readFileSync } from "node:fs";
import { start } from "../../../scripts/lib/local.mjs";

let running;

// What the parent wants to hear of: memory, and whatever goes wrong.
function onLog({ level, record }) {
  if (record?.event === "memory_grown" || level === "error") process.send({ log: { at: Date.now(), level, record } });
}

const workerdPid = () => Number(readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ")[0]);

const questions = {
  async start(config) {
    running = await start({ ...config, onLog });
    return { url: running.url.origin, workerdPid: workerdPid() };
  },
  cron: () => running.scheduled(),
  stop: () => running.stop(),
};

process.on("message", async ({ id, question, payload }) => {
  try {
    process.send({ id, value: await questions[question](payload) });
  } catch (error) {
    process.send({ id, error: error?.stack ?? String(error) });
  }
});

// The parent is gone: nobody is left to stop us.
process.on("disconnect", async () => {
  await running?.stop().catch(() => {});
  process.exit(0);
});
