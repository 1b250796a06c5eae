/** A container as the embedded Garden knows it. */
export interface GardenContainer {
  handle: string;
  /** As the client set them, without `garden.state` (`created`); null once they are lost. */
  properties: Record<string, string> | null;
  /** Whether Garden has set `garden.state=created`, the last step of a creation. */
  created: boolean;
  /** The bundle's directory in runc mode; in containerd mode Garden returns an empty text. */
  containerPath?: string;
}

/** A failure of the embedded Garden. */
export type Fault =
  | { kind: 'none' }
  /** Reads the request and never answers, as during the clean-up of a starting gdn. */
  | { kind: 'hang' }
  | { kind: 'status'; status: number; body: string }
  /** Sends bytes that are not HTTP. */
  | { kind: 'garbage' }
  | { kind: 'html' }
  /** Sends a head that announces a longer body than it sends. */
  | { kind: 'half-body' }
  /** Answers the list with `{"Handles":null}`, and other requests as usual. */
  | { kind: 'null-list' }
  /** Sends one handle (or property value) of this many bytes. */
  | { kind: 'huge-body'; bytes: number }
  /** Closes the connection before the answer. */
  | { kind: 'reset' }
  /** Answers late, but correctly. */
  | { kind: 'slow'; milliseconds: number }
  /**
   * Sends a head at once, then a blank now and then forever: each byte restarts an idle timeout.
   */
  | { kind: 'drip' };

export interface GardenState {
  containers: Map<string, GardenContainer>;
  fault: Fault;
  /**
   * The requests to which the fault applies: all, only `GET /containers`, or only those for
   * properties.
   */
  faultOn: 'all' | 'list' | 'properties';
  /** gdn's --max-containers; 250 if omitted, as in garden-runc-release. */
  maxContainers?: number;
}

export interface CreateSpec {
  readonly handle: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly privileged: boolean;
  readonly env: readonly string[];
}

/** The parts of the runtime and the network plugin. */
export interface GardenHooks {
  /** Runs between `garden.state=all` and `created`; a rejection undoes the creation. */
  create(spec: CreateSpec): Promise<void>;
  /** Runs while the handle is listed; a rejection leaves it listed. */
  destroy(handle: string): Promise<void>;
}

/** The properties with which Garden would answer. */
export function shownProperties(container: GardenContainer): Record<string, string> | null {
  if (!container.created) return container.properties;
  return { ...container.properties, 'garden.state': 'created' };
}

/** As when gdn is killed: it keeps properties, including `garden.state`, only in memory. */
export function loseProperties(container: GardenContainer): void {
  container.properties = null;
  container.created = false;
}
