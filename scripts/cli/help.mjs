// Help texts, made from the table of verbs so that they can't fall behind it.
import { GLOBAL_OPTIONS } from "./args.mjs";

const EXIT_CODES = `Exit codes:
  0  done
  1  failed: the service refused, some rows of an import are bad, or a check of doctor fails
  2  usage: wrong verb, flag, argument or file
  3  the service is not reachable, not ready or unavailable
  4  unauthorized: no admin token, or a wrong one`;

function optionLines(options) {
  const rows = Object.entries(options).map(([name, option]) => {
    const short = option.short ? `-${option.short}, ` : "";
    return [`${short}--${name}${option.value ? ` ${option.value}` : ""}`, option.help];
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`).join("\n");
}

function signature(verb) {
  return [verb.name, verb.arguments ?? ""].join(" ").trim();
}

// overview: all verbs, or those of one group ('license').
export function overview(verbs, group = null) {
  const shown = verbs.filter((verb) => !verb.isHidden && (!group || verb.name.startsWith(`${group} `)));
  const width = Math.max(...shown.map((verb) => signature(verb).length));
  const lines = shown.map((verb) => `  ${signature(verb).padEnd(width)}  ${verb.summary}`);
  return `Usage: latchkey VERB [flags]      (latchkey help VERB shows its flags)

${lines.join("\n")}

Flags of every verb:
${optionLines(GLOBAL_OPTIONS)}

Beside a running ./scripts/start, address and token are found by themselves.

${EXIT_CODES}`;
}

export function verbHelp(verb) {
  const parts = [
    `Usage: latchkey ${signature(verb)} [flags]`,
    `${verb.summary[0].toUpperCase()}${verb.summary.slice(1)}.`,
  ];
  if (verb.details) parts.push(verb.details);
  if (verb.options) parts.push(`Flags:\n${optionLines(verb.options)}`);
  parts.push(`Flags of every verb:\n${optionLines(GLOBAL_OPTIONS)}`, EXIT_CODES);
  return parts.join("\n\n");
}
