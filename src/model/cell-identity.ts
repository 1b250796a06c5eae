import { count, key, nullableText, object, text, type TypeOf } from './shape.ts';

/** The cell's identity in BOSH: what the Director gives to the templates of a job. */
export const cellIdentity = object({
  deployment: key(text, 'Its deployment.'),
  group: key(text, 'Its instance group.'),
  index: key(count, 'Its index.'),
  id: key(text, 'Its id.'),
  az: key(nullableText, 'Its availability zone; null: there are none.'),
  ip: key(nullableText, 'Its address; null: the Director does not know it.'),
});
export type CellIdentity = TypeOf<typeof cellIdentity>;

/** The job on a cell; BOSH creates this path as a link. */
export const JOB_PATH = '/var/vcap/jobs/rollcall';
/** The agent's configuration in the job. */
export const JOB_CONFIG = 'config/agent.json';
