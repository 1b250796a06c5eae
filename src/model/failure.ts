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
  | 'DEMO_FAILED';

/** A known failure: one line that says what happened, to what, and what to do. */
export class KnownFailure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KnownFailure';
    this.code = code;
  }
}
