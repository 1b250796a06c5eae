import { expect } from 'chai';
import { processOf, unnamed } from '../../src/sensors/judge-observation.ts';
import { TRACEE_VERSIONS } from './event-lines.ts';
import {
  ABSENT,
  app,
  apps,
  created,
  existing,
  expectShown,
  falcoAlerts,
  H,
  J,
  list,
  processEvents,
  TASK,
  UNREADABLE,
  WatchedSensor,
} from './watched-sensor.ts';

/** Each of these so many times, one after the other. */
const times = <T>(count: number, ...each: readonly T[]): readonly T[] =>
  each.flatMap((one) => Array.from({ length: count }, () => one));

/** A Tracee that has named so many of the app instances that run, in one burst. */
function sensorThatNamed(count: number, { of: running }: { readonly of: number }): WatchedSensor {
  const sensor = new WatchedSensor();
  sensor.startContainers(50, ...apps(0, running - 1));
  sensor.pass(110, { lines: existing(apps(0, count - 1)) });
  return sensor;
}

describe('what a sensor says it saw', () => {
  for (const version of TRACEE_VERSIONS) {
    const sensorThatNamed40Of60 = (): WatchedSensor => {
      const sensor = new WatchedSensor();
      sensor.startContainers(50, ...apps(0, 59));
      sensor.pass(110, { lines: existing(apps(0, 39), version) });
      return sensor;
    };

    it(`leaves nothing unseen within one grace period of a burst of Tracee ${version}`, () => {
      const { observation } = sensorThatNamed40Of60().pass(169);
      expectShown(observation, { state: 'fresh', seen: 40, undecided: 20 });
    });

    it(`leaves unseen what is not in a burst of Tracee ${version} after a grace period`, () => {
      const { observation } = sensorThatNamed40Of60().pass(170);
      expectShown(observation, { state: 'fresh', seen: 40, unseen: apps(40, 59) });
      expect(observation.why).to.contain(
        'The event file of Tracee names 40 of 60 running containers, but not 20',
      );
    });
  }

  it('counts only process events of Tracee v0.16 to v0.19, whose bursts repeat one id', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 59));
    sensor.pass(110, {
      lines: [...existing(times(60, app(0))), ...processEvents([app(1)], 'v0.18-v0.24')],
    });
    const { observation } = sensor.pass(230);
    expectShown(observation, { state: 'unknown', seen: 1, undecided: 59 });
    expect(observation.why).to.contain('repeat one id, as with v0.16 to v0.19');
  });

  it('does not take a burst that has each container twice, as after throttling on v2, for that defect', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 1));
    sensor.pass(110, { lines: existing(times(2, ...apps(0, 1))) });
    const { observation } = sensor.pass(300);
    expectShown(observation, { state: 'fresh', seen: 2 });
  });

  it('does not take a burst of one container that has it twice for that defect', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, app(0));
    sensor.pass(110, { lines: existing(times(2, app(0))) });
    const { observation } = sensor.pass(300);
    expectShown(observation, { state: 'fresh', seen: 1 });
  });

  it('decides nothing about older containers without a burst, and names the events to select', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 59));
    sensor.pass(110, { lines: processEvents([app(0)]) });
    const { observation } = sensor.pass(500);
    expectShown(observation, { state: 'unknown', seen: 1, undecided: 59 });
    expect(observation.why).to.contain('existing_container, container_create and container_remove');
  });

  it('is not read from the beginning if the beginning was rotated away', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 59));
    sensor.pass(110, { isWhole: false, lines: existing(apps(30, 59)) });
    const { observation } = sensor.pass(500);
    expectShown(observation, { state: 'unknown', seen: 30, undecided: 30 });
  });

  it('leaves a younger container unseen if another one was announced within the last hour', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(200, ...apps(0, 1));
    sensor.pass(210, { lines: created([app(0)], 200) });
    const { observation } = sensor.pass(270);
    expectShown(observation, { state: 'fresh', seen: 1, unseen: [app(1)] });
  });

  it('leaves no younger container unseen if no other one was announced within the last hour', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(5000, ...apps(0, 1));
    sensor.pass(5001, { lines: [...created([app(9)], 1000), ...processEvents([app(9)])] });
    const { observation } = sensor.pass(5100);
    expectShown(observation, {
      state: 'unknown',
      seen: 0,
      undecided: 2,
      unknownIds: [app(9)],
    });
  });

  it('leaves no container unseen that began before skipped lines', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(200, ...apps(0, 1));
    sensor.pass(210, { hasGap: true, lines: created([app(9)], 205) });
    const { observation } = sensor.pass(400);
    expectShown(observation, {
      state: 'unknown',
      seen: 0,
      undecided: 2,
      unknownIds: [app(9)],
    });
  });

  it('leaves a container unseen that began after skipped lines', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(200, ...apps(0, 1));
    sensor.pass(210, { hasGap: true, lines: created([app(9)], 205) });
    sensor.pass(400);
    sensor.startContainers(410, app(5));
    sensor.pass(411, { lines: created([app(9)], 405) });
    const { observation } = sensor.pass(471);
    expectShown(observation, {
      state: 'fresh',
      seen: 0,
      unseen: [app(5)],
      undecided: 2,
      unknownIds: [app(9)],
    });
  });

  it('is expected to lack tasks, health checks and what has no id for Tracee', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 1));
    sensor.startContainers(50, TASK);
    sensor.pass(110, { lines: existing(apps(0, 1)) });
    const { observation } = sensor.pass(500);
    expectShown(observation, { state: 'fresh', seen: 2, expectedUnseen: 1 });
  });

  it('says that Tracee reads v2 where cpuset is not in version 1', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 2));
    sensor.pass(110, { lines: existing(apps(1, 2)) });
    const { observation } = sensor.pass(300);
    expectShown(observation, { state: 'fresh', seen: 2, unseen: [app(0)] });
  });

  it('says that Tracee reads cpuset where version 1 has it, in which the path is /', () => {
    const sensor = new WatchedSensor({ mode: 'hybrid' });
    sensor.startContainers(50, ...apps(0, 2));
    sensor.pass(110, { lines: existing(apps(1, 2)) });
    const { observation } = sensor.pass(300);
    expectShown(observation, { state: 'fresh', seen: 2, expectedUnseen: 1 });
  });

  it('leaves nothing unseen while the file is not read to its end', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 2));
    sensor.pass(110, { isAtEnd: false, lines: existing(apps(0, 1)) });
    const { observation } = sensor.pass(200, { isAtEnd: false, lines: processEvents([app(0)]) });
    expectShown(observation, { state: 'unknown', seen: 2, undecided: 1 });
    expect(observation.why).to.contain('The agent has not read the event file to its end yet');
  });

  it('is kept where the file says nothing new', () => {
    const sensor = sensorThatNamed(10, { of: 10 });
    const { observation } = sensor.pass(200);
    expectShown(observation, { state: 'fresh', seen: 10 });
  });

  it('is forgotten when the sensor restarts, after which its mount may be worse', () => {
    const sensor = sensorThatNamed(10, { of: 10 });
    sensor.pass(200);
    sensor.process = { pid: 200, startTicks: 25_000 };
    sensor.pass(260, { isAnew: true, lines: existing(apps(0, 1)) });
    const { observation } = sensor.pass(320);
    expectShown(observation, { state: 'fresh', seen: 2, unseen: [...apps(2, 9)] });
  });

  it('is kept when the file is rotated while the sensor runs', () => {
    const sensor = sensorThatNamed(10, { of: 10 });
    sensor.pass(260, { isAnew: true, lines: processEvents([app(0)]) });
    const { observation } = sensor.pass(400);
    expectShown(observation, { state: 'fresh', seen: 10 });
  });

  it('raises nothing on a cell whose idle containers cause no lines for minutes', () => {
    const sensor = sensorThatNamed(10, { of: 10 });
    const { observation } = sensor.pass(800);
    expectShown(observation, { state: 'stale', seen: 10 });
  });

  it('raises nothing on a cell whose idle containers cause no lines for hours', () => {
    const sensor = sensorThatNamed(10, { of: 10 });
    sensor.pass(800);
    sensor.pass(4000);
    const { observation } = sensor.pass(40000);
    expectShown(observation, { state: 'stale', seen: 10 });
  });

  it('keeps containers unseen that a sensor missed before it became quiet, and adds none', () => {
    const sensor = sensorThatNamed(8, { of: 10 });
    sensor.pass(200);
    const { observation } = sensor.pass(4000);
    expectShown(observation, { state: 'stale', seen: 8, unseen: [...apps(8, 9)] });
  });

  it('does not make a stale sensor silent within a grace period of a new container', () => {
    const sensor = sensorThatNamed(8, { of: 10 });
    sensor.pass(200);
    sensor.startContainers(4000, app(20));
    const { observation } = sensor.pass(4059);
    expectShown(observation, { state: 'stale', seen: 8, unseen: [...apps(8, 9)], undecided: 1 });
  });

  it('makes a stale sensor silent after a grace period of a new container', () => {
    const sensor = sensorThatNamed(8, { of: 10 });
    sensor.pass(200);
    sensor.startContainers(4000, app(20));
    const { observation } = sensor.pass(4060);
    expectShown(observation, { state: 'stale', seen: 8, undecided: 3, isSilent: true });
    expect(observation.why).to.contain('Tracee is silent');
  });

  it('ends the silence with a new line', () => {
    const sensor = sensorThatNamed(8, { of: 10 });
    sensor.pass(200);
    sensor.startContainers(4000, app(20));
    sensor.pass(4060);
    const { observation } = sensor.pass(4100, { lines: created([app(20)], 4000) });
    expectShown(observation, { state: 'fresh', seen: 9, unseen: [...apps(8, 9)] });
  });

  it('finds many unseen by a sensor that runs', () => {
    const sensor = sensorThatNamed(2, { of: 250 });
    const { observation } = sensor.pass(200);
    expectShown(observation, { state: 'fresh', seen: 2, unseen: [...apps(2, 249)] });
  });

  it('finds none unseen by a sensor that has died', () => {
    const sensor = sensorThatNamed(2, { of: 250 });
    sensor.pass(200);
    sensor.process = null;
    const { observation } = sensor.pass(210);
    expectShown(observation, {
      state: 'unknown',
      seen: 2,
      undecided: 248,
      life: 'ended',
      isUp: false,
    });
  });

  it('says after a grace period that the sensor is dead', () => {
    const sensor = sensorThatNamed(2, { of: 250 });
    sensor.pass(200);
    sensor.process = null;
    sensor.pass(210);
    const { observation } = sensor.pass(270);
    expectShown(observation, {
      state: 'unknown',
      seen: 2,
      undecided: 248,
      life: 'ended',
      isUp: false,
      isSilent: true,
    });
    expect(observation.why).to.contain('The process of Tracee is not running');
  });

  it('says after a grace period that the file is absent', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 1));
    sensor.pass(110, ABSENT);
    const { observation } = sensor.pass(200, ABSENT);
    expectShown(observation, {
      state: 'absent',
      seen: 0,
      undecided: 2,
      isUp: false,
      isSilent: true,
    });
    expect(observation.why).to.contain('restart the agent');
  });

  it('says mode and owner of a file that cannot be read', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 1));
    sensor.pass(110, ABSENT);
    sensor.pass(200, ABSENT);
    const { observation } = sensor.pass(210, UNREADABLE);
    expectShown(observation, {
      state: 'unreadable',
      seen: 0,
      undecided: 2,
      isUp: false,
      isSilent: true,
    });
    expect(observation.why).to.contain('/var/log/tracee (EACCES, mode 0700, owner 0:0)');
  });

  it('is judged as usual once a file can be read that could not be read at first', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, ...apps(0, 2));
    sensor.pass(110, UNREADABLE);
    sensor.pass(300, { lines: existing(apps(1, 2)) });
    const { observation } = sensor.pass(360);
    expectShown(observation, { state: 'fresh', seen: 2, unseen: [app(0)] });
  });

  it('does not make a sensor dead whose process was never found', () => {
    const sensor = new WatchedSensor();
    sensor.process = null;
    sensor.startContainers(50, app(0));
    sensor.pass(110, { lines: processEvents([app(0)]) });
    const { observation } = sensor.pass(4000);
    expectShown(observation, { state: 'stale', seen: 1, life: 'unknown' });
  });

  it('finds no container unseen by Falco, and shows its wrong names', () => {
    const sensor = new WatchedSensor({ format: 'falco' });
    sensor.startContainers(50, H);
    sensor.startContainers(50, J);
    sensor.pass(110, { lines: falcoAlerts('good/8a37cb6', 'garden.servi', 'host') });
    const { observation } = sensor.pass(500);
    expectShown(observation, {
      state: 'unknown',
      seen: 1,
      undecided: 1,
      unknownIds: ['garden.servi'],
    });
    expect(observation.why).to.contain('Falco writes only what matches a rule');
  });

  it('does not make Falco silent either', () => {
    const sensor = new WatchedSensor({ format: 'falco' });
    sensor.startContainers(50, H);
    sensor.startContainers(50, J);
    sensor.pass(110, { lines: falcoAlerts('good/8a37cb6', 'garden.servi', 'host') });
    sensor.pass(500);
    const { observation } = sensor.pass(40000);
    expectShown(observation, {
      state: 'stale',
      seen: 1,
      undecided: 1,
      unknownIds: ['garden.servi'],
    });
  });

  it('counts an id that two handles begin with for neither of them', () => {
    const sensor = new WatchedSensor({ format: 'falco' });
    sensor.startContainers(50, ...apps(0, 1));
    const { observation } = sensor.pass(110, { lines: falcoAlerts('8a37cb6f-385') });
    expectShown(observation, { state: 'unknown', seen: 0, undecided: 2 });
  });

  it('takes a list for complete', () => {
    const sensor = new WatchedSensor({ format: 'ids' });
    sensor.startContainers(50, ...apps(0, 1));
    sensor.pass(110, { isAnew: true, lines: list(...apps(0, 1)) });
    const { observation } = sensor.pass(500, { isAnew: true, lines: list(app(0)) });
    expectShown(observation, { state: 'fresh', seen: 1, undecided: 1 });
  });

  it('leaves unseen who is not in a list, after a grace period', () => {
    const sensor = new WatchedSensor({ format: 'ids' });
    sensor.startContainers(50, ...apps(0, 1));
    sensor.pass(110, { isAnew: true, lines: list(...apps(0, 1)) });
    sensor.pass(500, { isAnew: true, lines: list(app(0)) });
    const { observation } = sensor.pass(560, { isAnew: true, lines: list(app(0)) });
    expectShown(observation, { state: 'fresh', seen: 1, unseen: [app(1)] });
  });

  it('is counted from the newest list alone', () => {
    const sensor = new WatchedSensor({ format: 'ids' });
    sensor.startContainers(50, ...apps(0, 1));
    sensor.pass(110, { isAnew: true, lines: list(...apps(0, 1)) });
    sensor.pass(500, { isAnew: true, lines: list(app(0)) });
    sensor.pass(560, { isAnew: true, lines: list(app(0)) });
    const { observation } = sensor.pass(600, { isAnew: true, lines: list(...apps(0, 1)) });
    expectShown(observation, { state: 'fresh', seen: 2 });
  });

  it('takes a list for fresh', () => {
    const sensor = new WatchedSensor({ format: 'ids' });
    sensor.startContainers(50, app(0));
    const { observation } = sensor.pass(1000, { lines: list(app(0)) });
    expectShown(observation, { state: 'fresh', seen: 1 });
  });

  it('takes a list for fresh for the grace period only', () => {
    const sensor = new WatchedSensor({ format: 'ids' });
    sensor.startContainers(50, app(0));
    sensor.pass(1000, { lines: list(app(0)) });
    const { observation } = sensor.pass(1601);
    expectShown(observation, { state: 'stale', seen: 1 });
  });

  it('shows ids of no container, bounded, but not one of a container that ended', () => {
    const sensor = sensorThatNamed(2, { of: 2 });
    sensor.endContainers(app(1));
    sensor.pass(120, { lines: processEvents(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) });
    const { observation } = sensor.pass(180);
    expectShown(observation, {
      state: 'fresh',
      seen: 1,
      unknownIds: ['a', 'b', 'c', 'd', 'e'],
      unknownIdsOmitted: 4,
    });
  });

  it('shows unseen containers in the order of their handles', () => {
    const sensor = new WatchedSensor();
    sensor.startContainers(50, app(9));
    sensor.startContainers(50, ...apps(0, 2));
    sensor.pass(110, { lines: existing(apps(0, 1)) });
    const { observation } = sensor.pass(170);
    expectShown(observation, { state: 'fresh', seen: 2, unseen: [app(2), app(9)] });
  });

  it('keeps the last counts while nothing can be compared', () => {
    const sensor = sensorThatNamed(2, { of: 4 });
    sensor.pass(200);
    const { observation } = sensor.passWithoutContainers(210);
    expectShown(observation, { state: 'unknown', seen: 2, unseen: [...apps(2, 3)] });
  });

  it('goes on from the last counts after a pass that compared nothing', () => {
    const sensor = sensorThatNamed(2, { of: 4 });
    sensor.pass(200);
    sensor.passWithoutContainers(210);
    const { observation } = sensor.pass(220);
    expectShown(observation, { state: 'fresh', seen: 2, unseen: [...apps(2, 3)] });
  });

  it('reports nothing again after a restart of the agent, and begins no new grace period', () => {
    const sensor = sensorThatNamed(8, { of: 10 });
    sensor.restartAgent();
    const { observation } = sensor.pass(170, { lines: existing(apps(0, 7)) });
    expectShown(observation, { state: 'fresh', seen: 8, unseen: [...apps(8, 9)] });
  });

  it('gives no advice about events in a pass that compares nothing', () => {
    for (const format of ['tracee', 'ids'] as const) {
      const sensor = new WatchedSensor({ format });
      sensor.startContainers(50, ...apps(0, 1));
      sensor.pass(100, { lines: ['{}'] });
      const { observation } = sensor.passWithoutContainers(101);
      expect(observation.why).to.match(
        /^This pass could compare no container with the event file of \w+\.$/,
      );
    }
  });

  it('is about the sensor that its format or its name gives', () => {
    const of = (name: string, format: 'ids' | 'tracee') =>
      processOf({ name, format, path: '/events', graceSeconds: 60 });
    expect([of('x', 'tracee'), of('falco', 'ids'), of('x', 'ids')]).to.deep.equal([
      'tracee',
      'falco',
      null,
    ]);
  });

  it('asks for the starts of what it has not named, unless nothing follows from that', () => {
    const { observation, remembered } = sensorThatNamed(2, { of: 4 }).pass(111);
    const containers = [...observation.sees.keys()].map((handle) => ({ handle }));
    const asked = containers.flatMap(({ handle }) =>
      observation.sees.get(handle) === 'yes' ? [] : [handle],
    );
    expect(asked).to.have.lengthOf(2);
    expect(unnamed(remembered, containers)).to.deep.equal(asked);
    expect(unnamed({ ...remembered, format: 'falco' }, containers)).to.deep.equal([]);
  });

  it('limits hostile ids in memory, which displace no container', () => {
    const sensor = sensorThatNamed(10, { of: 10 });
    for (const pass of [0, 1, 2, 3]) {
      const strange = Array.from({ length: 4000 }, (_, n) => `${'x'.repeat(200)}${pass}.${n}`);
      sensor.pass(120 + pass, { lines: processEvents(strange) });
    }
    const last = sensor.pass(200);
    expect(last.remembered.ids.size).to.equal(5000);
    expect(last.observation).to.deep.include({ seen: 10, unseen: [] });
  });
});
