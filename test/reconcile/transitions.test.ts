import { expect } from 'chai';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Report } from '../../src/model/report.ts';
import type { SensorReport } from '../../src/model/sensor.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { reread } from '../parse/reread-memory.ts';
import { SENSOR } from '../present/agent-state-builder.ts';
import { reportAfter } from './cell-builder.ts';
import {
  app,
  cell,
  container,
  created,
  gardenAway,
  GARDEN,
  GDN,
  list,
  lose,
  loseProperties,
  withCgroups,
  type Cell,
} from './cell.ts';

const billing = app('billing');
const shop = app('shop', { pids: [300] });

const healthy = cell({ containers: [billing] });
const bothListed = cell({ containers: [billing, shop] });
const shopLost = lose(bothListed, shop);
const unlistedNow = gardenAway(shopLost);
/** gdn is not in the cgroup that it says it is in. */
const namespaced: Cell = { ...healthy, gdn: [{ pid: 555, cgroups: { memory: GDN } }] };
const unreadable: Cell = { ...healthy, unreadable: [GARDEN] };
const unowned = loseProperties(healthy, billing);
const lifeless = cell({ listed: [billing], cgroups: { [GARDEN]: [] } });
const beingDestroyed = created(lifeless);
const empty = cell({ cgroups: { [GARDEN]: [] } });

/** What an agent reports of each of its passes, in order; nothing is an empty text. */
class Agent {
  readonly #graceMilliseconds: number;
  #memory: Memory = EMPTY_MEMORY;
  #reportBefore: Report | null = null;
  #bootId = 'boot-1';

  constructor(graceSeconds: number) {
    this.#graceMilliseconds = graceSeconds * 1000;
  }

  /** A pass so many seconds after the boot of the cell. */
  passAt(seconds: number, one: Cell): string {
    const memoryBefore = this.#memory;
    const now = { ...one, at: seconds * 1000, bootId: this.#bootId };
    const { report, memory } = reportAfter([now], this.#graceMilliseconds, memoryBefore);
    const change = { memoryBefore, memory, reportBefore: this.#reportBefore, report };
    this.#memory = memory;
    this.#reportBefore = report;
    return transitionsOf(change)
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'mounts-chosen')
      .join(' and ');
  }

  /** The next agent reads what this one saved. */
  restart(): void {
    this.#reportBefore = null;
    this.#memory = reread(this.#memory);
  }

  /** The cell boots again, and its clock starts anew; the agent still has what it saved. */
  reboot(): void {
    this.#bootId = 'boot-2';
  }
}

describe('An agent reports once', () => {
  it('a finding when it has lasted, and its end', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, shopLost)).to.equal('');
    expect(agent.passAt(1, shopLost)).to.equal('');
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    expect(agent.passAt(3, shopLost)).to.equal('');
    expect(agent.passAt(4, healthy)).to.equal('gone');
    expect(agent.passAt(5, healthy)).to.equal('');
  });

  it('a recovery when Garden lists the container again', () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    expect(agent.passAt(4, bothListed)).to.equal('recovered');
  });

  it("Garden's absence and return, and nothing about containers in between", () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    expect(agent.passAt(3, unlistedNow)).to.equal('garden-unavailable');
    expect(agent.passAt(4, unlistedNow)).to.equal('');
    expect(agent.passAt(5, unlistedNow)).to.equal('');
    expect(agent.passAt(6, shopLost)).to.equal('garden-available');
  });

  it('that the state is unknown, and when it is known again', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, healthy)).to.equal('');
    expect(agent.passAt(0.001, unreadable)).to.equal('could-not-tell');
    expect(agent.passAt(0.002, unreadable)).to.equal('');
    expect(agent.passAt(0.003, healthy)).to.equal('can-tell-again');
  });

  it('the end of a cause during which Garden went away', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, namespaced)).to.equal('could-not-tell');
    expect(agent.passAt(0.001, unlistedNow)).to.equal('garden-unavailable');
    expect(agent.passAt(0.002, healthy)).to.equal('garden-available and can-tell-again');
    expect(agent.passAt(0.003, healthy)).to.equal('');
  });

  it('a cause that continues each time Garden is back', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, namespaced)).to.equal('could-not-tell');
    expect(agent.passAt(0.001, unlistedNow)).to.equal('garden-unavailable');
    expect(agent.passAt(0.002, namespaced)).to.equal('garden-available');
    expect(agent.passAt(0.003, unlistedNow)).to.equal('garden-unavailable');
    expect(agent.passAt(0.004, namespaced)).to.equal('garden-available');
    expect(agent.passAt(0.005, healthy)).to.equal('can-tell-again');
  });

  it('a cause that becomes another one, and one end for both', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, namespaced)).to.equal('could-not-tell');
    expect(agent.passAt(0.001, unlistedNow)).to.equal('garden-unavailable');
    expect(agent.passAt(0.002, unreadable)).to.equal('garden-available and could-not-tell');
    expect(agent.passAt(0.003, healthy)).to.equal('can-tell-again');
  });

  it('a warning that turns critical and back: its series show the severity', () => {
    const usingRoot: Cell = {
      ...lifeless,
      rootMounts: { [billing.handle]: [4711] },
      processes: [{ pid: 4711, comm: 'app' }],
    };
    const agent = new Agent(30);
    expect(agent.passAt(0, lifeless)).to.equal('');
    expect(agent.passAt(90, lifeless)).to.equal('untracked');
    expect(agent.passAt(91, usingRoot)).to.equal('');
    expect(agent.passAt(92, lifeless)).to.equal('');
    expect(agent.passAt(93, usingRoot)).to.equal('');
  });
});

