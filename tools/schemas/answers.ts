import * as v from 'valibot';
import { MESSAGES } from '../../src/model/agent-state.ts';
import { REASONS } from '../../src/model/finding.ts';
import { RULES } from '../../src/model/hierarchy.ts';
import type { explainJson } from '../../src/present/explain.ts';
import type { mountsJson } from '../../src/present/mounts-json.ts';
import type { sensorsJson } from '../../src/present/sensors-table.ts';
import { container } from './container.ts';
import { judgedHierarchy, malformedLines, mode, namespace } from './hierarchy.ts';
import { report } from './report.ts';
import { sensor, tool } from './sensor.ts';
import {
  count,
  nullableCount,
  nullableText,
  schemaVersion,
  switchedOn,
  text,
  time,
  told,
} from './shapes.ts';

/** `rollcall mounts`. */
export const mounts = v.object({
  schemaVersion,
  source: told(text, 'The file that held the table; - is standard input.'),
  rule: told(v.picklist(RULES), 'The rule by which the mounts are chosen.'),
  cgroupNamespace: told(namespace, 'In which the table was read.'),
  mode,
  malformedLines,
  hierarchies: told(v.array(judgedHierarchy), 'Each with its candidates.'),
  rules: v.exactOptional(
    told(
      v.record(v.string(), v.record(v.string(), nullableText)),
      'With --compare: for each rule and each controller, name=X or v2 the mount that it takes; null: none.',
    ),
  ),
}) satisfies v.GenericSchema<unknown, Omit<ReturnType<typeof mountsJson>, 'rules'>>;

/** `GET /v1/events`. */
const event = v.object({
  at: told(time, 'When it happened.'),
  message: told(v.picklist(MESSAGES), 'As in the log.'),
  level: told(v.picklist(['info', 'error']), 'As in the log.'),
  handle: v.exactOptional(told(text, 'The container that it is about.')),
  reason: v.exactOptional(told(v.picklist(REASONS), 'Why it is, or was, untracked.')),
  sentence: told(text, 'All of it in sentences.'),
  data: told(v.record(v.string(), v.unknown()), 'As in the log: what the message is about.'),
});
export const events = v.array(event);

/** As `rollcall` reads it from an agent, which may be of another version. */
const keptEvent = v.object({
  at: told(text, 'When it happened.'),
  message: told(text, 'As in the log.'),
  handle: told(nullableText, 'The container that it is about.'),
  reason: told(nullableText, 'Why it is, or was, untracked.'),
  sentence: told(text, 'All of it in sentences.'),
  data: told(v.unknown(), 'As in the log: what the message is about.'),
});

const location = v.object({
  controllers: told(v.array(text), 'Controllers, name=X or v2.'),
  mount: told(text, 'The mount that shows the hierarchy.'),
  path: told(nullableText, 'The path of its cgroup in the hierarchy; null: it has none there.'),
  inode: told(nullableCount, 'The inode of its cgroup.'),
  pids: told(v.array(count), 'Its processes there.'),
});

/** `rollcall explain`. */
export const explain = v.object({
  schemaVersion,
  ...container.entries,
  hierarchies: told(v.array(location), 'Where its cgroups are.'),
  properties: told(
    v.nullable(v.record(v.string(), text)),
    'At most 64 of 1,024 characters; null: Garden has none, or did not answer.',
  ),
  events: told(v.array(keptEvent), 'Those of the running agent about it, the newest first.'),
  agent: told(
    v.object({
      asked: told(switchedOn, 'Whether the agent of this cell was asked.'),
      silent: told(nullableText, 'Why it did not answer; null: it did, or was not asked.'),
    }),
    'What the events and since are from.',
  ),
}) satisfies v.GenericSchema<unknown, Omit<ReturnType<typeof explainJson>, 'properties'>>;

/** `rollcall sensors`. */
export const sensors = v.object({
  schemaVersion,
  takenAt: told(time, 'When the pass ended.'),
  cgroupMode: mode,
  containers: told(count, 'That run on this cell.'),
  tools: told(v.array(tool), 'The known sensors, a range of versions each.'),
  searched: told(switchedOn, 'False: a capture of a version that did not search for sensors.'),
  sensors: told(v.array(sensor), 'Those that run or are configured.'),
}) satisfies v.GenericSchema<unknown, ReturnType<typeof sensorsJson>>;

/** A line of `rollcall status`: with --watch the agent may be away for a while. */
export const status = v.union([
  report,
  v.object({ error: told(text, 'With --watch: why the agent did not answer.') }),
]);

/** `rollcall capture`. */
export const capture = v.object({
  schemaVersion,
  file: told(text, 'The file that was written.'),
  looks: told(count, 'How many passes it holds.'),
  verdict: report.entries.verdict,
});

/** `rollcall drill`. */
export const drill = v.object({
  schemaVersion,
  handle: told(text, 'The handle of the finding that is raised.'),
  until: told(time, 'When it ends by itself.'),
});
