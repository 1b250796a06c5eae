import type { AcknowledgementEnd } from '../model/acknowledgement.ts';
import type { Drill, AgentEvent } from '../model/agent-state.ts';
import type { Transition } from '../model/transition.ts';
import type { CellIdentity } from '../model/cell-identity.ts';
import type { HourlySummary } from '../model/history.ts';
import type { AppIdentity } from '../model/garden.ts';
import { controllerNames } from '../model/hierarchy.ts';
import { asHandle, type ByteString } from '../model/ids.ts';
import type { RememberedContainer } from '../model/memory.ts';
import type { Mount } from '../model/mount.ts';
import type { ProcessFacts } from '../model/process.ts';
import type { ContainerReport } from '../model/report.ts';
import { textOfBytes, oneLine } from '../model/text.ts';
import { SENSOR_ROWS } from '../model/sensor.ts';
import { acknowledgementText } from './acknowledgement-text.ts';
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
  acknowledged: ['rollcall.container.acknowledged', 'info'],
  unacknowledged: ['rollcall.container.unacknowledged', 'info'],
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
  return { at, message, level, ...aboutTransition(transition) };
}

type About = Omit<AgentEvent, 'at' | 'message' | 'level'> & Partial<Pick<AgentEvent, 'level'>>;

function aboutTransition(transition: Transition): About {
  switch (transition.kind) {
    case 'untracked': {
      const { container, remembered } = transition;
      return aboutFinding(container, remembered, containerSentence(container));
    }
    case 'changed': {
      const { container, remembered, from } = transition;
      const sentence = `It was ${from.reason}. ${containerSentence(container)}`;
      return aboutFinding(container, remembered, sentence);
    }
    case 'recovered': {
      const { handle, app } = transition.container;
      return { handle, sentence: 'No longer untracked.', data: appData(app) };
    }
    case 'gone': {
      const { handle, remembered, openReport, how } = transition;
      return {
        handle,
        reason: openReport.reason,
        sentence: `It was untracked, and ${GONE[how]}.`,
        data: { since: openReport.since, ...appData(remembered.identity?.app ?? null) },
      };
    }
    case 'acknowledged': {
      const { handle, acknowledgement } = transition;
      return {
        handle,
        reason: acknowledgement.finding.reason,
        sentence: `${acknowledgementText(acknowledgement)}.`,
        data: acknowledgementData(transition),
      };
    }
    case 'unacknowledged': {
      const { handle, acknowledgement, end } = transition;
      return {
        level: end === 'expired' || end === 'changed' ? 'error' : 'info',
        handle,
        reason: acknowledgement.finding.reason,
        sentence: UNACKNOWLEDGED[end],
        data: { ended: end, ...acknowledgementData(transition) },
      };
    }
    case 'garden-unavailable':
      return {
        sentence: `Garden's list cannot be read; nothing is compared until it can. ${oneLine(transition.why, 300)}`,
        data: { since: transition.since },
      };
    case 'garden-available':
      return {
        sentence: "Garden's list can be read again.",
        data: { since: transition.since },
      };
    case 'could-not-tell':
      return {
        sentence: unknownSentence(transition.cause),
        data: { cause: transition.cause.kind },
      };
    case 'can-tell-again':
      return { sentence: 'Containers can be compared again.', data: {} };
    case 'cell-warning': {
      const { warning } = transition;
      const { reason } = warning;
      const containers = 'containers' in warning ? { containers: warning.containers } : {};
      const worst = 'worst' in warning ? { worst: oneLine(warning.worst, 256) } : {};
      return { reason, sentence: warningSentence(warning), data: { ...containers, ...worst } };
    }
    case 'cell-recovered': {
      const { reason, since } = transition;
      return { reason, sentence: warningEnd(reason), data: { since } };
    }
    case 'sensor-started': {
      const { sensor } = transition;
      const { name, pid, startedAt, unit, olderContainers, blind } = sensor;
      return {
        level: blind === true ? 'error' : 'info',
        sentence: sensorSentence(sensor),
        data: { sensor: name, pid, since: startedAt, unit, olderContainers },
      };
    }
    case 'sensor-stopped': {
      const { name, pid } = transition.sensor;
      const sentence = `${SENSOR_ROWS[name].title} is no longer running.`;
      return { sentence, data: { sensor: name, pid } };
    }
    case 'sensor-unseen': {
      const { observation, handles } = transition;
      const data = { sensor: observation.sensor.name, count: handles.length, handles };
      return { sentence: observationSentence(observation), data };
    }
    case 'sensor-silent': {
      const { observation } = transition;
      const { sensor, state, lastLineAt } = observation;
      const data = { sensor: sensor.name, state, lastLineAt };
      return { sentence: observationSentence(observation), data };
    }
    case 'sensor-available': {
      const { observation } = transition;
      const { sensor, state } = observation;
      return {
        sentence: observationSentence(observation),
        data: { sensor: sensor.name, state },
      };
    }
    case 'mounts-chosen': {
      const mounts = transition.choices.map(
        ({ hierarchy, chosen }) =>
          [controllerNames(hierarchy).join(','), mountText(chosen)] as const,
      );
      const sentence = `Found ${plural(mounts.length, 'cgroup hierarchy', 'cgroup hierarchies')}.`;
      return { sentence, data: { mounts: Object.fromEntries(mounts) } };
    }
    case 'mount-changed': {
      const { hierarchy, from, to, why } = transition;
      return {
        level: to === null ? 'error' : 'info',
        sentence: `Another mount now shows the hierarchy ${oneLine(hierarchy, 100)}. ${oneLine(why, 300)}`,
        data: { hierarchy, from: mountText(from), to: mountText(to) },
      };
    }
    default:
      return transition satisfies never;
  }
}