describe('After a restart, an agent', () => {
  it('does not report a finding again', () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    agent.restart();
    expect(agent.passAt(4, shopLost)).to.equal('');
  });

  it('continues the grace period, without the time that no agent saw', () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(1.5, shopLost)).to.equal('');
    agent.restart();
    expect(agent.passAt(90, shopLost)).to.equal('');
    expect(agent.passAt(90.4, shopLost)).to.equal('');
    expect(agent.passAt(90.5, shopLost)).to.equal('untracked');
  });

  it('reports what vanished while no agent ran', () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    agent.restart();
    expect(agent.passAt(4, healthy)).to.equal('gone');
  });

  it('does not report again why the state is unknown, but its end', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, unreadable)).to.equal('could-not-tell');
    agent.restart();
    expect(agent.passAt(0.001, unreadable)).to.equal('');
    expect(agent.passAt(0.002, healthy)).to.equal('can-tell-again');
  });
});

describe('After a reboot, an agent', () => {
  it('reports the end of why the state was unknown', () => {
    const agent = new Agent(2);
    expect(agent.passAt(0, unreadable)).to.equal('could-not-tell');
    agent.reboot();
    expect(agent.passAt(0.001, healthy)).to.equal('can-tell-again');
  });

  it('reports at once what the reboot ended, even before Garden is up', () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    agent.reboot();
    expect(agent.passAt(0.01, unlistedNow)).to.equal('garden-unavailable and gone');
    expect(agent.passAt(1, healthy)).to.equal('garden-available');
  });

  it('reports what the reboot ended', () => {
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    agent.reboot();
    expect(agent.passAt(0.01, healthy)).to.equal('gone');
  });

  // A clock that was wrong at boot makes no difference.
  for (const [clock, seconds] of [
    ['goes on', 5],
    ['was set back', 0],
  ] as const)
    it(`reports one that is lost again as gone and new, where the clock ${clock}`, () => {
      const agent = new Agent(0);
      expect(agent.passAt(0, shopLost)).to.equal('untracked');
      agent.reboot();
      expect(agent.passAt(seconds, shopLost)).to.equal('gone and untracked');
    });
});

describe('A warning of the cell', () => {
  const hanging: Cell = { ...healthy, hasHangingReads: true };

  it('is reported when it begins, and when no pass has it any more', () => {
    const agent = new Agent(60);
    expect(agent.passAt(0, healthy)).to.equal('');
    expect(agent.passAt(15, hanging)).to.equal('cell-warning');
    expect(agent.passAt(30, hanging)).to.equal('');
    expect(agent.passAt(45, healthy)).to.equal('cell-recovered');
    expect(agent.passAt(60, healthy)).to.equal('');
  });

  it('is reported by the next pass that compares if it began while none could', () => {
    const agent = new Agent(60);
    expect(agent.passAt(0, healthy)).to.equal('');
    expect(agent.passAt(15, gardenAway(hanging))).to.equal('garden-unavailable');
    expect(agent.passAt(30, hanging)).to.equal('garden-available and cell-warning');
  });
});

