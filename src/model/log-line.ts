import { MESSAGES } from './agent-state.ts';
import { cellIdentity } from './cell-identity.ts';
import * as s from './shape.ts';

/* The log of the agent, as the file and syslog have it. */

/** What a line is about. Each message has only some of these. */
export const logData = s.object({
  cell: s.optionalKey(cellIdentity, 'The BOSH identity of the cell; absent outside BOSH.'),
  handle: s.optionalKey(s.text, 'The container.'),
  reason: s.optionalKey(s.text, 'The reason of the finding, or of the warning about the cell.'),
  sentence: s.optionalKey(s.text, 'A summary in sentences; absent only if nothing else fits.'),
  severity: s.optionalKey(s.nullable(s.choice('warning', 'critical')), "The finding's severity."),
  urgency: s.optionalKey(s.text, 'How urgent it is, and whether Diego mends it by itself.'),
  step: s.optionalKey(s.text, 'The first step, with its command; whole or absent.'),
  since: s.optionalKey(
    s.nullableTime,
    "When it began: a difference, a warning, Garden's absence, or the sensor's process.",
  ),
  drill: s.optionalKey(s.flag, 'True for a finding that rollcall drill raised.'),
  until: s.optionalKey(s.time, 'When a drill ends.'),
  app_id: s.optionalKey(s.nullableText, 'The guid of the app.'),
  app_name: s.optionalKey(s.nullableText, 'Its name.'),
  space: s.optionalKey(s.nullableText, 'The name of its space.'),
  org: s.optionalKey(s.nullableText, 'The name of its organization.'),
  processes: s.optionalKey(
    s.list(
      s.object({
        pid: s.key(s.count, 'Its pid on the cell.'),
        parent: s.key(s.count, 'The pid of its parent.'),
        user: s.key(s.count, 'Its real uid on the cell.'),
        start: s.key(s.nullableTime, 'When it started.'),
        command: s.key(s.text, 'Its command without secrets, at most 128 characters.'),
      }),
    ),
    'Its processes when the difference was first seen, at most 5.',
  ),
  cgroups: s.optionalKey(s.record(s.text), 'Its cgroup paths then, by controllers.'),
  runbook_url: s.optionalKey(s.text, 'Its section in your runbook, whole or absent.'),
  containers: s.optionalKey(s.count, 'Affected containers, or those of the last pass.'),
  worst: s.optionalKey(s.text, 'The handle of the most affected container.'),
  cause: s.optionalKey(s.text, 'The kind of what keeps rollcall from comparing.'),
  code: s.optionalKey(s.text, 'The code of a failure.'),
  sensor: s.optionalKey(s.text, 'The sensor.'),
  pid: s.optionalKey(s.nullableCount, "The sensor's pid."),
  unit: s.optionalKey(s.nullableText, 'Its systemd unit or bpm job.'),
  olderContainers: s.optionalKey(s.nullableCount, 'Running containers that are older than it.'),
  state: s.optionalKey(s.text, 'The state of its event file.'),
  lastLineAt: s.optionalKey(s.nullableTime, 'When it last wrote a line.'),
  count: s.optionalKey(s.count, 'How many containers it does not see.'),
  handles: s.optionalKey(s.list(s.text), 'Their handles.'),
  mounts: s.optionalKey(s.record(s.nullableText), 'The chosen mounts, by controllers.'),
  hierarchy: s.optionalKey(s.text, 'The hierarchy whose mount changed.'),
  from: s.optionalKey(s.nullableText, 'The mount before; of a summary, when it starts.'),
  to: s.optionalKey(s.nullableText, 'The mount now.'),
  version: s.optionalKey(s.text, 'The version of rollcall.'),
  places: s.optionalKey(s.list(s.text), 'Where a pass differs from a full pass.'),
  passes: s.optionalKey(s.count, 'Passes that ended.'),
  compared: s.optionalKey(s.count, 'Passes that compared the containers.'),
  failed: s.optionalKey(s.count, 'Passes that could not compare.'),
  longestGapSeconds: s.optionalKey(s.amount, 'The longest time in which nothing was compared.'),
  findings: s.optionalKey(s.count, 'The most findings at once, without drills.'),
  shortened: s.optionalKey(s.flag, 'True if something was cut to keep the line short.'),
});

/** A line of the log: version 3 of lager's format. */
export const logLineView = s.object({
  timestamp: s.key(s.time, 'When it happened, with nanoseconds.'),
  level: s.key(s.choice('info', 'error'), 'error: somebody should look.'),
  source: s.key(s.choice('rollcall'), 'The program.'),
  message: s.key(s.choice(...MESSAGES), 'What happened.'),
  data: s.key(logData, 'What it is about.'),
});
