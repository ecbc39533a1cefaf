// The only file that touches linear memory. Views are made anew whenever memory has grown.

// A frame as abi.h describes it: a number is a u32, a string is its length and its bytes.
export type Frame = readonly (string | number)[];

// A response frame, copied out of linear memory.
export interface Answer {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
// One character a byte: offsets in the text are offsets in memory.
const latin1 = new TextDecoder("latin1");
const nonAscii = /[^\x00-\x7f]/;
const randomBytesMax = 65536; // The most that getRandomValues gives in one call.

export class Memory {
  #memory: WebAssembly.Memory;
  #alloc: (len: number) => number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;

  // `alloc` is the core's: what it returns belongs to the next export called.
  constructor(memory: WebAssembly.Memory, alloc: (len: number) => number) {
    this.#memory = memory;
    this.#alloc = alloc;
    this.#bytes = new Uint8Array(memory.buffer as ArrayBuffer);
    this.#view = new DataView(memory.buffer);
  }

  // Bytes of linear memory. It never shrinks.
  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  // Writes a frame into a buffer of the core's and calls `use` with it.
  giveFrame<T>(frame: Frame, use: (ptr: number, len: number) => T): T {
    let len = 0;
    for (const field of frame) len += typeof field === "number" ? 4 : 4 + utf8Length(field);
    const ptr = this.#allocate(len);
    let at = ptr;
    for (const field of frame) {
      if (typeof field === "number") {
        this.#view.setUint32(at, field, true);
        at += 4;
      } else {
        const written = this.#writeText(at + 4, field);
        this.#view.setUint32(at, written, true);
        at += 4 + written;
      }
    }
    return use(ptr, len);
  }

  // Copies bytes into a buffer of the core's and calls `use` with it.
  giveBytes<T>(bytes: Uint8Array, use: (ptr: number, len: number) => T): T {
    const ptr = this.#allocate(bytes.length);
    this.#bytes.set(bytes, ptr);
    return use(ptr, bytes.length);
  }

  copy(ptr: number, len: number): Uint8Array<ArrayBuffer> {
    return this.#within(ptr, len).slice(ptr, ptr + len);
  }

  text(ptr: number, len: number): string {
    return utf8.decode(this.#within(ptr, len).subarray(ptr, ptr + len));
  }

  fillRandom(ptr: number, len: number): void {
    const bytes = this.#within(ptr, len);
    for (let at = ptr; at < ptr + len; at += randomBytesMax) {
      crypto.getRandomValues(bytes.subarray(at, Math.min(at + randomBytesMax, ptr + len)));
    }
  }

  // Copies a response frame out. Throws RangeError where the frame does not add up.
  answer(ptr: number, len: number): Answer {
    this.#within(ptr, len);
    const status = this.#u32(ptr, ptr + len);
    const numStrings = 2 * this.#u32(ptr + 4, ptr + len);
    let bodyAt = ptr + 8;
    for (let i = 0; i < numStrings; i++) bodyAt += 4 + this.#u32(bodyAt, ptr + len);
    const bodyLen = this.#u32(bodyAt, ptr + len);
    if (bodyAt + 4 + bodyLen !== ptr + len) throw new RangeError("response frame does not add up");

    const head = latin1.decode(this.#bytes.subarray(ptr, bodyAt));
    const headers: [string, string][] = [];
    let at = 8;
    const next = (): string => {
      const stringLen = this.#view.getUint32(ptr + at, true);
      const text = head.slice(at + 4, at + 4 + stringLen);
      at += 4 + stringLen;
      return nonAscii.test(text) ? this.text(ptr + at - stringLen, stringLen) : text;
    };
    while (ptr + at < bodyAt) headers.push([next(), next()]);
    return { status, headers, body: this.#bytes.slice(bodyAt + 4, ptr + len) };
  }

  #allocate(len: number): number {
    const ptr = this.#alloc(len);
    if (ptr === 0 && len > 0) throw new RangeError("the core is out of memory");
    this.#within(ptr, len);
    return ptr;
  }

  // The current view of all memory, after a check that ptr..len lies in it.
  #within(ptr: number, len: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.buffer !== this.#memory.buffer) {
      this.#bytes = new Uint8Array(this.#memory.buffer as ArrayBuffer);
      this.#view = new DataView(this.#memory.buffer);
    }
    if (ptr < 0 || len < 0 || ptr + len > this.#bytes.length) throw new RangeError("outside linear memory");
    return this.#bytes;
  }

  #u32(at: number, end: number): number {
    if (at + 4 > end) throw new RangeError("response frame is cut off");
    return this.#view.getUint32(at, true);
  }

  // Writes text as UTF-8 and returns its length in bytes; the caller has made room.
  // Nearly all text is short and ASCII, for which a loop is faster than a call into the host.
  #writeText(at: number, text: string): number {
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return encoder.encodeInto(text, bytes.subarray(at)).written;
      bytes[at + i] = code;
    }
    return text.length;
  }
}

// The length of `text` in UTF-8, a lone surrogate counting as U+FFFD like encodeInto writes it.
function utf8Length(text: string): number {
  let len = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x7f) continue;
    len += code <= 0x7ff ? 1 : 2;
    if (code >= 0xd800 && code <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return len;
}