describe('A reported finding stays open', () => {
  it('until the container is gone, if it lost its owner and then dies', () => {
    const agent = new Agent(30);
    agent.passAt(0, unowned);
    expect(agent.passAt(30, unowned)).to.equal('untracked');
    expect(agent.passAt(31, lifeless)).to.equal('');
    expect(agent.passAt(32, lifeless)).to.equal('');
    expect(agent.passAt(33, empty)).to.equal('gone');
  });

  it('and changes with another reason, until it is tracked', () => {
    const agent = new Agent(30);
    agent.passAt(0, unowned);
    expect(agent.passAt(30, unowned)).to.equal('untracked');
    expect(agent.passAt(31, lifeless)).to.equal('');
    expect(agent.passAt(61, lifeless)).to.equal('changed');
    expect(agent.passAt(62, healthy)).to.equal('recovered');
  });

  it('until the container is gone, if Garden destroys it', () => {
    const agent = new Agent(30);
    agent.passAt(0, unowned);
    expect(agent.passAt(30, unowned)).to.equal('untracked');
    expect(agent.passAt(31, beingDestroyed)).to.equal('');
    expect(agent.passAt(32, empty)).to.equal('gone');
  });

  it('while its reason goes and comes back: it is not reported twice', () => {
    const agent = new Agent(30);
    agent.passAt(0, unowned);
    expect(agent.passAt(30, unowned)).to.equal('untracked');
    expect(agent.passAt(31, lifeless)).to.equal('');
    expect(agent.passAt(32, unowned)).to.equal('');
    expect(agent.passAt(62, unowned)).to.equal('');
  });

  it('through a restart, until the container is gone', () => {
    const agent = new Agent(30);
    agent.passAt(0, unowned);
    expect(agent.passAt(30, unowned)).to.equal('untracked');
    expect(agent.passAt(31, lifeless)).to.equal('');
    agent.restart();
    expect(agent.passAt(32, empty)).to.equal('gone');
  });

  it('through a restart, until the container is tracked', () => {
    const agent = new Agent(30);
    agent.passAt(0, unowned);
    expect(agent.passAt(30, unowned)).to.equal('untracked');
    expect(agent.passAt(31, lifeless)).to.equal('');
    agent.restart();
    expect(agent.passAt(32, healthy)).to.equal('recovered');
  });

  it('until its directory has its name again, which its health check outlived', () => {
    const healthCheck = { [`${billing.cgroup}-liveness-healthcheck-0`]: [201] };
    const own = withCgroups(healthy, healthCheck);
    const moved = cell({
      listed: [billing],
      cgroups: { '/moved': [200], [GARDEN]: [], ...healthCheck },
    });
    const agent = new Agent(30);
    expect(agent.passAt(0, own)).to.equal('');
    expect(agent.passAt(1, moved)).to.equal('');
    expect(agent.passAt(31, moved)).to.equal('untracked');
    expect(agent.passAt(61, moved)).to.equal('');
    expect(agent.passAt(62, own)).to.equal('recovered');
  });

  describe('where another gdn took over, whose the directories of the first one seem to be', () => {
    const newer = { pid: 101, cgroups: { memory: '/y' } };
    const inNewer = { '/y': [101], [`/y/garden/${billing.handle}`]: [200] };
    const taken = cell({
      listed: [billing],
      cgroups: { ...inNewer, [shop.cgroup]: [300] },
      gdn: [{ pid: 100, cgroups: { memory: GDN } }, newer],
    });

    it('while the cgroup has processes', () => {
      const agent = new Agent(2);
      agent.passAt(0, shopLost);
      expect(agent.passAt(2, shopLost)).to.equal('untracked');
      expect(agent.passAt(3, taken)).to.equal('');
      expect(agent.passAt(4, taken)).to.equal('');
    });

    it('until these have ended', () => {
      const ended = cell({ listed: [billing], cgroups: inNewer, gdn: [newer] });
      const agent = new Agent(2);
      agent.passAt(0, shopLost);
      expect(agent.passAt(2, shopLost)).to.equal('untracked');
      expect(agent.passAt(3, taken)).to.equal('');
      expect(agent.passAt(4, ended)).to.equal('gone');
    });
  });

  it('until its renamed cgroup has the name of a listed container again', () => {
    const renamed = cell({
      listed: [billing],
      cgroups: { [shop.cgroup]: [200] },
      renamed: { [shop.cgroup]: billing.cgroup },
    });
    const agent = new Agent(2);
    expect(agent.passAt(0, healthy)).to.equal('');
    expect(agent.passAt(1, renamed)).to.equal('');
    expect(agent.passAt(3, renamed)).to.equal('untracked');
    expect(agent.passAt(4, healthy)).to.equal('gone');
    expect(agent.passAt(5, healthy)).to.equal('');
  });

  it('while gdn throttles and releases the container', () => {
    const [good, bad] = ['good', 'bad'].map((name) => `${GARDEN}/${name}/${billing.handle}`);
    const inDirectory = (live: string, other: string): Cell =>
      loseProperties(cell({ listed: [billing], cgroups: { [live]: [200], [other]: [] } }), billing);
    const agent = new Agent(2);
    expect(agent.passAt(0, inDirectory(`${good}`, `${bad}`))).to.equal('');
    expect(agent.passAt(2, inDirectory(`${bad}`, `${good}`))).to.equal('untracked');
    expect(agent.passAt(4, inDirectory(`${good}`, `${bad}`))).to.equal('');
  });

  it('until its handle is used for another container, which is a new finding', () => {
    const other = container(shop.handle, { below: `${GARDEN}/good`, pids: [300] });
    const reused = cell({ containers: [billing], lost: [other] });
    const agent = new Agent(2);
    agent.passAt(0, shopLost);
    expect(agent.passAt(2, shopLost)).to.equal('untracked');
    expect(agent.passAt(4, reused)).to.equal('gone');
    expect(agent.passAt(6, reused)).to.equal('untracked');
  });
});

