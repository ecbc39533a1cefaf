// How a command ends when it does not succeed: each kind has its exit code.

export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, unauthorized: 4 };

export class CliError extends Error {
  // lines: further lines shown under the message.
  constructor(message, exitCode = EXIT.failed, lines = []) {
    super(message);
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

export class UsageError extends CliError {
  constructor(message, lines = []) {
    super(message, EXIT.usage, lines);
  }
}

export class UnreachableError extends CliError {
  constructor(message, lines = []) {
    super(message, EXIT.unreachable, lines);
  }
}

export class UnauthorizedError extends CliError {
  constructor(message, lines = []) {
    super(message, EXIT.unauthorized, lines);
  }
}
