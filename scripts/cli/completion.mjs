// latchkey completion: what the shell offers at Tab, made from the table of verbs. The printed scripts ask
// `latchkey complete`, so they need no change when verbs do.
import { PROVIDERS } from "../lib/secrets.mjs";
import { GLOBAL_OPTIONS } from "./args.mjs";
import { UsageError } from "./errors.mjs";
import { print } from "./output.mjs";

// FILES: the shell's own completion of files takes over.
export const FILES = ":files";

const firstLine = (text) => text.split("\n")[0];

// nextWords: the words that may follow those of a verb's name, with the summary where a verb ends there.
function nextWords(words, verbs) {
  const found = new Map();
  for (const verb of verbs) {
    const name = verb.name.split(" ");
    if (name.length <= words.length || !words.every((word, i) => word === name[i])) continue;
    const word = name[words.length];
    const isWhole = name.length === words.length + 1;
    found.set(word, found.has(word) || !isWhole ? "" : verb.summary);
  }
  return [...found];
}

// valuesOf: what is known of a value by its name in the help text: on|off, PROVIDER, FILE.
function valuesOf(name, choices = name === "PROVIDER" ? PROVIDERS : null) {
  if (choices) return choices.map((choice) => [choice, ""]);
  if (name.includes("|")) return name.split("|").map((choice) => [choice, ""]);
  return name === "FILE" ? [[FILES, ""]] : [];
}

// candidates: [[word, description], ...] for the last of `words`, which is what was typed of it so far.
export function candidates(words, verbs) {
  // bash takes --flag=value apart.
  const typed = words.at(-1) === "=" ? "" : (words.at(-1) ?? "");
  const before = words.slice(0, -1).filter((word) => word !== "=");
  // 1. The verb, as far as it stands there; its flags and arguments.
  const name = [];
  const flags = new Set();
  let verb = null;
  let open = null; // the flag whose value comes next
  let numArguments = 0;
  for (const word of before) {
    const options = { ...verb?.options, ...GLOBAL_OPTIONS };
    if (open) open = null;
    else if (word.startsWith("--")) {
      const [flag, value] = word.slice(2).split("=", 2);
      flags.add(flag);
      const option = Object.hasOwn(options, flag) ? options[flag] : null;
      if (option?.type === "string" && value === undefined) open = option;
    } else if (verb) numArguments += 1;
    else {
      name.push(word);
      verb = verbs.find((one) => one.name === name.join(" ")) ?? null;
    }
  }
  // 2. What may stand here.
  const options = { ...verb?.options, ...GLOBAL_OPTIONS };
  let found;
  if (open) found = valuesOf(open.value, open.choices);
  else if (typed.startsWith("-")) {
    found = Object.entries(options)
      .filter(([flag, option]) => !flags.has(flag) || option.multiple)
      .map(([flag, option]) => [`--${flag}`, option.help]);
  } else if (verb?.name === "help") found = nextWords(before.slice(before.indexOf("help") + 1), verbs);
  else if (verb) {
    const argument = (verb.positionals ?? [])[numArguments];
    found = argument === undefined ? [] : valuesOf(argument);
  } else found = nextWords(name, verbs);
  return found.filter(([word]) => word === FILES || word.startsWith(typed));
}

const SCRIPTS = {
  bash: `# latchkey: completion for bash. In ~/.bashrc: source <(latchkey completion bash)
_latchkey() {
  local line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    if [ "$line" = "${FILES}" ]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("$line")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _latchkey latchkey`,
  zsh: `#compdef latchkey
# latchkey: completion for zsh. In ~/.zshrc, after compinit: source <(latchkey completion zsh)
_latchkey() {
  local -a found
  local word text
  while IFS=$'\\t' read -r word text; do
    if [[ $word == "${FILES}" ]]; then
      _files
    else
      found+=("\${word//:/\\\\:}\${text:+:$text}")
    fi
  done < <("$words[1]" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe latchkey found
}
compdef _latchkey latchkey`,
  fish: `# latchkey: completion for fish. In ~/.config/fish/config.fish: latchkey completion fish | source
function __latchkey_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = (printf '${FILES}\\t')
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c latchkey -f -a '(__latchkey_complete)'`,
};

function printScript({ positionals }) {
  const script = Object.hasOwn(SCRIPTS, positionals[0]) ? SCRIPTS[positionals[0]] : null;
  if (script === null) throw new UsageError(`'${positionals[0]}' is none of ${Object.keys(SCRIPTS).join(", ")}.`);
  print(script);
}

// completionVerbs: `complete` is for the scripts alone.
export function completionVerbs(allVerbs) {
  return [
    {
      name: "completion",
      arguments: "bash|zsh|fish",
      summary: "print the completion script of bash, zsh or fish",
      details: "bash: source <(latchkey completion bash)      fish: latchkey completion fish | source",
      positionals: ["bash|zsh|fish"],
      run: printScript,
    },
    {
      name: "complete",
      isHidden: true,
      summary: "print what may follow the words behind --",
      anyArguments: true,
      run({ positionals }) {
        const verbs = allVerbs().filter((verb) => !verb.isHidden);
        for (const [word, text] of candidates(positionals, verbs)) print(`${word}\t${firstLine(text)}`);
      },
    },
  ];
}
