import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { memoryText, parseMemory } from '../../src/parse/memory-file.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { processOf, unnamed } from '../../src/sensors/judge-observation.ts';
import { containerEvent, falcoLine, processEvent, TRACEE_VERSIONS } from './event-lines.ts';
import { GRACE, handleOf, ObservedStory, wallAt } from './observed-story.ts';

const existing = (id: string, version: (typeof TRACEE_VERSIONS)[number] = 'v0.24') =>
  containerEvent(version, 'existing_container', { id });
const created = (id: string, at: number) =>
  containerEvent('head', 'container_create', { id, at: wallAt(at) });

/** Tracee starts at 100 s; its containers are older unless the story says otherwise. */
const tracee = () => new ObservedStory('tracee');

/** A Tracee that has named so many of the containers that it found at its start. */
function named(running: number, count = running) {
  const story = tracee();
  const handles = story.start(running, 50);
  story.pass({ at: 110, lines: handles.slice(0, count).map((id) => existing(id)) });
  return { story, handles };
}

describe('what a sensor says it saw', () => {
  for (const version of TRACEE_VERSIONS) {
    it(`Tracee ${version}: a whole burst leaves unseen what is not in it, after one grace period`, () => {
      const story = tracee();
      const handles = story.start(60, 50);
      const lines = handles.slice(0, 40).map((id) => existing(id, version));
      expect(story.pass({ at: 110, lines })).to.deep.include({
        state: 'fresh',
        seen: 40,
        unseen: [],
      });
      expect(story.pass({ at: 110 + GRACE - 1 }).unseen).to.deep.equal([]);
      const reported = story.pass({ at: 110 + GRACE });
      expect(reported.unseen).to.deep.equal(handles.slice(40));
      expect(reported).to.include({ state: 'fresh', isUp: true, isSilent: false, undecided: 0 });
      expect(reported.why).to.contain('It has named 40 of 60 running containers, but not 20');
    });
  }

  it('counts only process events of Tracee v0.16 to v0.19, whose bursts repeat one id', () => {
    const story = tracee();
    const [first = handleOf(0), ...others] = story.start(60, 50);
    const lines = [
      ...Array<string>(60).fill(existing(first)),
      processEvent('v0.15', others[0] ?? ''),
    ];
    story.pass({ at: 110, lines });
    const reported = story.pass({ at: 110 + 2 * GRACE });
    expect(reported).to.deep.include({
      state: 'cannot-be-told',
      seen: 1,
      unseen: [],
      undecided: 59,
    });
    expect(reported.why).to.contain('repeat one id, as with Tracee v0.16 to v0.19');
  });

  it('does not take a burst with each container twice, as after throttling on v2, for that defect', () => {
    const story = tracee();
    const handles = story.start(2, 50);
    story.pass({ at: 110, lines: handles.flatMap((id) => [existing(id), existing(id)]) });
    expect(story.pass({ at: 300 })).to.include({ state: 'fresh', seen: 2 });
    const alone = tracee();
    const [only = handleOf(0)] = alone.start(1, 50);
    alone.pass({ at: 110, lines: [existing(only), existing(only)] });
    expect(alone.pass({ at: 300 })).to.include({ state: 'fresh', seen: 1 });
  });

  it('decides nothing about older containers without a burst, and names the events to select', () => {
    const story = tracee();
    story.start(60, 50);
    story.pass({ at: 110, lines: [processEvent('head', handleOf(0))] });
    const reported = story.pass({ at: 500 });
    expect(reported).to.deep.include({
      state: 'cannot-be-told',
      seen: 1,
      unseen: [],
      undecided: 59,
    });
    expect(reported.why).to.contain('existing_container, container_create and container_remove');
  });

  it('does not count a file as read whose beginning was rotated away', () => {
    const story = tracee();
    const handles = story.start(60, 50);
    story.pass({ at: 110, isWhole: false, lines: handles.slice(30).map((id) => existing(id)) });
    expect(story.pass({ at: 500 })).to.deep.include({ unseen: [], undecided: 30, seen: 30 });
  });

  it('a younger container is unseen only if another was announced within the last hour', () => {
    const story = tracee();
    const [a = handleOf(0), b = handleOf(1)] = story.start(2, 200);
    story.pass({ at: 210, lines: [created(a, 200)] });
    expect(story.pass({ at: 210 + GRACE }).unseen).to.deep.equal([b]);

    const alone = tracee();
    alone.start(2, 5000);
    alone.pass({
      at: 5001,
      lines: [created(handleOf(9), 1000), processEvent('head', handleOf(9))],
    });
    expect(alone.pass({ at: 5100 })).to.deep.include({ unseen: [], state: 'cannot-be-told' });
  });

  it('holds skipped lines against no container', () => {
    const story = tracee();
    story.start(2, 200);
    story.pass({ at: 210, hasGap: true, lines: [created(handleOf(9), 205)] });
    const gap = story.pass({ at: 400 });
    expect(gap).to.deep.include({ unseen: [], undecided: 2 });
    expect([...gap.sees.values()]).to.deep.equal(['unknown', 'unknown']);
    const late = story.start(1, 410, 5);
    story.pass({ at: 411, lines: [created(handleOf(9), 405)] });
    expect(story.pass({ at: 411 + GRACE }).unseen).to.deep.equal(late);
  });

  it('tasks, health checks and whatever has no id for Tracee are expected to be unseen', () => {
    const story = tracee();
    const [seen = handleOf(0), other = handleOf(1)] = story.start(2, 50);
    story.running.set(asHandle('5f3b1c1e-6a2d-4e5f-9a1b-0c2d3e4f5a6b'), 50);
    story.pass({ at: 110, lines: [existing(seen), existing(other)] });
    const observation = story.pass({ at: 500 });
    expect(observation).to.deep.include({ unseen: [], expectedUnseen: 1, undecided: 0 });
    expect([...observation.sees.values()]).to.deep.equal(['yes', 'yes', 'no']);
  });

  it('Tracee reads cpuset where version 1 has it, and only there', () => {
    const unseenIn = (mode: 'v2' | 'hybrid') => {
      const story = tracee();
      story.mode = mode;
      const handles = story.start(3, 50);
      story.pass({ at: 110, lines: handles.slice(1).map((id) => existing(id)) });
      const { unseen, expectedUnseen } = story.pass({ at: 300 });
      return [unseen.length, expectedUnseen];
    };
    expect(unseenIn('v2')).to.deep.equal([1, 0]);
    // Its path there is `/`, of which Tracee makes no id.
    expect(unseenIn('hybrid')).to.deep.equal([0, 1]);
  });

  it('a file that is not read to its end leaves nothing unseen', () => {
    const story = tracee();
    const [a = handleOf(0), b = handleOf(1)] = story.start(3, 50);
    const lines = [existing(a), existing(b)];
    story.pass({ at: 110, isAtEnd: false, lines });
    const reported = story.pass({ at: 200, isAtEnd: false, lines: [processEvent('head', a)] });
    expect(reported.unseen).to.deep.equal([]);
    expect(reported.why).to.contain('has not been read to its end');
  });

  it('forgets what a sensor saw before a restart, after which its mount may be worse', () => {
    const { story, handles } = named(10);
    expect(story.pass({ at: 200 })).to.include({ seen: 10 });
    story.writer = { pid: 200, startTicks: 25_000 };
    story.pass({ at: 260, isAnew: true, lines: handles.slice(0, 2).map((id) => existing(id)) });
    expect(story.pass({ at: 260 + GRACE }).unseen).to.deep.equal(handles.slice(2));
  });

  it('keeps what a sensor saw when its file is rotated while it runs', () => {
    const { story } = named(10);
    story.pass({ at: 260, isAnew: true, lines: [processEvent('head', handleOf(0))] });
    expect(story.pass({ at: 400 })).to.deep.include({ seen: 10, unseen: [], state: 'fresh' });
  });

  it('raises nothing on a cell whose idle containers cause no lines for hours', () => {
    const { story } = named(10);
    for (const at of [800, 4000, 40_000]) {
      const reported = story.pass({ at });
      expect(reported).to.deep.include({ state: 'stale', isUp: true, isSilent: false, unseen: [] });
      expect(reported.seen).to.equal(10);
    }
  });

  it('keeps containers unseen that a sensor missed before it became quiet, and adds none', () => {
    const { story, handles } = named(10, 8);
    story.pass({ at: 200 });
    expect(story.pass({ at: 4000 })).to.deep.include({ state: 'stale', unseen: handles.slice(8) });
  });

  it('a container that began since the last line makes a stale sensor silent, after a grace period', () => {
    const { story } = named(10, 8);
    story.pass({ at: 200 });
    story.start(1, 4000, 20);
    expect(story.pass({ at: 4000 + GRACE - 1 }).isSilent).to.equal(false);
    const reported = story.pass({ at: 4000 + GRACE });
    expect(reported).to.deep.include({ state: 'stale', isSilent: true, isUp: true, unseen: [] });
    expect(reported.why).to.contain('it is silent');
    const again = story.pass({ at: 4100, lines: [created(handleOf(20), 4000)] });
    expect(again).to.include({ state: 'fresh', isSilent: false, isUp: true });
  });

  it('a dead sensor is reported as dead, after a grace period, and never as 250 findings', () => {
    const { story } = named(250, 2);
    expect(story.pass({ at: 200 }).unseen).to.have.length(248);
    story.writer = null;
    const first = story.pass({ at: 210 });
    expect(first).to.deep.include({ life: 'ended', isUp: false, isSilent: false, unseen: [] });
    const reported = story.pass({ at: 210 + GRACE });
    expect(reported).to.deep.include({ isSilent: true, unseen: [] });
    expect(reported.why).to.contain('Its process is not running');
  });

  it('a file that is absent or unreadable is reported after a grace period, with mode and owner', () => {
    const story = tracee();
    story.start(2, 50);
    story.pass({ at: 110, failed: { kind: 'absent', isDirectoryMissing: true } });
    const absent = story.pass({ at: 200, failed: { kind: 'absent', isDirectoryMissing: true } });
    expect(absent).to.include({ state: 'absent', isSilent: true, isUp: false });
    expect(absent.why).to.contain('restart the agent');
    const reported = story.pass({
      at: 210,
      failed: {
        kind: 'unreadable',
        what: '/var/log/tracee',
        errno: 'EACCES',
        mode: 0o700,
        uid: 0,
        gid: 0,
      },
    });
    expect(reported.why).to.contain('/var/log/tracee (EACCES, mode 0700, owner 0:0)');
  });

  it('judges a file that could not be read at first like any other once it can', () => {
    const story = tracee();
    const handles = story.start(3, 50);
    const closed = { errno: 'EACCES', mode: 0o700, uid: 0, gid: 0 };
    story.pass({ at: 110, failed: { kind: 'unreadable', what: '/var/log/tracee', ...closed } });
    story.pass({ at: 300, lines: handles.slice(1).map((id) => existing(id)) });
    const reported = story.pass({ at: 300 + GRACE });
    expect(reported).to.deep.include({ state: 'fresh', seen: 2, unseen: handles.slice(0, 1) });
  });

  it('a sensor whose process was never found is not dead', () => {
    const story = tracee();
    story.writer = null;
    story.start(1, 50);
    story.pass({ at: 110, lines: [processEvent('head', handleOf(0))] });
    expect(story.pass({ at: 4000 })).to.include({ life: 'unknown', isSilent: false, isUp: true });
  });

  it('Falco misses no container, and its wrong names are shown', () => {
    const story = new ObservedStory('falco');
    story.running.set(asHandle('8a37cb6f-385b-4dd3-732c-34d6'), 50);
    story.running.set(asHandle('9b48dc70-385b-4dd3-732c-34d6'), 50);
    const lines = ['good/8a37cb6', 'garden.servi', 'host'].map((id) => falcoLine(id));
    story.pass({ at: 110, lines });
    const reported = story.pass({ at: 500 });
    expect(reported).to.deep.include({
      state: 'cannot-be-told',
      seen: 1,
      unseen: [],
      undecided: 1,
    });
    expect(reported.unknownIds).to.deep.equal(['garden.servi']);
    expect(reported.why).to.contain('Falco writes only what matches a rule');
    expect(story.pass({ at: 40_000 })).to.include({ state: 'stale', isSilent: false });
  });

  it('does not count an id that two handles begin with for either of them', () => {
    const story = new ObservedStory('falco');
    story.start(2, 50);
    expect(story.pass({ at: 110, lines: [falcoLine('8a37cb6f-385')] }).seen).to.equal(0);
  });

  it('a list is complete: whoever is not in it is unseen; a new list counts alone', () => {
    const story = new ObservedStory('ids');
    const [a = handleOf(0), b = handleOf(1)] = story.start(2, 50);
    const list = (at: number, ...ids: readonly string[]) =>
      story.pass({
        at,
        isAnew: true,
        lines: [...ids, `# as of ${new Date(wallAt(at)).toISOString()}`],
      });
    list(110, a, b);
    expect(list(500, a).unseen).to.deep.equal([]);
    expect(list(500 + GRACE, a).unseen).to.deep.equal([b]);
    expect(list(600, a, b)).to.deep.include({ unseen: [], seen: 2 });
  });

  it('`# as of` keeps a list fresh for the grace period only', () => {
    const story = new ObservedStory('ids');
    const [a = handleOf(0)] = story.start(1, 50);
    const line = `# as of ${new Date(wallAt(1000)).toISOString()}`;
    expect(story.pass({ at: 1000, lines: [a, line] }).state).to.equal('fresh');
    expect(story.pass({ at: 1000 + 601 }).state).to.equal('stale');
  });

  it('ids of containers that ended are not unknown ids; ids of no container are, and are bounded', () => {
    const story = tracee();
    const [a = handleOf(0), b = handleOf(1)] = story.start(2, 50);
    story.pass({ at: 110, lines: [existing(a), existing(b)] });
    story.running.delete(b);
    const strange = Array.from({ length: 9 }, (_, at) => processEvent('head', `nobody-${at}`));
    story.pass({ at: 120, lines: strange });
    const reported = story.pass({ at: 120 + GRACE });
    expect(reported.unknownIds).to.have.length(5).and.not.include(b);
    expect(reported).to.include({ unknownIdsOmitted: 4, isSilent: false });
  });

  it('shows unseen containers in the order of their handles', () => {
    const story = tracee();
    const later = story.start(1, 50, 9);
    const [seen = handleOf(0), other = handleOf(1), unseen] = story.start(3, 50);
    story.pass({ at: 110, lines: [existing(seen), existing(other)] });
    expect(story.pass({ at: 110 + GRACE }).unseen).to.deep.equal([unseen, ...later]);
  });

  it('is of the sensor that its format or its name gives', () => {
    const of = (name: string, format: 'ids' | 'tracee') =>
      processOf({ name, format, path: '/events', graceSeconds: GRACE });
    expect([of('x', 'tracee'), of('falco', 'ids'), of('x', 'ids')]).to.deep.equal([
      'tracee',
      'falco',
      null,
    ]);
  });

  it('asks for the starts of what it has not named, unless nothing follows from that', () => {
    const { story, handles } = named(4, 2);
    const containers = handles.map((handle) => ({ handle }));
    const run = story.remembered;
    if (run === undefined) throw new Error('nothing is remembered');
    expect(unnamed(run, containers)).to.deep.equal(handles.slice(2));
    expect(unnamed({ ...run, format: 'falco' }, containers)).to.deep.equal([]);
  });

  it('hostile ids are limited in memory, and displace no container', () => {
    const { story } = named(10);
    for (let at = 0; at < 4; at++) {
      const lines = Array.from({ length: 4000 }, (_, n) =>
        processEvent('head', `${'x'.repeat(200)}${at}-${n}`),
      );
      story.pass({ at: 120 + at, lines });
    }
    expect(story.remembered?.ids.size).to.equal(5000);
    expect(story.pass({ at: 200 })).to.deep.include({ seen: 10, unseen: [] });
  });

  it('while nothing can be compared the last counts stay', () => {
    const { story } = named(4, 2);
    const before = story.pass({ at: 200 });
    expect(before.unseen).to.have.length(2);
    const reported = story.pass({ at: 210, isCompared: false });
    expect(reported).to.deep.include({ seen: 2, unseen: before.unseen });
    expect(story.pass({ at: 220 }).unseen).to.deep.equal(before.unseen);
  });

  it('a pass that compares nothing gives no advice about events', () => {
    for (const format of ['tracee', 'ids'] as const) {
      const story = new ObservedStory(format);
      story.start(2, 50);
      expect(story.pass({ at: 100, lines: ['{}'] }).undecided).to.equal(2);
      const { why } = story.pass({ at: 101, isCompared: false });
      expect(why, format).to.match(/^No container could be compared in this pass\./);
      expect(why, format).not.to.contain('select');
    }
  });

  it('a restart of the agent changes nothing: no repeated report, no new grace period', () => {
    const { story, handles } = named(10, 8);
    const memory = {
      ...EMPTY_MEMORY,
      observations: new Map([['tracee', story.remembered as never]]),
    };
    const read = parseMemory(memoryText(memory, '2026-01-01T00:00:00.000Z'));
    if (!read.ok) throw new Error(read.why);
    story.remembered = read.memory.observations.get('tracee');
    const again = handles.slice(0, 8).map((id) => existing(id));
    const reported = story.pass({ at: 110 + GRACE, lines: again });
    expect(reported.unseen).to.deep.equal(handles.slice(8));
  });
});
