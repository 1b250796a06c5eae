import type { Drill, AgentEvent, HourlySummary } from '../model/agent-state.ts';
import type { Transition } from '../model/transition.ts';
import type { AppIdentity } from '../model/garden.ts';
import { controllerNames } from '../model/hierarchy.ts';
import { asHandle, type ByteString } from '../model/ids.ts';
import type { RememberedContainer } from '../model/memory.ts';
import type { Mount } from '../model/mount.ts';
import type { ProcessFacts } from '../model/process.ts';
import type { ContainerReport } from '../model/report.ts';
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

/** How a transition is called in the log, and its level unless the transition itself decides. */
const LOGGED = {
  untracked: ['rollcall.container.untracked', 'error'],
  changed: ['rollcall.container.changed', 'error'],
  recovered: ['rollcall.container.recovered', 'info'],
  gone: ['rollcall.container.gone', 'info'],
  'garden-unavailable': ['rollcall.garden.unavailable', 'error'],
  'garden-available': ['rollcall.garden.available', 'info'],
  'could-not-tell': ['rollcall.reconcile.could-not-tell', 'error'],
  'can-tell-again': ['rollcall.reconcile.recovered', 'info'],
  'cell-warning': ['rollcall.cell.warning', 'error'],
  'cell-recovered': ['rollcall.cell.recovered', 'info'],
  'sensor-started': ['rollcall.sensor.started', 'info'],
  'sensor-stopped': ['rollcall.sensor.stopped', 'info'],
  'sensor-unseen': ['rollcall.sensor.unseen', 'error'],
  'sensor-silent': ['rollcall.sensor.silent', 'error'],
  'sensor-available': ['rollcall.sensor.available', 'info'],
  'mounts-chosen': ['rollcall.mounts.chosen', 'info'],
  'mount-changed': ['rollcall.mounts.changed', 'info'],
} as const satisfies Readonly<
  Record<Transition['kind'], readonly [AgentEvent['message'], AgentEvent['level']]>
>;

/** A transition as it appears in the log and among the last events. */
export function eventOf(transition: Transition, at: string): AgentEvent {
  const [message, level] = LOGGED[transition.kind];
  return { at, message, level, ...aboutTransition(transition.kind, transition) };
}

type Kind = Transition['kind'];
type Of<K extends Kind> = Transition & { readonly kind: K };
type About = Omit<AgentEvent, 'at' | 'message' | 'level'> & Partial<Pick<AgentEvent, 'level'>>;

const aboutTransition = <K extends Kind>(kind: K, transition: Of<K>): About =>
  ABOUT[kind](transition);

