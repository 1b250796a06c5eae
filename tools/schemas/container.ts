import * as v from 'valibot';
import { EXPLANATION_KINDS, REASONS, SEVERITIES } from '../../src/model/finding.ts';
import { CONTAINER_KINDS } from '../../src/model/garden.ts';
import type { ContainerView } from '../../src/model/report-view.ts';
import {
  count,
  nullableCount,
  nullableText,
  nullableTime,
  flag,
  text,
  time,
  described,
} from './shapes.ts';

const app = v.object({
  id: described(nullableText, 'The guid of the app.'),
  name: described(nullableText, 'Its name.'),
  spaceId: described(nullableText, 'The guid of its space.'),
  spaceName: described(nullableText, 'The name of its space.'),
  organizationId: described(nullableText, 'The guid of its organization.'),
  organizationName: described(nullableText, 'The name of its organization.'),
  index: described(nullableCount, 'The index of the instance, counted from 0.'),
  processType: described(nullableText, 'web, worker and so on; any string.'),
});

const process = v.object({
  pid: described(count, 'As the cell numbers it.'),
  parentPid: described(count, 'The pid of its parent.'),
  uid: described(count, 'Its real user id.'),
  startedAt: described(time, 'When it started.'),
  command: described(text, 'Its command line, escaped, with secrets masked.'),
});

const acknowledged = v.object({
  until: described(time, 'When the acknowledgement ends.'),
  reason: described(text, 'Why it was acknowledged.'),
  by: described(nullableText, 'Who acknowledged it; null: the configuration.'),
});

const explanation = v.picklist(EXPLANATION_KINDS);

/** One container, as in a report and in `explain`. */
export const container = v.object({
  handle: described(text, "Garden's name for it, never shortened."),
  kind: described(v.picklist(CONTAINER_KINDS), 'Derived from its properties and its handle.'),
  status: described(
    v.picklist(['tracked', 'pending', 'untracked']),
    'pending: a difference within its grace period.',
  ),
  reason: described(
    v.nullable(v.picklist(REASONS)),
    'Why it is untracked or pending; null: it is tracked, or the reason is unknown.',
  ),
  severity: described(v.nullable(v.picklist(SEVERITIES)), 'Null for a tracked container.'),
  since: described(nullableTime, 'When the difference was first seen.'),
  explanation: described(
    explanation,
    'The kind of the sentence: the reason, or why there is none. Later versions may add others.',
  ),
  sentence: described(text, 'A summary in one or two sentences.'),
  advice: described(nullableText, 'The advice; null if it is not a finding.'),
  drill: described(flag, 'True for a finding that rollcall drill raised.'),
  acknowledged: described(
    v.nullable(acknowledged),
    'Who acknowledged it, and until when; null: nobody did.',
  ),
  app: described(v.nullable(app), 'Its app; null where its properties do not name one.'),
  privileged: described(flag, 'Whether it is a privileged container.'),
  throttled: described(flag, 'Whether it is in the cgroup whose CPU gdn throttles.'),
  pids: described(count, 'Processes in its cgroup and below, without those of its peas.'),
  processes: described(v.array(process), 'At most 5, only for differences.'),
  cgroups: described(
    v.record(v.string(), text),
    'Its cgroup for each controller, name=X or v2, as a path in the hierarchy.',
  ),
  peas: described(v.array(text), 'Side processes with their own cgroup.'),
}) satisfies v.GenericSchema<unknown, ContainerView>;
