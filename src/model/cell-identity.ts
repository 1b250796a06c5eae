/** The cell's identity in BOSH: what the Director gives to the templates of a job. */
export interface CellIdentity {
  readonly deployment: string;
  /** The instance group. */
  readonly group: string;
  readonly index: number;
  /** Of the instance: it stays the same when the VM is recreated. */
  readonly id: string;
  /** Null if the deployment has no availability zones. */
  readonly az: string | null;
  /** Null if the Director does not know it. */
  readonly ip: string | null;
}

/** BOSH gives no longer names. */
export const MAX_IDENTITY_TEXT = 255;

/** The job on a cell; BOSH creates this path as a link. */
export const JOB_PATH = '/var/vcap/jobs/rollcall';
/** The agent's configuration in the job. */
export const JOB_CONFIG = 'config/agent.json';
