/** Who this cell is to BOSH: what the Director gives the templates of a job. */
export interface CellIdentity {
  readonly deployment: string;
  /** The instance group. */
  readonly group: string;
  readonly index: number;
  /** Of the instance: it stays while the VM is made anew. */
  readonly id: string;
  /** Null where the deployment has no availability zones. */
  readonly az: string | null;
  /** Null where the Director does not know it. */
  readonly ip: string | null;
}

/** More is no name that BOSH gives. */
export const MAX_IDENTITY_TEXT = 255;

/** The job on a cell: BOSH makes it a link. */
export const JOB_PATH = '/var/vcap/jobs/rollcall';
/** The agent's configuration in it. */
export const JOB_CONFIG = 'config/agent.json';