/** A finding that begins or counts again links to what to do about it; so does a drill. */
export function withRunbookLink(event: AgentEvent, runbookUrl: string | null): AgentEvent {
  const { level, reason, data } = event;
  const link = level === 'error' && reason !== undefined ? runbookLink(runbookUrl, reason) : null;
  return link === null ? event : { ...event, data: { runbook_url: link, ...data } };
}

const UNACKNOWLEDGED: Readonly<Record<AcknowledgementEnd, string>> = {
  expired: 'Its acknowledgement has expired: it counts again.',
  changed: 'It differs from what was acknowledged: it counts again.',
  recovered: 'Its acknowledgement ended, because it is tracked again.',
  gone: 'Its acknowledgement ended, because it is gone.',
  withdrawn: 'Its acknowledgement was withdrawn: it counts again.',
};

const acknowledgementData = ({
  acknowledgement: { finding, until, by, reason },
  app,
}: Extract<Transition, { kind: 'acknowledged' | 'unacknowledged' }>): AgentEvent['data'] => ({
  severity: finding.severity,
  until,
  by: short(by),
  why: oneLine(reason, 200),
  ...appData(app),
});

function aboutFinding(
  container: ContainerReport,
  { evidence }: RememberedContainer,
  sentence: string,
): About {
  const { handle, reason, severity, since, app, processes, cgroups } = container;
  const shown = evidence ?? { processes, cgroups };
  return {
    handle,
    ...(reason === null ? {} : { reason }),
    sentence,
    data: {
      severity,
      since,
      ...appData(app),
      processes: shown.processes.map(processData),
      cgroups: pathData(shown.cgroups),
    },
  };
}

/** What the agent did in an hour: without it, silence could also mean that nothing was compared. */
export function summaryEvent(summary: HourlySummary, cell: CellIdentity | null): AgentEvent {
  const { from, to, bootId: _sameForDays, ...numbers } = summary;
  const { compared, failed, longestGapSeconds, containers, findings } = numbers;
  const span = spanText((Date.parse(to) - Date.parse(from)) / 1000);
  return {
    at: to,
    message: 'rollcall.summary',
    level: 'info',
    sentence:
      `In ${span}, ${plural(compared, 'pass', 'passes')} succeeded and ${failed} failed; the longest time between two ` +
      `comparisons was ${longestGapSeconds} s; ${plural(containers, 'container')}, at most ${plural(findings, 'finding')} at once.`,
    data: { from, ...numbers, ...(cell === null ? {} : { cell }) },
  };
}

/** The two events of a drill: it starts like a finding, and ends by itself. */
export const drillEvents = (
  drill: Drill,
): { readonly begin: AgentEvent; readonly end: AgentEvent } => {
  const handle = asHandle(drill.handle);
  const common = {
    handle,
    reason: 'unknown-to-garden',
    data: { drill: true, until: drill.until },
  } as const;
  return {
    begin: {
      at: drill.since,
      message: 'rollcall.container.untracked',
      level: 'error',
      sentence: `This is a drill until ${secondText(drill.until)}: this container does not exist.`,
      ...common,
    },
    end: {
      at: drill.until,
      message: 'rollcall.container.gone',
      level: 'info',
      sentence: 'The drill is over.',
      ...common,
    },
  };
};

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
