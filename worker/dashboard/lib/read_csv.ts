// Reads CSV: RFC 4180, with any end of line, and with lines judged one by one, so that a bad one does not end the list.

export interface CsvRecord {
  line: number; // Where it begins, from 1.
  fields: readonly string[];
  isBadlyQuoted: boolean;
}

// readCsv: its records, without empty lines. A quoted field that never ends takes in all that follows, and is bad.
export function readCsv(source: string): CsvRecord[] {
  const text = source.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n");
  const records: CsvRecord[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const begin = line;
    const fields: string[] = [];
    let isBad = false;
    for (;;) {
      const field = readField(text, at);
      fields.push(field.text);
      isBad ||= field.isBad;
      line += field.numLines;
      at = field.end;
      if (text[at] !== ",") break;
      at++;
    }
    at++; // The end of the line.
    line++;
    if (fields.length > 1 || fields[0] !== "") records.push({ line: begin, fields, isBadlyQuoted: isBad });
  }
  return records;
}

interface Field {
  text: string;
  end: number; // At the comma, the end of the line or of the text.
  numLines: number; // Ends of line within it.
  isBad: boolean;
}

function readField(text: string, begin: number): Field {
  if (text[begin] !== '"') {
    const end = endOfBare(text, begin);
    const bare = text.slice(begin, end);
    return { text: bare, end, numLines: 0, isBad: bare.includes('"') };
  }
  let at = begin + 1;
  let value = "";
  for (;;) {
    const close = text.indexOf('"', at);
    if (close < 0)
      return {
        text: value + text.slice(at),
        end: text.length,
        numLines: countLines(value + text.slice(at)),
        isBad: true,
      };
    value += text.slice(at, close);
    if (text[close + 1] !== '"') {
      at = close + 1;
      break;
    }
    value += '"';
    at = close + 2;
  }
  const end = endOfBare(text, at);
  return { text: value, end, numLines: countLines(value), isBad: end !== at };
}

function endOfBare(text: string, begin: number): number {
  const stop = /[,\n]/g;
  stop.lastIndex = begin;
  return stop.exec(text)?.index ?? text.length;
}

const countLines = (text: string): number => text.split("\n").length - 1;
