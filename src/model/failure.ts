/** The stable codes of errors that a person can do something about. Callers match codes, never messages. */
export type FailureCode =
  | 'USAGE'
  | 'FILE_UNREADABLE'
  | 'TABLE_UNUSABLE'
  | 'NO_CGROUP_MOUNT'
  | 'PROC_UNREADABLE'
  | 'HANDLE_NOT_FOUND'
  | 'CAPTURE_UNREADABLE'
  | 'CAPTURE_SCHEMA'
  | 'CAPTURE_WRITE'
  | 'METRICS_PORT'
  | 'TLS_FILES'
  | 'STATUS_SOCKET'
  | 'AGENT_UNREACHABLE'
  | 'AGENT_ANSWER'
  | 'NEEDS_ROOT'
  | 'NEEDS_LINUX'
  | 'DEMO_FAILED'
  | 'GOB_MALFORMED'
  | 'GOB_TOO_LARGE'
  | 'GOB_TYPE'
  | 'CF_UNREACHABLE'
  | 'CF_CLOSED'
  | 'CF_TIMEOUT'
  | 'CF_REFUSED'
  | 'CF_ANSWER'
  | 'RELEASE_INVALID'
  | 'RELEASE_BLOB'
  | 'RELEASE_BUILD'
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
  | 'MINI_BOSH_FAILED'
  | 'PLUGIN_BUILD';

/** A known failure: one line that says what happened, to what, and what to do. */
export class KnownFailure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KnownFailure';
    this.code = code;
  }
}
