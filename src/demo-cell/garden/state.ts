/** A container as the embedded Garden knows it. */
export interface GardenContainer {
  handle: string;
  /** As the client gave them, without `garden.state` (`created`); null once they are lost. */
  properties: Record<string, string> | null;
  /** Garden has set `garden.state=created`, the last step of a creation. */
  created: boolean;
  /** The bundle's directory in runc mode; in containerd mode Garden gives an empty text. */
  containerPath?: string;
}

/** A failure of the embedded Garden. */
export type Fault =
  | { kind: 'none' }
  /** The request is read and never answered, as during the clean-up of a starting gdn. */
  | { kind: 'hang' }
  | { kind: 'status'; status: number; body: string }
  /** Bytes that are no HTTP. */
  | { kind: 'garbage' }
  | { kind: 'html' }
  /** A head that promises more body than comes. */
  | { kind: 'half-body' }
  /** `{"Handles":null}`: other requests are answered as ever. */
  | { kind: 'null-list' }
  /** One handle (or property value) of so many bytes. */
  | { kind: 'huge-body'; bytes: number }
  /** The connection is closed before the answer. */
  | { kind: 'reset' }
  /** Answers late, and rightly. */
  | { kind: 'slow'; milliseconds: number }
  /** A head at once, then a blank now and then for ever: each byte restarts an idle timeout. */
  | { kind: 'drip' };

export interface GardenState {
  containers: Map<string, GardenContainer>;
  fault: Fault;
  /** Which requests the fault hits: all, only `GET /containers`, or only those for properties. */
  faultOn: 'all' | 'list' | 'properties';
  /** gdn's --max-containers; 250 if not given, as in garden-runc-release. */
  maxContainers?: number;
}

export interface CreateSpec {
  readonly handle: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly privileged: boolean;
  readonly env: readonly string[];
}

/** What the runtime and the network plugin do. */
export interface GardenHooks {
  /** Runs between `garden.state=all` and `created`; a rejection undoes the creation. */
  create(spec: CreateSpec): Promise<void>;
  /** Runs while the handle is listed; a rejection leaves it listed. */
  destroy(handle: string): Promise<void>;
}

/** The properties that Garden would answer with. */
export function shownProperties(container: GardenContainer): Record<string, string> | null {
  if (!container.created) return container.properties;
  return { ...container.properties, 'garden.state': 'created' };
}

/** As when gdn is killed: it keeps properties, `garden.state` among them, in memory only. */
export function loseProperties(container: GardenContainer): void {
  container.properties = null;
  container.created = false;
}