for (const isListed of [true, false])
  describe(`A finding of a container that Garden ${isListed ? 'lists' : 'does not list'}`, () => {
    const listedOf = (one: Cell): Cell => {
      const listed = isListed ? [billing, shop] : [billing];
      return loseProperties(list(one, ...listed), shop);
    };
    const whole = listedOf(bothListed);

    // The tags differ, so that some of these directories have lower inodes than its own.
    for (const tag of ['a', 'b', 'c', 'd', 'e', 'f'])
      it(`is one, although somebody makes and removes a garden-${tag} with its name`, () => {
        const decoyed = withCgroups(whole, { [`${GDN}/garden-${tag}/${shop.handle}`]: [] });
        const agent = new Agent(2);
        expect(agent.passAt(0, whole)).to.equal('');
        expect(agent.passAt(1, decoyed)).to.equal('');
        expect(agent.passAt(2, whole)).to.equal('untracked');
        expect(agent.passAt(3, decoyed)).to.equal('');
        expect(agent.passAt(4, whole)).to.equal('');
      });

    /** Its process is in another Garden directory. */
    const inDirectory = (tag: string, startTicks = 7): Cell => ({
      ...listedOf(withCgroups(healthy, { [`${GDN}/garden-${tag}/${shop.handle}`]: [300] })),
      processes: [{ pid: 300, startTicks, comm: 'app' }],
    });

    it('is one, although its processes are in another cgroup in each pass', () => {
      const agent = new Agent(2);
      expect(agent.passAt(0, inDirectory('0'))).to.equal('');
      expect(agent.passAt(2, inDirectory('2000'))).to.equal('untracked');
      expect(agent.passAt(4, inDirectory('4000'))).to.equal('');
    });

    it('ends where these are other processes', () => {
      const agent = new Agent(2);
      agent.passAt(0, inDirectory('0'));
      expect(agent.passAt(2, inDirectory('2000'))).to.equal('untracked');
      expect(agent.passAt(4, inDirectory('4000'))).to.equal('');
      expect(agent.passAt(6, inDirectory('6000', 8))).to.equal('gone');
    });
  });

describe('A sensor', () => {
  const sensor = (pid: number): SensorReport => ({ ...SENSOR, pid, startTicks: pid });
  const { report, memory } = reportAfter([healthy], 2000, EMPTY_MEMORY);
  /** What a pass reports that finds these sensors, after one that found those. */
  const kinds = (before: readonly SensorReport[], now: readonly SensorReport[], bootId?: string) =>
    transitionsOf({
      memoryBefore: { ...memory, bootId: bootId ?? memory.bootId, sensors: before },
      memory: { ...memory, sensors: now },
      reportBefore: report,
      report: { ...report, sensors: now },
    }).map(({ kind }) => kind);

  it('is reported when it starts, ends, or is another process', () => {
    expect(kinds([], [sensor(7)])).to.deep.equal(['sensor-started']);
    expect(kinds([sensor(7)], [sensor(7)])).to.deep.equal([]);
    expect(kinds([sensor(7)], [sensor(8)])).to.deep.equal(['sensor-started']);
    expect(kinds([sensor(7)], [])).to.deep.equal(['sensor-stopped']);
  });

  it('is reported as started after a reboot, whatever ran before', () => {
    expect(kinds([sensor(7)], [sensor(7)], 'an earlier boot')).to.deep.equal(['sensor-started']);
  });
});
