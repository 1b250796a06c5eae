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
import type { SensorObservation } from '../model/observation.ts';
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

/** A transition as it appears in the log and among the last events. */
export function eventOf(transition: Transition, at: string): AgentEvent {
  switch (transition.kind) {
    case 'untracked': {
      const { container, remembered } = transition;
      return {
        ...findingEvent(container, remembered),
        at,
        message: 'rollcall.container.untracked',
        sentence: containerSentence(container),
      };
    }
    case 'changed': {
      const { container, remembered, from } = transition;
      return {
        ...findingEvent(container, remembered),
        at,
        message: 'rollcall.container.changed',
        sentence: `It was ${from.reason}. ${containerSentence(container)}`,
      };
    }
    case 'recovered': {
      const { handle, app } = transition.container;
      const sentence = 'No longer untracked.';
      return {
        at,
        message: 'rollcall.container.recovered',
        level: 'info',
        handle,
        sentence,
        data: appData(app),
      };
    }
    case 'gone': {
      const { handle, remembered, openReport, how } = transition;
      return {
        at,
        message: 'rollcall.container.gone',
        level: 'info',
        handle,
        reason: openReport.reason,
        sentence: `It was untracked, and ${GONE[how]}.`,
        data: { since: openReport.since, ...appData(remembered.identity?.app ?? null) },
      };
    }
    case 'acknowledged': {
      const { acknowledgement } = transition;
      return {
        ...acknowledgementEvent(transition),
        at,
        message: 'rollcall.container.acknowledged',
        sentence: `${acknowledgementText(acknowledgement)}.`,
      };
    }
    case 'unacknowledged': {
      const { end } = transition;
      const event = acknowledgementEvent(transition);
      return {
        ...event,
        at,
        message: 'rollcall.container.unacknowledged',
        level: end === 'expired' || end === 'changed' ? 'error' : 'info',
        sentence: UNACKNOWLEDGED[end],
        data: { ended: end, ...event.data },
      };
    }
    case 'garden-unavailable': {
      const sentence = `Garden's list cannot be read; nothing is compared until it can. ${oneLine(transition.why, 300)}`;
      const data = { since: transition.since };
      return { at, message: 'rollcall.garden.unavailable', level: 'error', sentence, data };
    }
    case 'garden-available': {
      const sentence = "Garden's list can be read again.";
      const data = { since: transition.since };
      return { at, message: 'rollcall.garden.available', level: 'info', sentence, data };
    }
    case 'could-not-tell': {
      const sentence = unknownSentence(transition.cause);
      const data = { cause: transition.cause.kind };
      return { at, message: 'rollcall.reconcile.could-not-tell', level: 'error', sentence, data };
    }
    case 'can-tell-again': {
      const sentence = 'Containers can be compared again.';
      return { at, message: 'rollcall.reconcile.recovered', level: 'info', sentence, data: {} };
    }
    case 'cell-warning': {
      const { reason, containers, worst } = transition.warning;
      return {
        at,
        message: 'rollcall.cell.warning',
        level: 'error',
        reason,
        sentence: warningSentence(transition.warning),
        data: { containers, worst: oneLine(worst, 256) },
      };
    }
    case 'cell-recovered': {
      const { reason, since } = transition;
      const sentence = warningEnd(reason);
      const data = { since };
      return { at, message: 'rollcall.cell.recovered', level: 'info', reason, sentence, data };
    }
    case 'sensor-started': {
      const { sensor } = transition;
      const { name, pid, startedAt, unit, olderContainers, blind } = sensor;
      return {
        at,
        message: 'rollcall.sensor.started',
        level: blind === true ? 'error' : 'info',
        sentence: sensorSentence(sensor),
        data: { sensor: name, pid, since: startedAt, unit, olderContainers },
      };
    }
    case 'sensor-stopped': {
      const { name, pid } = transition.sensor;
      const sentence = `${SENSOR_ROWS[name].title} is no longer running.`;
      return {
        at,
        message: 'rollcall.sensor.stopped',
        level: 'info',
        sentence,
        data: { sensor: name, pid },
      };
    }
    case 'sensor-unseen': {
      const { observation, handles } = transition;
      const data = { sensor: observation.sensor.name, count: handles.length, handles };
      return { ...observationEvent(observation, data), at, message: 'rollcall.sensor.unseen' };
    }
    case 'sensor-silent': {
      const { observation } = transition;
      const { sensor, state, lastLineAt } = observation;
      const data = { sensor: sensor.name, state, lastLineAt };
      return { ...observationEvent(observation, data), at, message: 'rollcall.sensor.silent' };
    }
    case 'sensor-available': {
      const { observation } = transition;
      const { sensor, state } = observation;
      const data = { sensor: sensor.name, state };
      return {
        ...observationEvent(observation, data),
        at,
        message: 'rollcall.sensor.available',
        level: 'info',
      };
    }
    case 'mounts-chosen': {
      const mounts = transition.choices.map(
        ({ hierarchy, chosen }) =>
          [controllerNames(hierarchy).join(','), mountText(chosen)] as const,
      );
      const sentence = `Found ${plural(mounts.length, 'cgroup hierarchy', 'cgroup hierarchies')}.`;
      const data = { mounts: Object.fromEntries(mounts) };
      return { at, message: 'rollcall.mounts.chosen', level: 'info', sentence, data };
    }
    case 'mount-changed': {
      const { hierarchy, from, to, why } = transition;
      const sentence = `Another mount now shows the hierarchy ${oneLine(hierarchy, 100)}. ${oneLine(why, 300)}`;
      const data = { hierarchy, from: mountText(from), to: mountText(to) };
      const level = to === null ? 'error' : 'info';
      return { at, message: 'rollcall.mounts.changed', level, sentence, data };
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

function acknowledgementEvent({
  handle,
  acknowledgement: { finding, until, by, reason: why },
  app,
}: Extract<Transition, { kind: 'acknowledged' | 'unacknowledged' }>) {
  const { reason, severity } = finding;
  const data = { severity, until, by: short(by), why: oneLine(why, 200), ...appData(app) };
  return { level: 'info', handle, reason, data } as const;
}

const observationEvent = (observation: SensorObservation, data: AgentEvent['data']) =>
  ({ level: 'error', sentence: observationSentence(observation), data }) as const;

function findingEvent(container: ContainerReport, { evidence }: RememberedContainer) {
  const { handle, reason, severity, since, app, processes, cgroups } = container;
  const shown = evidence ?? { processes, cgroups };
  return {
    level: 'error',
    handle,
    ...(reason === null ? {} : { reason }),
    data: {
      severity,
      since,
      ...appData(app),
      processes: shown.processes.map(processData),
      cgroups: pathData(shown.cgroups),
    },
  } as const;
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
