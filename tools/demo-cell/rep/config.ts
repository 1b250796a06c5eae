import { BOX_HOME } from '../gdn/config.ts';

/** Where the stand-in writes what it knows; the real rep reports this to the BBS. */
export const REP_STATUS = `${BOX_HOME}/rep.json`;
/** While this file exists, rep has no BBS and makes no bulk passes: it tries each destroy once. */
export const BBS_AWAY = `${BOX_HOME}/bbs-away`;
export const REP_LOG = '/var/vcap/sys/log/rep/rep.stdout.log';

export interface RepConfiguration {
  /** The time between two bulk passes, which retry failed destroys: 30 s on a real cell. */
  readonly retryMilliseconds: number;
  /** The time between two of its own health checks: 10 minutes on a real cell. It makes none without. */
  readonly healthCheckMilliseconds?: number;
}

export interface RepStatus {
  readonly state: 'starting' | 'serving' | 'stopped' | 'failed';
  readonly known: readonly string[];
  /** What it tried to destroy in vain. */
  readonly toDestroy: readonly string[];
}