const ABOUT: { readonly [K in Kind]: (transition: Of<K>) => About } = {
  untracked: ({ container, remembered }) =>
    aboutFinding(container, remembered, containerSentence(container)),
  changed: ({ container, remembered, from }) =>
    aboutFinding(
      container,
      remembered,
      `This container was ${from.reason}. ${containerSentence(container)}`,
    ),
  recovered: ({ container: { handle, app } }) => ({
    handle,
    sentence: 'No longer untracked.',
    data: appData(app),
  }),
  gone: ({ handle, remembered, openReport: { reason, since }, how }) => ({
    handle,
    reason,
    sentence: `This container was untracked, and ${GONE[how]}.`,
    data: { since, ...appData(remembered.identity?.app ?? null) },
  }),
  'garden-unavailable': ({ why, since }) => ({
    sentence: `Garden's list cannot be read; nothing is compared until it can. ${oneLine(why, 300)}`,
    data: { since },
  }),
  'garden-available': ({ since }) => ({
    sentence: "Garden's list can be read again.",
    data: { since },
  }),
  'could-not-tell': ({ cause }) => ({
    sentence: unknownSentence(cause),
    data: { cause: cause.kind },
  }),
  'can-tell-again': () => ({ sentence: 'Containers can be compared again.', data: {} }),
  'cell-warning': ({ warning }) => ({
    reason: warning.reason,
    sentence: warningSentence(warning),
    data: {
      ...('containers' in warning ? { containers: warning.containers } : {}),
      ...('worst' in warning ? { worst: oneLine(warning.worst, 256) } : {}),
    },
  }),
  'cell-recovered': ({ reason, since }) => ({
    reason,
    sentence: warningEnd(reason),
    data: { since },
  }),
  'sensor-started': ({ sensor }) => {
    const { name, pid, startedAt, unit, olderContainers, blind } = sensor;
    return {
      level: blind === true ? 'error' : 'info',
      sentence: sensorSentence(sensor),
      data: { sensor: name, pid, since: startedAt, unit, olderContainers },
    };
  },
  'sensor-stopped': ({ sensor: { name, pid } }) => ({
    sentence: `${SENSOR_ROWS[name].title} is no longer running.`,
    data: { sensor: name, pid },
  }),
  'sensor-unseen': ({ observation, handles }) => ({
    sentence: observationSentence(observation),
    data: { sensor: observation.sensor.name, count: handles.length, handles },
  }),
  'sensor-silent': ({ observation }) => ({
    sentence: observationSentence(observation),
    data: {
      sensor: observation.sensor.name,
      state: observation.state,
      lastLineAt: observation.lastLineAt,
    },
  }),
  'sensor-available': ({ observation }) => ({
    sentence: observationSentence(observation),
    data: { sensor: observation.sensor.name, state: observation.state },
  }),
  'mounts-chosen': ({ choices }) => ({
    sentence: `Found ${plural(choices.length, 'cgroup hierarchy', 'cgroup hierarchies')}.`,
    data: {
      mounts: Object.fromEntries(
        choices.map(({ hierarchy, chosen }) => [
          controllerNames(hierarchy).join(','),
          mountText(chosen),
        ]),
      ),
    },
  }),
  'mount-changed': ({ hierarchy, from, to, why }) => ({
    level: to === null ? 'error' : 'info',
    sentence: `Another mount now shows the hierarchy ${oneLine(hierarchy, 100)}. ${oneLine(why, 300)}`,
    data: { hierarchy, from: mountText(from), to: mountText(to) },
  }),
};

/** A finding that begins links to what to do about it; so does a drill. */
export function withRunbookLink(event: AgentEvent, runbookUrl: string | null): AgentEvent {
  const { level, reason, data } = event;
  const link = level === 'error' && reason !== undefined ? runbookLink(runbookUrl, reason) : null;
  return link === null ? event : { ...event, data: { runbook_url: link, ...data } };
}

function aboutFinding(
  container: ContainerReport,
  { evidence }: RememberedContainer,
  sentence: string,
): About {
  const { handle, reason, severity, since, app, processes, cgroups } = container;
  const advice = adviceOn(container, { cell: null, explained: null });
  const shown = evidence ?? { processes, cgroups };
  return {
    handle,
    ...(reason === null ? {} : { reason }),
    sentence,
    data: {
      severity,
      since,
      ...(advice === null ? {} : { urgency: advice.urgency, ...firstStepData(advice) }),
      ...appData(app),
      processes: shown.processes.map(processData),
      cgroups: pathData(shown.cgroups),
    },
  };
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
  return {
    at: to,
    message: 'rollcall.summary',
    level: 'info',
    sentence:
      `In ${span}, ${plural(compared, 'pass', 'passes')} succeeded and ${failed} failed; the longest time between two ` +
      `comparisons was ${longestGapSeconds} s; ${plural(containers, 'container')}, at most ${plural(findings, 'finding')} at once.`,
    data: { from, ...numbers },
  };
}

/** The two events of a drill: it starts like a finding, and ends by itself. */
export function drillEvents({
  handle,
  since,
  until,
}: Drill): Readonly<Record<'begin' | 'end', AgentEvent>> {
  const common = {
    handle: asHandle(handle),
    reason: 'unknown-to-garden',
    data: { drill: true, until },
  } as const;
  const sentence = `This is a drill until ${secondText(until)}: this container does not exist.`;
  return {
    begin: {
      at: since,
      message: 'rollcall.container.untracked',
      level: 'error',
      sentence,
      ...common,
    },
    end: {
      at: until,
      message: 'rollcall.container.gone',
      level: 'info',
      sentence: 'The drill is over.',
      ...common,
    },
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
