// One instance of the core, and the rules by which it is used and discarded.
//
// A request is an Exchange: begin() runs the core until it waits, then each operation it
// started is performed and completed in turn, all within that request's own handler. Requests
// share an instance and nothing else. Once the core has thrown anything the instance is in
// doubt: it is discarded, every exchange on it fails when its next operation settles, and the
// next request gets a new instance.
import { abiVersion, exportNames, type CoreExports } from "./abi.gen.ts";
import { missingBinding, textEntries, type Env } from "./env.ts";
import { importObject } from "./imports.ts";
import { Memory, type Answer, type Frame } from "./memory.ts";
import { perform, readOperation, wipe, type Completion, type Operation } from "./ops.ts";

export type Build = Readonly<Record<`LATCHKEY_${string}`, string>>;
type Exports = CoreExports & { readonly memory: WebAssembly.Memory; _initialize(): void };
type BeginExport = "begin_request" | "begin_scheduled";

const reasonLengthMax = 200;
const verboseLevels: readonly unknown[] = ["debug", "info"]; // Of LOG_LEVEL.

// One request, from its frame to its answer and the end of its last operation.
export class Exchange {
  readonly env: Env;
  readonly request: Request | undefined;
  // The answer; undefined where the instance was discarded first.
  readonly answered: Promise<Answer | undefined>;
  // Settles when no operation is left either: the core may go on after it has answered.
  readonly finished: Promise<void>;
  id = 0; // Not known until the core names it.
  operations: Operation[] = [];
  numPending = 0;
  answer: Answer | undefined;
  isFinished = false;
  #resolveAnswered!: (answer: Answer | undefined) => void;
  #resolveFinished!: () => void;

