import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Scan } from '../../src/model/scan.ts';
import { bytesOfText } from '../../src/model/text.ts';
import { eventOf } from '../../src/present/events.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { readCgroupNumbers } from '../../src/probe/cgroup-numbers.ts';
import { scanHierarchy } from '../../src/probe/cgroup-scan.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { warningsAfter } from '../../src/reconcile/cell-warnings.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { rowsOf } from '../rows.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { A, B, complete, outcome, passOf, snapshotOf, type CellText } from './cell-builder.ts';

const GDN = '/system.slice/garden.service';
const GOOD = `/garden/good/${A}`;
const BAD = `/garden/bad/${A}`;
const MiB = 1024 * 1024;

/** Files of cgroups, by directory: `procs`, `memory` and `pids`, these as `current/max`. */
type Tree = Record<string, { procs?: string; memory?: string; pids?: string; others?: Others }>;
/** The whole text of other files, by name. */
type Others = Readonly<Record<string, string>>;

/** `memory` and `pids` as `current/max`, in which M is 1 MiB; without them the cgroup has no limit. */
const NO_LIMITS = { memory: '0/max', pids: '0/max' };
const PLACES: Readonly<Record<string, string>> = { good: GOOD, init: `${GOOD}/init`, bad: BAD };

/** `DIRECTORY PID PID memory=… pids=…; …`, in place of what another tree has there. */
function treeOf(text: string, base: Tree = {}): Tree {
  const tree = { ...base };
  for (const part of text.split('; ').filter(Boolean)) {
    const [name = '', ...words] = part.split(' ');
    const procs = words.filter((word) => !word.includes('=')).join(' ');
    const numbers = words.flatMap((word) => {
      const [controller = '', value = ''] = word.split('=');
      const bytes = value.replaceAll(/(\d+)M/g, (_, n: string) => String(Number(n) * MiB));
      return value === '' ? [] : [[controller, bytes] as const];
    });
    tree[PLACES[name] ?? name.replaceAll('A', A)] = {
      ...NO_LIMITS,
      ...Object.fromEntries(numbers),
      ...(procs === '' ? {} : { procs }),
    };
  }
  return tree;
}

/** As a real gdn (c2d9348c) and kernel (6.12) left them, containerd mode. */
const throttled = treeOf(
  '/garden; /garden/good; /garden/bad; good memory=2M/64M; init pids=0/50; bad 200 201 memory=40M/max pids=12/max',
);
const eating = treeOf('bad 200 201 memory=200M/max pids=12/max', throttled);
/** The processes are back, what they took stays charged to the empty `bad/H`. */
const released = treeOf(
  'good memory=2M/64M pids=12/max; init 200 201 pids=12/50; bad memory=200M/max',
  throttled,
);
/** gdn makes `bad/H` for each container, throttled or not. */
const never = treeOf('good memory=60M/64M pids=12/max; bad', released);

function write(root: string, tree: Tree): void {
  const top: Tree = { [GDN]: { procs: '100' }, '/garden/good': {}, '/garden/bad': {} };
  for (const [directory, files] of Object.entries({ ...top, ...tree })) {
    const at = path.join(root, directory);
    fs.mkdirSync(at, { recursive: true });
    const procs = files.procs?.replaceAll(' ', '\n').concat('\n') ?? '';
    fs.writeFileSync(path.join(at, 'cgroup.procs'), procs);
    for (const controller of ['memory', 'pids'] as const) {
      const [current, max] = files[controller]?.split('/') ?? [];
      if (current === undefined || max === undefined) continue;
      fs.writeFileSync(path.join(at, `${controller}.current`), `${current}\n`);
      fs.writeFileSync(path.join(at, `${controller}.max`), `${max}\n`);
    }
  }
  for (const [directory, { others = {} }] of Object.entries(tree)) {
    for (const [file, text] of Object.entries(others))
      fs.writeFileSync(path.join(root, directory, file), text);
  }
  const ancestors = ['/', '/system.slice'];
  for (const one of ancestors) fs.writeFileSync(path.join(root, one, 'cgroup.procs'), '');
}

