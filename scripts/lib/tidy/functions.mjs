// How long functions are, told from indentation: our code is formatted, so a body ends at the
// first line that closes at the indentation of the line that began the function.

const NOT_A_FUNCTION = /^\s*(\}\s*)?(if|else|for|while|switch|do|try|catch|namespace|describe)\b/;

function indentation(line) {
  return line.length - line.trimStart().length;
}

function count(text, character) {
  return text.split(character).length - 1;
}

// firstLine: where the signature that ends in line `index` begins: back over its parameters.
function firstLine(lines, index) {
  let open = 0;
  for (let i = index; i >= 0 && i > index - 20; i -= 1) {
    open += count(lines[i], ")") - count(lines[i], "(");
    if (open <= 0) return i;
  }
  return index;
}

// longFunctions: [{line, length}] of the functions over `linesMax` lines.
export function longFunctions(lines, linesMax) {
  const found = [];
  for (const [index, line] of lines.entries()) {
    if (!/\)[^;"'`]*\{$/.test(line.trimEnd())) continue;
    const start = firstLine(lines, index);
    if (NOT_A_FUNCTION.test(lines[start])) continue;
    const indent = indentation(lines[start]);
    let end = index + 1;
    while (end < lines.length && !(lines[end].trim().startsWith("}") && indentation(lines[end]) === indent))
      end += 1;
    const length = end - start + 1;
    if (end < lines.length && length > linesMax) found.push({ line: start + 1, length });
  }
  return found;
}
