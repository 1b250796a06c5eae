import { expect } from 'chai';
import type { WaitEvidence } from '../../src/model/destroy.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { advised } from '../present/advised.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { differs, type Judgement } from '../../src/reconcile/judge/judgement.ts';
import { waitsToAsk } from '../../src/reconcile/judge/stuck.ts';
import { questionsOf } from '../../src/reconcile/questions.ts';
import { expectAsked, expectPasses, expectRows } from './cell-rows.ts';
import { A, B, G, firstOf, passOf, process, reportAfter, type CellText } from './cell-builder.ts';

const OWN = `${G}/garden/${A}`;
/** A has two processes, 200 and 201. */
const MEMBERSHIPS = { 200: { memory: OWN, freezer: OWN }, 201: { memory: OWN, freezer: OWN } };
const killed: CellText = {
  trees: { memory: `${G}: 100\n${OWN}: 200 201`, freezer: `${G}: 100\n${OWN}: 200 201` },
  listed: [A],
  memberships: MEMBERSHIPS,
  numbers: { [OWN]: 'freezer.state=0' },
  signals: { 200: 'D killed', 201: 'D killed' },
  processes: [process({ pid: 200 }), process({ pid: 201 })],
};

describe('a container that Garden lists and cannot end', () => {
  it('says what its processes wait for, and how to end that', () => {
    const wait: WaitEvidence = {
      processes: [
        { pid: 200, comm: 'cat', state: 'D', wchan: 'request_wait_answer' },
        { pid: 201, comm: 'sh\n', state: 'D', wchan: null },
      ],
      servers: [{ kind: 'nfs' }, { kind: 'fuse', connection: 57 }],
      mounts: 0,
    };
    const container = firstOf(reportAfter([{ ...killed, waits: { [A]: wait } }]).report);
    expect(containerSentence(container)).to.equal(
      'Garden cannot end this container: its 2 processes were killed and have not ended (SIGKILL is pending in each). ' +
        'In uninterruptible sleep: cat (process 200, in request_wait_answer) and sh\\n (process 201). ' +
        'The container has mounts of NFS and FUSE (connection 57). ' +
        "The container's root filesystem is no longer mounted (gdn's mountinfo). Only a difference that lasts becomes a finding.",
    );
    expect(advised(container).steps.map(({ action, command }) => [action, command])).to.deep.equal([
      ['Bring the NFS server back.', "sudo grep ' - nfs' /proc/1/mountinfo /proc/200/mountinfo"],
      [
        'Restart the FUSE server, or abort its connection: whatever uses the mount then gets errors.',
        'echo 1 | sudo tee /sys/fs/fuse/connections/57/abort',
      ],
      [
        'If the container is still listed half a minute later, delete it through Garden.',
        `sudo curl -sS --unix-socket /var/vcap/data/garden/garden.sock -X DELETE http://garden/containers/${A}`,
      ],
      [
        'If nothing helps, only a reboot ends the processes: recreate the cell from where you use bosh.',
        'bosh -d DEPLOYMENT recreate diego_cell/INDEX',
      ],
    ]);
  });

  it('says which of its processes exit, because SIGKILL is pending in none of these', () => {
    const said = (first: string, second: string | null) => {
      const signals = { 200: first, 201: second };
      const wait: WaitEvidence = {
        processes: [{ pid: 200, comm: 'cat', state: 'S', wchan: 'request_wait_answer' }],
        servers: [],
        mounts: null,
      };
      return containerSentence(
        firstOf(reportAfter([{ ...killed, signals, waits: { [A]: wait } }]).report),
      ).replace(/ Only a difference.*/, '');
    };
    const where = 'Asleep: cat (process 200, in request_wait_answer).';
    const noEffect = 'SIGKILL has no effect on a process that is exiting';
    expect([
      said('S exits', null),
      said('S exits', 'S exits'),
      said('S exits', 'D killed'),
    ]).to.deep.equal([
      `Garden cannot end this container: its only process is exiting and has not ended: ${noEffect}. ${where}`,
      `Garden cannot end this container: each of its 2 processes is exiting and has not ended: ${noEffect}. ${where}`,
      `Garden cannot end this container: none of its 2 processes ends: SIGKILL is pending in 1, and 1 is exiting (${noEffect}). ${where}`,
    ]);
  });

  it('is still asked what its processes wait for, and says so, after gdn has lost its properties', () => {
    const wait: WaitEvidence = {
      processes: [{ pid: 200, comm: 'cat', state: 'D', wchan: 'request_wait_answer' }],
      servers: [{ kind: 'nfs' }],
      mounts: 0,
    };
    const reported = [killed, { ...killed, at: 180_000 }];
    const restarted = { ...killed, at: 195_000, properties: { [A]: null } };
    const { memory } = reportAfter(reported, 180_000);
    expect(questionsOf(passOf(restarted, memory)).waits.map(({ handle }) => handle)).to.deep.equal([
      A,
    ]);
    const waiting = { ...restarted, waits: { [A]: wait } };
    const container = firstOf(reportAfter([...reported, waiting], 180_000).report);
    expect(container).to.include({ status: 'untracked', reason: 'stuck' });
    expect(containerSentence(container)).to.contain('In uninterruptible sleep: cat (process 200');
  });

  const stuck =
    'garden/A: 200 201; in freezer /garden: 100, garden/A: 200 201; number garden/A freezer.state=0; cgroups 200 freezer=garden/A; cgroups 201 freezer=garden/A; signals 200=D+killed 201=D+killed';
  const onV2 =
    '/garden/A/init: 200 201; cgroups 200 v2=/garden/A/init; cgroups 201 v2=/garden/A/init; signals 200=D+killed 201=D+killed; number /garden/A/init cgroup.events#frozen';
  const withEnvoy = stuck.replace('200 201;', '200 201, garden/A/A-envoy: 202;');
  const unread = stuck.replace(/; signals.*/, '');
  expectAsked(`
is asked for the signals of one process at first | ${unread} | signals 200
is asked for no others if that one was not killed | ${unread}; signals 200=S | signals -
is asked for those of all if it was | ${unread}; signals 200=D+killed | signals 201
is not asked for its freezer or what it waits for while one runs | ${unread.replace(/; number[^;]*/, '')}; signals 200=D+killed 201=S | cgroupNumbers -; waits -
is asked for the cgroups of its processes | ${stuck.replaceAll(/; cgroups[^;]*/g, '')} | memberships 200 201
is asked whether it is frozen | ${stuck.replace(/; number[^;]*/, '')} | cgroupNumbers freezer:garden/A freezer.state
is asked for what its processes wait for | ${stuck} | waits A 200 201
`);
  for (const [seconds, asked] of Object.entries({ 59: '-', 60: '200' }))
    expectAsked(
      `
is asked for signals each minute: after ${seconds} s | ${unread} > same | signals ${asked}
`,
      Number(seconds) * 1000,
    );
  expectAsked(
    `
is asked for the signals of all in each pass once it was killed | ${stuck} > ${unread} | signals 200 201
`,
    15_000,
  );
  expectRows(
    `
is a finding | ${stuck} > same | A untracked stuck warning (2)
is not one while one of its processes was not killed | ${stuck}; signals 200=D+killed 201=S > same | A tracked (2)
is not one while one waits without a SIGKILL | ${stuck}; signals 200=D+killed 201=D > same | A tracked (2)
is not one while one is stopped | ${stuck}; signals 200=D+killed 201=T+killed > same | A tracked (2)
is not one while a process outside traces one | ${stuck}; signals 200=D+killed 201=t+killed+tracer=77 > same | A tracked (2)
is not one while it is frozen on v1 | ${stuck}; number garden/A freezer.state=1 > same | A tracked (2)
is not one while nothing shows whether it is frozen | ${stuck}; number garden/A freezer.state=null > same | A tracked (2)
is not one while nothing shows which freezer it has | ${stuck.replace('; cgroups 201 freezer=garden/A', '')} > same | A tracked (2)
is not one if all of its processes end | ${stuck}; signals 200=Z+killed 201=gone > same | A tracked (2)
is not one if Garden does not list it | ${stuck}; lists - > same | A untracked unknown-to-garden critical (2)
is not one if a part of it cannot be read | ${stuck}; unreadable garden/A/hidden > same | A tracked (2)
is not one if one exits while another runs | ${stuck}; signals 200=D+exits 201=S > same | A tracked (2)
is not one if nothing but a killed pea of it is left | garden/A:, garden/A/A-envoy: 201; signals 201=D+killed > same | A untracked no-cgroup warning (0) with A-envoy
is not one if a pea of it alone was killed | ${withEnvoy}; signals 200=S 201=S 202=D+killed > same | A tracked (2) with A-envoy
is one although a zombie is left, which the kernel lists | ${stuck}; signals 200=Z 201=D+killed > same | A untracked stuck warning (2)
is one although one has just ended | ${stuck}; signals 200=gone 201=D+killed > same | A untracked stuck warning (2)
is one although one exits, and none but that is left | ${stuck}; signals 200=S+exits 201=gone > same | A untracked stuck warning (2)
is one although one exits and the other was killed | ${stuck}; signals 200=S+exits 201=D+killed > same | A untracked stuck warning (2)
is one although one traces another | ${stuck}; signals 200=D+killed 201=t+killed+tracer=200 > same | A untracked stuck warning (2)
is one although its Envoy lives | ${withEnvoy} > same | A untracked stuck warning (2) with A-envoy
is one although it is in no cgroup of the freezer | ${stuck}; cgroups 200 freezer=/; cgroups 201 freezer=/ > same | A untracked stuck warning (2) at /
is not one where the freezer's cgroup is not below its mount | ${stuck}; cgroups 201 freezer=/../x > same | A tracked (2)
is not one while v2 hides a process of it | ${stuck.replace('garden/A: 200 201;', 'garden/A: 0 200 201;')} > same | A tracked (3)
ends once it is frozen, because its processes end when it is thawed | ${stuck} > same > ${stuck}; number garden/A freezer.state=1 | A tracked (2)
stays while not all of its processes are read | ${stuck} > same > ${stuck}; signals 200=D+killed | A untracked stuck warning (2) because not all processes of the container could be read
ends with one that runs, whatever was not read | ${stuck} > same > ${stuck}; signals 200=S | A tracked (2)
is one although it has no freezer, as where none is mounted | garden/A: 200 201; cgroups 200 memory=garden/A; cgroups 201 memory=garden/A; signals 200=D+killed 201=D+killed > same | A untracked stuck warning (2)
`,
    180_000,
  );

  expectRows(
    `
is pending in a check that settles for less than three minutes | ${stuck} > same | A pending stuck warning (2)
`,
    179_000,
  );

  // `cgroup.events` of the own cgroup of each process tells.
  expectRows(
    `
is a finding on v2 | ${onV2}=0 > same | A untracked stuck warning (2)
is not one while it is frozen on v2 | ${onV2}=1 > same | A tracked (2)
`,
    180_000,
    'v2',
  );

  const seen = `${stuck}; processes 200=cat 201=sh`;
  const none = 'signals 999=S';
  const next = seen.replaceAll('200 201', '300').replaceAll(/\b(?:200|201)\b/g, '300');
  const found = 'pending stuck warning x12, untracked stuck warning';
  expectPasses(`
is a finding once every pass of three minutes saw SIGKILL pending in all its processes | ${seen} * 14 | ${found} x2
begins anew after a pass that saw a process that was not killed | ${seen} * 12 > ${seen}; signals 200=D+killed 201=S > ${seen} * 13 | pending stuck warning x12, tracked, ${found}
begins anew once none of the processes is left that were killed at first | ${seen} * 12 > ${next} * 2 | pending stuck warning x12, tracked, pending stuck warning
begins anew where their pids belong to others | ${seen} * 12 > ${seen}; processes 200#7=cat 201#7=sh | pending stuck warning x12, tracked
goes on while one of them is left | ${seen} * 12 > ${seen}; signals 200=gone 201=D+killed | ${found}
keeps its time through passes that could not read it, which count as two intervals at most | ${seen} * 10 > ${seen}; ${none} * 9 > ${seen} * 3 | pending stuck warning x20, untracked stuck warning x2
is unowned first if Garden lost its properties, too | ${seen}; unowned A * 5 | pending unowned critical x5
is no-cgroup once its processes have ended, and stays reported until then | ${seen} * 13 > garden/A:; in freezer /garden: 100, garden/A: | ${found}, pending no-cgroup warning
`);

  it('is asked what it waits for, but of no more than 64, by their handles', () => {
    const stuckOne = differs({ kind: 'stuck', processes: 2, exiting: 0, wait: null });
    const escapedOne = differs({ kind: 'escaped', processes: [] });
    const named = (name: string, judgement: Judgement) => ({
      name: asByteString(name),
      handle: asHandle(name),
      cgroup: null,
      judgement,
    });
    const { state } = passOf(killed, EMPTY_MEMORY);
    const handles = Array.from({ length: 65 }, (_, n) => `h${100 + n}`);
    const differing = ['h102', ...handles.filter((one) => one !== 'h102'), 'h000'].map((handle) =>
      named(handle, handle === 'h000' ? escapedOne : stuckOne),
    );
    for (const order of [differing, differing.toReversed()])
      expect(waitsToAsk(order, state)).to.deep.equal(
        handles.slice(0, 64).map((handle) => ({ handle, pids: [], gdnPid: 100 })),
      );
  });

  it('is read before others of which more processes run, and never in part', () => {
    /** The processes that are asked for after the first of each was, which is not asked again. */
    const asked = (sizes: Readonly<Record<string, number>>): readonly number[] => {
      const pidsOf = (size: number) => Array.from({ length: size }, (_, n) => size * 10_000 + n);
      const trees = Object.entries(sizes).map(
        ([handle, size]) => `${G}/garden/${handle}: ${pidsOf(size).join(' ')}`,
      );
      const signals = Object.values(sizes).map((size) => [size * 10_000, 'D killed'] as const);
      const cell = {
        ...killed,
        trees: { memory: `${G}: 100\n${trees.join('\n')}` },
        listed: Object.keys(sizes),
        signals: Object.fromEntries(signals),
      };
      return questionsOf(passOf(cell, EMPTY_MEMORY)).signals.map((pid) => Math.floor(pid / 10_000));
    };
    const others = (size: number) => Array.from({ length: size - 1 }, () => size);
    expect(asked({ [A]: 2, [B]: 1023 })).to.deep.equal(others(2));
    expect(asked({ [A]: 1023, [B]: 2 })).to.deep.equal(others(2));
    expect(asked({ [A]: 1023 })).to.deep.equal(others(1023));
    expect(asked({ [A]: 1024 })).to.deep.equal(others(1024));
    expect(asked({ [A]: 1025 })).to.deep.equal([]);
  });
});
