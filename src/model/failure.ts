/** Codes of errors to act on. They are stable: callers match them, never messages. */
export type FailureCode =
  // Commands and the agent.
  | 'USAGE'
  | 'NODE_VERSION'
  | 'FILE_UNREADABLE'
  | 'TABLE_UNUSABLE'
  | 'NO_CGROUP_MOUNT'
  | 'PROC_UNREADABLE'
  | 'HANDLE_NOT_FOUND'
  | 'HANDLE_AMBIGUOUS'
  | 'HANDLE_TOO_SHORT'
  | 'CAPTURE_UNREADABLE'
  | 'CAPTURE_SCHEMA'
  | 'CAPTURE_WRITE'
  | 'METRICS_PORT'
  | 'TLS_FILES'
  | 'STATUS_SOCKET'
  | 'CRI_SOCKET'
  | 'AGENT_UNREACHABLE'
  | 'AGENT_ANSWER'
  | 'GARDEN_DIRECTORY_REMOVED'
  | 'DEMO_ELSEWHERE'
  // The cell in a box.
  | 'NEEDS_ROOT'
  | 'NEEDS_LINUX'
  | 'DEMO_FAILED'
  // The cf CLI plugin.
  | 'GOB_MALFORMED'
  | 'GOB_TOO_LARGE'
  | 'CF_UNREACHABLE'
  | 'CF_CLOSED'
  | 'CF_TIMEOUT'
  | 'CF_REFUSED'
  | 'CF_ANSWER'
  | 'CF_TOO_OLD'
  | 'CF_NO_API'
  | 'CF_NOT_LOGGED_IN'
  | 'CF_API'
  | 'TLS_UNTRUSTED'
  | 'LOG_CACHE_SCOPE'
  | 'LOG_CACHE_UNREACHABLE'
  | 'LOG_CACHE_ANSWER'
  | 'NOTHING_REPORTED'
  | 'CELL_NOT_FOUND'
  | 'APP_NOT_FOUND'
  | 'NOT_FORGOTTEN';

/** An error for people: one line that says what happened, to what, and what to do. */
export class CodedFailure<Code extends string> extends Error {
  readonly code: Code;
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KnownFailure';
    this.code = code;
  }
}

export class KnownFailure extends CodedFailure<FailureCode> {}

export const usageFailure = (message: string, options?: ErrorOptions): KnownFailure =>
  new KnownFailure('USAGE', message, options);

/** The errno of a failed system call, or Node's code of an error; `UNKNOWN` if there is none. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // libuv makes up a sentence for an unnamed errno; OpenSSL's names have up to 33 characters.
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'UNKNOWN';
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
