import * as v from 'valibot';
import { REASONS, SEVERITIES } from '../../src/model/finding.ts';
import { CONTAINER_KINDS } from '../../src/model/garden.ts';
import { EXPLANATION_KINDS } from '../../src/model/report.ts';
import type { ContainerView } from '../../src/model/report-view.ts';
import {
  count,
  nullableCount,
  nullableText,
  nullableTime,
  switchedOn,
  text,
  time,
  told,
} from './shapes.ts';

const app = v.object({
  id: told(nullableText, 'The guid of the app.'),
  name: told(nullableText, 'Its name.'),
  spaceId: told(nullableText, 'The guid of its space.'),
  spaceName: told(nullableText, 'The name of its space.'),
  organizationId: told(nullableText, 'The guid of its organization.'),
  organizationName: told(nullableText, 'The name of its organization.'),
  index: told(nullableCount, 'The index of the instance, counted from 0.'),
  processType: told(nullableText, 'web, worker and so on; any string.'),
});

const process = v.object({
  pid: told(count, 'As the cell numbers it.'),
  parentPid: told(count, 'The pid of its parent.'),
  uid: told(count, 'Its real user id.'),
  startedAt: told(time, 'When it started.'),
  command: told(text, 'Its command line, escaped, with secrets masked.'),
});

const acknowledged = v.object({
  until: told(time, 'When the acknowledgement ends.'),
  reason: told(text, 'Why it was acknowledged.'),
  by: told(nullableText, 'Who acknowledged it; null: the configuration.'),
});

const explanation = v.picklist(EXPLANATION_KINDS);

/** One container, as in a report and in `explain`. */
export const container = v.object({
  handle: told(text, "Garden's name for it, never shortened."),
  kind: told(v.picklist(CONTAINER_KINDS), 'Derived from its properties and its handle.'),
  status: told(
    v.picklist(['tracked', 'pending', 'untracked']),
    'pending: a difference within its grace period.',
  ),
  reason: told(
    v.nullable(v.picklist(REASONS)),
    'Why it is untracked or pending; null: it is tracked, or the reason is unknown.',
  ),
  severity: told(v.nullable(v.picklist(SEVERITIES)), 'Null for a tracked container.'),
  since: told(nullableTime, 'When the difference was first seen.'),
  explanation: told(
    explanation,
    'The kind of the sentence: the reason, or why there is none. Later versions may add others.',
  ),
  sentence: told(text, 'A summary in one or two sentences.'),
  advice: told(nullableText, 'The advice; null if it is not a finding.'),
  drill: told(switchedOn, 'True for a finding that rollcall drill raised.'),
  acknowledged: told(
    v.nullable(acknowledged),
    'Who acknowledged it, and until when; null: nobody did.',
  ),
  app: told(v.nullable(app), 'Its app; null where its properties do not name one.'),
  privileged: told(switchedOn, 'Whether it is a privileged container.'),
  throttled: told(switchedOn, 'Whether it is in the cgroup whose CPU gdn throttles.'),
  pids: told(count, 'Processes in its cgroup and below, without those of its peas.'),
  processes: told(v.array(process), 'At most 5, only for differences.'),
  cgroups: told(
    v.record(v.string(), text),
    'Its cgroup for each controller, name=X or v2, as a path in the hierarchy.',
  ),
  peas: told(v.array(text), 'Side processes with their own cgroup.'),
}) satisfies v.GenericSchema<unknown, ContainerView>;
