/** A finding that somebody asked for, to try the way to the pager. */
export interface Drill {
  readonly handle: string;
  /** RFC 3339 UTC. */
  readonly since: string;
  readonly until: string;
}
