// The table of what each endpoint costs.
import { readFile, writeFile } from "node:fs/promises";

const file = new URL("costs.json", import.meta.url);

export const readCosts = async () => JSON.parse(await readFile(file, "utf8"));

// writeCosts: one endpoint a line.
export async function writeCosts(costs) {
  const lines = Object.entries(costs).map(
    ([name, cost]) => `  ${JSON.stringify(name)}: ${JSON.stringify(cost)}`,
  );
  await writeFile(file, `{\n${lines.join(",\n")}\n}\n`);
}