function scanned(root: string): Scan {
  const plan = {
    controller: 'v2',
    openedAt: bytesOfText(root),
    scope: asByteString('/'),
    first: [asByteString('/garden')],
  };
  const steps = scanHierarchy(new KernelReader('/'), plan);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** One pass over a copy of cgroup files, read as on a cell. */
async function passOver(tree: Tree, at: number, before: Memory, more: Partial<CellText> = {}) {
  const root = temporaryFolder();
  write(root, tree);
  const cell: CellText = {
    trees: { v2: '/: ' },
    listed: [A],
    gdn: [{ cgroups: { v2: GDN } }],
    at,
    ...more,
  };
  const seen = { ...snapshotOf(cell), primaryScan: scanned(root) };
  const asked = questionsOf(passOf(cell, before, seen)).cgroupNumbers;
  const questions = asked.map((one) => ({ ...one, openedAt: bytesOfText(root) }));
  const reader = new KernelReader('/');
  const cgroupNumbers = await readCgroupNumbers(reader, questions, async () => {});
  const snapshot = { ...seen, answers: { ...seen.answers, cgroupNumbers } };
  // The copy is made anew for each pass, so that its inodes differ.
  const memory = { ...before, containers: withoutInodes(before.containers) };
  const pass = { ...passOf(cell, before, snapshot), memory };
  return { asked, ...complete(pass, gracePeriodsOfCheck(1000)) };
}

const withoutInodes = (containers: Memory['containers']): Memory['containers'] =>
  new Map([...containers].map(([handle, one]) => [handle, { ...one, cgroupInode: null }]));

async function after(trees: readonly Tree[], more: Partial<CellText> = {}) {
  let memory = EMPTY_MEMORY;
  let last = null;
  for (const [index, tree] of trees.entries()) {
    last = await passOver(tree, index * 1000, memory, more);
    ({ memory } = last);
  }
  if (last === null) throw new Error('no tree given');
  return last;
}

/** What two passes a second apart say of the cell: outcomes, and the containers of its warning. */
async function said(tree: Tree, more: Partial<CellText> = {}) {
  const { report, memory } = await after([tree, tree], more);
  const { warnings } = memory.lastShown;
  const counts = warnings.flatMap((one) => ('containers' in one ? [one.containers] : []));
  return [...outcome(report), ...counts.map((containers) => `warning of ${containers}`)];
}

describe('limit-lost: a throttled container on cgroup v2', () => {
  it('is a warning of the cell while it runs without its limits, and tracked', async () => {
    expect(await said(throttled)).to.deep.equal([`${A} tracked`, 'warning of 1']);
    const { report } = await after([throttled]);
    expect(report.verdict).to.equal('all-tracked');
    expect(report.cell.warnings.map(warningSentence)).to.deep.equal([
      '1 throttled container runs without its limits (memory.max, pids.max), because gdn moved it to a cgroup that has none. ' +
        `${A} holds 42 MiB of memory with a limit of 64 MiB.`,
    ]);
  });

  describe('names each limit that no longer applies', () => {
    const none: Others = { 'memory.swap.max': 'max\n', 'cpu.max': 'max 100000\n', 'io.max': '' };
    const others: Others = {
      'memory.swap.max': '0\n',
      'cpu.max': '50000 100000\n',
      'io.max': '8:0 rbps=max wbps=1048576 riops=max wiops=max\n',
    };
    const everywhere = (tree: Tree, at: Readonly<Record<string, Others>>): Tree =>
      Object.fromEntries(
        Object.entries(tree).map(([directory, files]) => [
          directory,
          { ...files, others: { ...none, ...at[directory] } },
        ]),
      );
    const sentenceAfter = async (tree: Tree): Promise<string> =>
      (await after([tree])).report.cell.warnings.map(warningSentence).join(' ');

    it('in good/H, and in the leaf of containerd', async () => {
      const { 'cpu.max': cpu = '', ...ofGood } = others;
      const tree = everywhere(throttled, { [GOOD]: ofGood, [`${GOOD}/init`]: { 'cpu.max': cpu } });
      expect(await sentenceAfter(tree)).to.contain(
        'its limits (cpu.max, io.max, memory.max, memory.swap.max, pids.max), because',
      );
    });

    it('but not one that bad/H or an ancestor has, or that could not be read', async () => {
      const tree = everywhere(throttled, {
        [GOOD]: others,
        [BAD]: { 'io.max': others['io.max'] ?? '', 'cpu.max': 'nonsense' },
        '/garden': { 'memory.swap.max': '0\n' },
      });
      expect(await sentenceAfter(tree)).to.contain('its limits (memory.max, pids.max), because');
    });

    it('and says it of a container that has no limit of memory or pids', async () => {
      const tree = everywhere(
        { ...throttled, [GOOD]: NO_LIMITS, [`${GOOD}/init`]: NO_LIMITS },
        { [GOOD]: { 'cpu.max': '50000 100000\n' } },
      );
      expect(await sentenceAfter(tree)).to.equal(
        '1 throttled container runs without its limits (cpu.max), because gdn moved it to a cgroup ' +
          `that has none. It is ${A}.`,
      );
      expect(await said(tree)).to.deep.equal([`${A} tracked`, 'warning of 1']);
    });
  });

  it('is one warning beside that of reads that hang', async () => {
    const { report, memory } = await after([throttled], { hasHangingReads: true });
    const reasons = report.cell.warnings.map(({ reason }) => reason);
    expect(reasons).to.deep.equal(['limit-lost', 'hanging-reads']);
    expect([...memory.warnings.keys()]).to.deep.equal(reasons);
    expect(report.verdict).to.equal('all-tracked');
    const [, warning] = report.cell.warnings;
    expect(warning === undefined ? '' : warningSentence(warning)).to.match(
      /^Two processes did not/,
    );
  });

  it('is critical when it holds more memory than its limit for the grace period', async () => {
    expect(outcome((await after([eating])).report)).to.deep.equal([`${A} pending limit-lost`]);
    const [container] = (await after([eating, eating])).report.containers;
    expect(container).to.include({
      status: 'untracked',
      reason: 'limit-lost',
      severity: 'critical',
    });
    if (container === undefined) return;
    expect(containerSentence(container)).to.equal(
      'It holds 202 MiB of memory with a limit of 64 MiB: gdn throttled it, and ' +
        'the cgroup for throttled containers has no limit.',
    );
  });

  it('is critical after its release, too: the memory stays charged to the empty bad/H', async () => {
    expect(await said(released)).to.deep.equal([`${A} untracked limit-lost`]);
  });

  it('is critical with more threads than its limit, which containerd sets in init', async () => {
    const many = { ...throttled, [BAD]: { ...throttled[BAD], pids: '84/max' } };
    const { report } = await after([many, many]);
    expect(report.containers[0]?.explanation).to.deep.equal({
      kind: 'limit-lost',
      exceeded: [{ resource: 'pids', holds: 84, limit: 50 }],
    });
  });

  it('has its limit of threads in good/H in runc mode', async () => {
    const { [`${GOOD}/init`]: _init, ...runc } = throttled;
    const many: Tree = {
      ...runc,
      [GOOD]: { memory: '0/max', pids: '3/50' },
      [BAD]: { procs: '200', memory: '0/max', pids: '48/max' },
    };
    expect(await said(many)).to.deep.equal([`${A} untracked limit-lost`, 'warning of 1']);
  });

  it('ends when it holds less again', async () => {
    const { report } = await after([eating, eating, never]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
  });

  it('stays while its numbers cannot be read', async () => {
    const unread: Tree = { ...eating, [GOOD]: {}, [BAD]: { procs: '200' } };
    const { report } = await after([eating, eating, unread]);
    expect(outcome(report)).to.deep.equal([`${A} untracked limit-lost`]);
    expect(await said(unread)).to.deep.equal([`${A} tracked`]);
  });

  it('is judged by its memory alone where the controller pids is off', async () => {
    const off = (tree: Tree): Tree =>
      Object.fromEntries(
        Object.entries(tree).map(([at, { pids: _off, ...files }]) => [at, files] as const),
      );
    const { report } = await after([off(eating), off(eating), off(never)]);
    expect(outcome(report)).to.deep.equal([`${A} tracked`]);
    expect(await said(off(eating))).to.deep.equal([`${A} untracked limit-lost`, 'warning of 1']);
  });

  describe('is none', () => {
    const NOTHING = `
for a container that was never throttled | never |
for one without a limit | eating | good memory=2M/max; init
where a mended guardian gives bad/H the limits | throttled | good memory=60M/64M; bad 200 memory=60M/64M pids=40/50
where an ancestor of bad/H has a limit that is no higher | eating | /garden/bad memory=0/64M pids=0/50
where the Garden directory has one | eating | /garden memory=0/32M pids=0/20
for threads of a pea beside init | never | good memory=60M/64M pids=90/max; init 200 pids=40/50; /garden/good/A/A-envoy 300 pids=50/max
for a pea with limits of its own | never | /garden/good/A-liveness-healthcheck-0 400 memory=90M/128M pids=70/max
`;
    const BASES: Readonly<Record<string, Tree>> = { throttled, eating, never };
    for (const [what = '', base = '', others = ''] of rowsOf(NOTHING)) {
      it(what, async () => {
        expect(await said(treeOf(others, BASES[base]))).to.deep.equal([`${A} tracked`]);
      });
    }

    it('for a privileged one, for which gdn makes an empty bad/H, too', async () => {
      const own = `/system.slice/${A}`;
      const tree: Tree = {
        '/garden': NO_LIMITS,
        [own]: { procs: '200', memory: `${90 * MiB}/${64 * MiB}`, pids: '9/5' },
        [BAD]: NO_LIMITS,
      };
      const trees = { v2: `${own}: 200` };
      expect(await said(tree, { trees })).to.deep.equal([`${A} tracked`]);
    });

    for (const [story, home] of Object.entries({
      'without throttling': { [`/garden/${A}`]: { procs: '200' } },
      'in another Garden directory': {
        '/garden-0': NO_LIMITS,
        '/garden-0/good': NO_LIMITS,
        '/garden-0/bad': NO_LIMITS,
        [`/garden-0/good/${A}`]: { procs: '200', memory: `${MiB}/${64 * MiB}`, pids: '1/50' },
        [`/garden-0/bad/${A}`]: NO_LIMITS,
      },
    })) {
      it(`for one that lives ${story}, although somebody made a good/H and a bad/H`, async () => {
        const decoys: Tree = {
          '/garden': NO_LIMITS,
          '/garden/bad': NO_LIMITS,
          [GOOD]: { memory: '0/4096', pids: '0/max' },
          [BAD]: { memory: `${100 * MiB}/max`, pids: '0/max' },
        };
        expect(await said({ ...decoys, ...home })).to.deep.equal([`${A} tracked`]);
      });
    }

    it('where an ancestor limits only one of the two', async () => {
      const memoryOnly = { ...eating, '/garden/bad': { memory: `0/${64 * MiB}`, pids: '0/max' } };
      expect(await said(memoryOnly)).to.deep.equal([`${A} tracked`, 'warning of 1']);
    });

    it('where the limit of an ancestor is higher', async () => {
      const higher = { ...eating, '/garden': { memory: `0/${512 * MiB}`, pids: '0/900' } };
      expect(await said(higher)).to.deep.equal([`${A} untracked limit-lost`, 'warning of 1']);
    });
  });

  describe('is asked about', () => {
    const both: Tree = {
      ...throttled,
      [`/garden/good/${B}/init`]: { procs: '300', memory: '0/max', pids: '3/50' },
      [`/garden/good/${B}`]: { memory: `0/${64 * MiB}`, pids: '3/max' },
      [`/garden/bad/${B}`]: NO_LIMITS,
    };
    const askedIn = async (
      comparedPasses: number,
      tree: Tree = both,
    ): Promise<readonly string[]> => {
      const before = { ...EMPTY_MEMORY, bootId: 'boot-1', comparedPasses };
      const { asked } = await passOver(tree, 0, before, { listed: [A, B] });
      return asked.map((one) => one.path);
    };

    it('in each pass where it is throttled, in some where it is not', async () => {
      const ofA = [GOOD, `${GOOD}/init`, BAD, '/garden/bad', '/garden'];
      const ofB = [`/garden/good/${B}`, `/garden/good/${B}/init`, `/garden/bad/${B}`];
      expect(await askedIn(0)).to.have.members([...ofA, ...ofB]);
      expect(await askedIn(1)).to.have.members(ofA);
      expect(await askedIn(4)).to.have.members([...ofA, ...ofB]);
    });

    it('in no pass without throttling', async () => {
      const plain: Tree = {
        [`/garden/${A}/init`]: { procs: '200', memory: '0/max', pids: '1/50' },
        [`/garden/${A}`]: { memory: `${70 * MiB}/${64 * MiB}`, pids: '1/max' },
      };
      expect(await askedIn(0, plain)).to.deep.equal([]);
    });

    it('in each pass where it was found before, to see its end', async () => {
      const first = await passOver(released, 0, EMPTY_MEMORY);
      const second = await passOver(released, 1000, first.memory);
      expect(second.asked.map((one) => one.path)).to.include(BAD);
    });
  });

  it('is a finding of one, beside the warning about all', async () => {
    const two: Tree = {
      ...eating,
      [`/garden/good/${B}/init`]: { memory: '0/max', pids: '0/50' },
      [`/garden/good/${B}`]: { memory: `0/${64 * MiB}`, pids: '0/max' },
      [`/garden/bad/${B}`]: { procs: '300', memory: `${MiB}/max`, pids: '3/max' },
    };
    const { report } = await after([two, two], { listed: [A, B] });
    expect(outcome(report)).to.deep.equal([`${A} untracked limit-lost`, `${B} tracked`]);
    const [warning] = report.cell.warnings;
    expect(warning).to.deep.include({ reason: 'limit-lost', containers: 2, worst: A });
  });

  it('is reported once, although a container is repeatedly throttled and released', async () => {
    const reported: string[][] = [];
    let memory = EMPTY_MEMORY;
    let reportBefore = null;
    for (const tree of [throttled, never, throttled, never]) {
      const { report, memory: next } = await passOver(tree, reported.length * 15_000, memory);
      const kinds = transitionsOf({ memoryBefore: memory, memory: next, reportBefore, report });
      reported.push(kinds.map(({ kind }) => kind).filter((kind) => kind.startsWith('cell-')));
      [memory, reportBefore] = [next, report];
    }
    expect(reported).to.deep.equal([['cell-warning'], [], [], []]);
    const { report, memory: next } = await passOver(never, 45_000 + 600_000, memory);
    const [end] = transitionsOf({ memoryBefore: memory, memory: next, reportBefore, report });
    if (end?.kind !== 'cell-recovered') throw new Error('the warning did not end');
    expect(eventOf(end, report.takenAt).sentence).to.equal(
      'No container has run without its limits for 10 min.',
    );
  });

  it('is not reported again after a restart of the agent', async () => {
    const at = { wall: '2026-01-01T00:00:00.000Z', monotonicMilliseconds: 900_000 };
    const read = { since: '2025-12-31T00:00:00.000Z', seenAt: null };
    const before = new Map([['limit-lost', read] as const]);
    const lost = warningsAfter(before, [], at).get('limit-lost');
    expect(lost).to.deep.equal({ ...read, seenAt: 900_000 });
    const { memory } = await after([throttled]);
    const { warnings } = memory.lastShown;
    expect(warningsAfter(before, warnings, at).get('limit-lost')?.since).to.equal(read.since);
  });
});
