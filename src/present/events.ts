import type { Drill, AgentEvent, HourlySummary } from '../model/agent-state.ts';
import type { Transition } from '../model/transition.ts';
import type { AppIdentity } from '../model/garden.ts';
import { controllerNames } from '../model/hierarchy.ts';
import { asHandle, type ByteString } from '../model/ids.ts';
import type { Mount } from '../model/mount.ts';
import type { ProcessFacts } from '../model/process.ts';
import type { AdviceView } from '../model/report-view.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { SENSOR_ROWS } from '../model/sensor.ts';
import { adviceOn } from './advice/advice.ts';
import { runbookLink } from './reason-texts.ts';
import { observationSentence, sensorSentence } from './sensors-text.ts';
import { containerSentence } from './sentence.ts';
import { warningEnd, warningSentence } from './warning-texts.ts';
import { unknownSentence } from './verdict-sentence.ts';
import { plural, secondText, spanText } from './quantities.ts';

/** A transition as it appears in the log and among the last events. */
export const eventOf = (transition: Transition, at: string): AgentEvent => ({
  at,
  ...loggedOf(transition.kind, transition),
});

type Kind = Transition['kind'];
type Of<K extends Kind> = Transition & { readonly kind: K };
type Logged = Omit<AgentEvent, 'at'>;

const loggedOf = <K extends Kind>(kind: K, transition: Of<K>): Logged => LOGGED[kind](transition);

type About = Pick<Logged, 'handle' | 'reason'>;
const logged =
  (level: AgentEvent['level']) =>
  (
    message: AgentEvent['message'],
    sentence: string,
    data: AgentEvent['data'],
    about: About = {},
  ): Logged => ({ message, level, ...about, sentence, data });
const info = logged('info');
const error = logged('error');

/** How each transition is called in the log, its level, its sentence, and its data. */
const LOGGED: { readonly [K in Kind]: (transition: Of<K>) => Logged } = {
  untracked: ({ container, remembered }) =>
    findingEvent('rollcall.container.untracked', containerSentence(container), {
      container,
      remembered,
    }),
  changed: ({ container, remembered, from }) =>
    findingEvent(
      'rollcall.container.changed',
      `This container was ${from.reason}. ${containerSentence(container)}`,
      { container, remembered },
    ),
  recovered: ({ container: { handle, app } }) =>
    info('rollcall.container.recovered', 'No longer untracked.', appData(app), { handle }),
  gone: ({ handle, remembered, openReport: { reason, since }, how }) =>
    info(
      'rollcall.container.gone',
      `This container was untracked, and ${GONE[how]}.`,
      { since, ...appData(remembered.identity?.app ?? null) },
      { handle, reason },
    ),
  'garden-unavailable': ({ why, since }) =>
    error(
      'rollcall.garden.unavailable',
      `Garden's list cannot be read; nothing is compared until it can. ${oneLine(why, 300)}`,
      { since },
    ),
  'garden-available': ({ since }) =>
    info('rollcall.garden.available', "Garden's list can be read again.", { since }),
  'could-not-tell': ({ cause }) =>
    error('rollcall.reconcile.could-not-tell', unknownSentence(cause), { cause: cause.kind }),
  'can-tell-again': () =>
    info('rollcall.reconcile.recovered', 'Containers can be compared again.', {}),
  'cell-warning': ({ warning }) =>
    error(
      'rollcall.cell.warning',
      warningSentence(warning),
      {
        ...('containers' in warning ? { containers: warning.containers } : {}),
        ...('worst' in warning ? { worst: oneLine(warning.worst, 256) } : {}),
      },
      { reason: warning.reason },
    ),
  'cell-recovered': ({ reason, since }) =>
    info('rollcall.cell.recovered', warningEnd(reason), { since }, { reason }),
  'sensor-started': ({ sensor }) => {
    const { name, pid, startedAt: since, unit, olderContainers, blind } = sensor;
    return (blind === true ? error : info)('rollcall.sensor.started', sensorSentence(sensor), {
      sensor: name,
      pid,
      since,
      unit,
      olderContainers,
    });
  },
  'sensor-stopped': ({ sensor: { name, pid } }) =>
    info('rollcall.sensor.stopped', `${SENSOR_ROWS[name].title} is no longer running.`, {
      sensor: name,
      pid,
    }),
  'sensor-unseen': ({ observation, handles }) =>
    error('rollcall.sensor.unseen', observationSentence(observation), {
      sensor: observation.sensor.name,
      count: handles.length,
      handles,
    }),
  'sensor-silent': ({ observation }) =>
    error('rollcall.sensor.silent', observationSentence(observation), {
      sensor: observation.sensor.name,
      state: observation.state,
      lastLineAt: observation.lastLineAt,
    }),
  'sensor-available': ({ observation }) =>
    info('rollcall.sensor.available', observationSentence(observation), {
      sensor: observation.sensor.name,
      state: observation.state,
    }),
  'mounts-chosen': ({ choices }) => {
    const mounts = choices.map(
      ({ hierarchy, chosen }) => [controllerNames(hierarchy).join(','), mountText(chosen)] as const,
    );
    return info(
      'rollcall.mounts.chosen',
      `Found ${plural(choices.length, 'cgroup hierarchy', 'cgroup hierarchies')}.`,
      { mounts: Object.fromEntries(mounts) },
    );
  },
  'mount-changed': ({ hierarchy, from, to, why }) =>
    (to === null ? error : info)(
      'rollcall.mounts.changed',
      `Another mount now shows the hierarchy ${oneLine(hierarchy, 100)}. ${oneLine(why, 300)}`,
      { hierarchy, from: mountText(from), to: mountText(to) },
    ),
};

