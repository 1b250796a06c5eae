import { BOX_HOME } from '../gdn/config.ts';

/** Where rep says what it knows; the real one tells the BBS. */
export const REP_STATUS = `${BOX_HOME}/rep.json`;
/** While this file is there, rep has no BBS, and so makes no bulk passes. */
export const BBS_AWAY = `${BOX_HOME}/bbs-away`;
export const REP_LOG = '/var/vcap/sys/log/rep/rep.stdout.log';

export interface RepConfiguration {
  /** Between two bulk passes, which retry what could not be destroyed: 30 s on a real cell. */
  readonly retryMilliseconds: number;
}

export const isRepConfiguration = (value: unknown): value is RepConfiguration =>
  typeof value === 'object' && value !== null && 'retryMilliseconds' in value;

export interface RepStatus {
  readonly state: 'starting' | 'serving' | 'stopped' | 'failed';
  /** The containers that it manages. */
  readonly known: readonly string[];
  /** Those that it has not managed to destroy yet. */
  readonly toDestroy: readonly string[];
}

export const isRepStatus = (value: unknown): value is RepStatus =>
  typeof value === 'object' && value !== null && 'known' in value && 'toDestroy' in value;