  constructor(env: Env, request?: Request) {
    this.env = env;
    this.request = request;
    this.answered = new Promise((resolve) => (this.#resolveAnswered = resolve));
    this.finished = new Promise((resolve) => (this.#resolveFinished = resolve));
  }

  respond(answer: Answer): void {
    if (this.answer) throw new Error("answered twice");
    this.answer = answer;
  }

  // Hands the answer over. Waits for the core to return: one that throws after it has answered
  // is not believed.
  deliver(): void {
    this.#resolveAnswered(this.answer);
  }

  finish(): void {
    this.isFinished = true;
    this.#resolveFinished();
  }

  // Ends the exchange without an answer, unless one is delivered already.
  fail(): void {
    this.#resolveAnswered(undefined);
    this.finish();
  }
}

export class Instance {
  readonly number: number;
  readonly memory: Memory;
  #exports: Exports;
  #current: Exchange | undefined; // Whose call into the core is running.
  #isEntered = false;
  #isDiscarded = false;
  #numInFlight = 0;
  #recordsMemory: boolean;
  #memoryBytes = 0; // As last recorded.

  // Throws where the module does not fit the ABI.
  constructor(module: WebAssembly.Module, number: number, env: Env, build: Build) {
    this.number = number;
    this.#recordsMemory = verboseLevels.includes(env["LOG_LEVEL"]);
    const exports = new WebAssembly.Instance(module, importObject(module, this)).exports as unknown as Exports;
    for (const name of [...exportNames, "_initialize"] as const) {
      if (typeof exports[name] !== "function") throw new Error(`missing export ${name}`);
    }
    this.#exports = exports;
    this.memory = new Memory(exports.memory, exports.alloc);
    exports._initialize();
    const version = exports.abi_version();
    if (version !== abiVersion) throw new Error(`ABI version ${version}, expected ${abiVersion}`);
    const settings = [...textEntries(env), ...Object.entries(build)];
    this.memory.giveFrame([settings.length, ...settings.flat()], (ptr, len) => exports.configure(ptr, len));
  }

  // False once the instance is discarded. One that is found entered was cut off inside the
  // core without an exception, as the platform does at its CPU limit.
  get isUsable(): boolean {
    if (this.#isEntered && !this.#isDiscarded) this.#discard("found still entered");
    return !this.#isDiscarded;
  }

  begin(exchange: Exchange, by: BeginExport, frame: Frame): void {
    this.#numInFlight++;
    this.#enter(exchange, () => {
      const id = this.memory.giveFrame(frame, (ptr, len) => this.#exports[by](ptr, len));
      this.#own(exchange, id);
    });
  }

  // Import: `request` starts an operation. It is only noted here and begins once the core has returned.
  startOp(request: number, token: number, kind: number, ptr: number, len: number): void {
    this.#running(request).operations.push(readOperation(this.memory, token, kind, ptr, len));
  }

  // Import: the answer of `request`.
  respond(request: number, ptr: number, len: number): void {
    this.#running(request).respond(this.memory.answer(ptr, len));
  }

  #complete(exchange: Exchange, token: number, completion: Completion): void {
    exchange.numPending--;
    const { status, bytes } = completion;
    if (this.isUsable) {
      this.#enter(exchange, () => {
        this.memory.giveBytes(bytes, (ptr, len) => this.#exports.complete_op(token, status, ptr, len));
      });
    } else {
      this.#end(exchange);
    }
    wipe(bytes);
  }

  // Calls into the core for `exchange`, then starts what it asked for.
  #enter(exchange: Exchange, call: () => void): void {
    this.#current = exchange;
    this.#isEntered = true;
    try {
      call();
    } catch (error) {
      this.#isEntered = false;
      this.#discard(describe(error));
      return this.#end(exchange);
    }
    this.#isEntered = false;
    this.#current = undefined;
    if (this.#recordsMemory) this.#recordMemory();
    if (exchange.answer) exchange.deliver();

    const operations = exchange.operations;
    exchange.operations = [];
    exchange.numPending += operations.length;
    for (const operation of operations) {
      void perform(operation, exchange.env, exchange.request).then((completion) =>
        this.#complete(exchange, operation.token, completion),
      );
    }
    if (exchange.numPending > 0) return;
    if (!exchange.answer) this.#discard("a request neither waits nor has an answer");
    this.#end(exchange);
  }

  #end(exchange: Exchange): void {
    if (exchange.isFinished) return;
    this.#numInFlight--;
    if (this.#isDiscarded) exchange.fail();
    else exchange.finish();
  }

  // The exchange whose call is running, which must be the one the core names.
  #running(request: number): Exchange {
    if (!this.#current) throw new Error("import called outside a request");
    this.#own(this.#current, request);
    return this.#current;
  }

  #own(exchange: Exchange, id: number): void {
    if (exchange.id === 0) exchange.id = id;
    if (id === 0 || exchange.id !== id) throw new Error("the core named another request");
  }

  // One record at the first request and one whenever memory has grown: a core that leaks goes on writing them.
  #recordMemory(): void {
    if (this.memory.size === this.#memoryBytes) return;
    this.#memoryBytes = this.memory.size;
    const fields = { instance: this.number, memory_bytes: this.#memoryBytes };
    console.info(JSON.stringify({ level: "info", event: "memory_grown", ...fields }));
  }

  #discard(reason: string): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    logError("instance_discarded", { instance: this.number, reason, in_flight: this.#numInFlight });
  }
}

// The core of this isolate: the instance in use, made at the first request that needs it.
export class Core {
  #module: WebAssembly.Module;
  #build: Build;
  #instance: Instance | undefined;
  #numInstances = 0;

  constructor(module: WebAssembly.Module, build: Build) {
    this.#module = module;
    this.#build = build;
  }

  // Starts an exchange; undefined where no instance can be had, which is logged.
  begin(env: Env, by: BeginExport, frame: Frame, request?: Request): Exchange | undefined {
    const instance = this.#usable(env);
    if (!instance) return undefined;
    const exchange = new Exchange(env, request);
    instance.begin(exchange, by, frame);
    return exchange;
  }

  #usable(env: Env): Instance | undefined {
    const missing = missingBinding(env);
    if (missing) {
      logError("binding_missing", { binding: missing });
      return undefined;
    }
    if (this.#instance?.isUsable) return this.#instance;
    this.#instance = undefined;
    try {
      this.#instance = new Instance(this.#module, ++this.#numInstances, env, this.#build);
    } catch (error) {
      logError("instance_failed", { instance: this.#numInstances, reason: describe(error) });
    }
    return this.#instance;
  }
}

function describe(error: unknown): string {
  return String(error).slice(0, reasonLengthMax);
}

function logError(event: string, fields: Record<string, string | number>): void {
  console.error(JSON.stringify({ level: "error", event, ...fields }));
}