/** A finding that begins links to what to do about it; so does a drill. */
export function withRunbookLink(event: AgentEvent, runbookUrl: string | null): AgentEvent {
  const { level, reason, data } = event;
  const link = level === 'error' && reason !== undefined ? runbookLink(runbookUrl, reason) : null;
  return link === null ? event : { ...event, data: { runbook_url: link, ...data } };
}

function findingEvent(
  message: AgentEvent['message'],
  sentence: string,
  { container, remembered }: Pick<Of<'untracked'>, 'container' | 'remembered'>,
): Logged {
  const { handle, reason, severity, since, app, processes, cgroups } = container;
  const advice = adviceOn(container, { cell: null, explained: null });
  const shown = remembered.evidence ?? { processes, cgroups };
  return error(
    message,
    sentence,
    {
      severity,
      since,
      ...(advice === null ? {} : { urgency: advice.urgency, ...firstStepData(advice) }),
      ...appData(app),
      processes: shown.processes.map(processData),
      cgroups: pathData(shown.cgroups),
    },
    { handle, ...(reason === null ? {} : { reason }) },
  );
}

/** In one text, so that a line of the log has it whole or not at all. */
function firstStepData({ steps: [first] }: AdviceView): Record<string, unknown> {
  if (first === undefined) return {};
  const { action, command } = first;
  return { step: command === null ? action : `${action} ${command}` };
}

/** What the agent did in an hour: without it, silence could also mean that nothing was compared. */
export function summaryEvent(summary: HourlySummary): AgentEvent {
  const { from, to, ...numbers } = summary;
  const { compared, failed, longestGapSeconds, containers, findings } = numbers;
  const span = spanText((Date.parse(to) - Date.parse(from)) / 1000);
  const sentence =
    `In ${span}, ${plural(compared, 'pass', 'passes')} succeeded and ${failed} failed; the longest time between two ` +
    `comparisons was ${longestGapSeconds} s; ${plural(containers, 'container')}, at most ${plural(findings, 'finding')} at once.`;
  return { at: to, ...info('rollcall.summary', sentence, { from, ...numbers }) };
}

/** The two events of a drill: it starts like a finding, and ends by itself. */
export function drillEvents({
  handle,
  since,
  until,
}: Drill): Readonly<Record<'begin' | 'end', AgentEvent>> {
  const about = { handle: asHandle(handle), reason: 'unknown-to-garden' } as const;
  const data = { drill: true, until };
  const sentence = `This is a drill until ${secondText(until)}: this container does not exist.`;
  return {
    begin: { at: since, ...error('rollcall.container.untracked', sentence, data, about) },
    end: { at: until, ...info('rollcall.container.gone', 'The drill is over.', data, about) },
  };
}

const GONE = {
  vanished: 'Garden no longer lists it and nothing of it runs',
  rebooted: 'the cell has rebooted since, so nothing of it runs',
} as const;

const appData = (app: AppIdentity | null): Record<string, unknown> =>
  app === null
    ? {}
    : {
        app_id: app.id,
        app_name: short(app.name),
        space: short(app.spaceName),
        org: short(app.organizationName),
      };

const short = (text: string | null): string | null => (text === null ? null : oneLine(text, 64));

const processData = ({ pid, parentPid, realUid, startedAt, command, comm }: ProcessFacts) => ({
  pid,
  parent: parentPid,
  user: realUid,
  start: startedAt,
  command: oneLine(command === '' ? `[${comm}]` : command, 128),
});

/** One entry per path, because most hierarchies show a container at the same one. */
function pathData(paths: Readonly<Record<string, ByteString>>): Record<string, string> {
  const names = new Map<string, string[]>();
  for (const [name, path] of Object.entries(paths)) {
    const text = oneLine(textOfBytes(path), 256);
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  return Object.fromEntries([...names].map(([path, controllers]) => [controllers.join(','), path]));
}

const mountText = (mount: Mount | null): string | null =>
  mount === null ? null : oneLine(textOfBytes(mount.mountPoint), 200);
