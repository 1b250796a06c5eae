import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { Membership } from '../../src/model/process.ts';
import type { OtherMode } from '../../src/model/sensor.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { parseProcCgroup } from '../../src/parse/process-files.ts';
import { compareModes, type ModeChange } from '../../src/sensors/compare-modes.ts';
import { hasMode, inOtherMode, type Runtime } from '../../src/sensors/other-mode.ts';
import type { SensedCell } from '../../src/sensors/sensed-cell.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { recordedParts, recording } from '../recordings.ts';
import { cellOf, container, mountInputs } from './sensed-cells.ts';

/** The containers of every recorded cell; the third is privileged. */
const HANDLES = [
  '8a37cb6f-385b-4dd3-732c-34d6',
  'b1c2d3e4-0f1e-4a2b-5c6d-7e8f',
  'c0ffee00-1234-4567-89ab-cdef',
  'deadbeef-0001-4002-8003-abcd',
  '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111',
  'check-0a1b2c3d-4e5f-4a6b-7c8d-9e0f1a2b3c4d',
  'e0e0e0e0-0000-4000-8000-0000',
] as const;
const PRIVILEGED = HANDLES[2];
const ENVOY = 'c0ffee00-1234-4567-89ab-cdef-envoy';
const HEALTH_CHECK = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f-liveness-healthcheck-0';

/** Which processes of a recorded cell a test is about, by the end of their cgroup. */
const isIn = (path: string, handle: string): boolean =>
  path.replace(/\/init$/, '').endsWith(handle);

function membershipOf(recorded: string, handle: string): Membership {
  const parts = recordedParts(`garden/${recorded}/memberships.txt`);
  const found = [...parts.values()]
    .map((text) => parseProcCgroup(asByteString(`${text}\n`)))
    .find((one) => Object.values(one).some((path) => isIn(path, `/${handle}`)));
  return found ?? expect.fail(`no process of ${handle} in ${recorded}`);
}

/** The cell as a recording has it, with these containers. */
function recordedCell(recorded: string, handles: readonly string[] = HANDLES): SensedCell {
  const table = parseMountInfo(
    asByteString(readFileSync(recording(`garden/${recorded}/mountinfo`), 'latin1')),
  );
  const isV2 = recorded.startsWith('v2');
  const inodes = Object.fromEntries(table.mounts.map(({ mountPoint }) => [mountPoint, 1]));
  return cellOf(
    mountInputs(table, inodes),
    handles.map((handle) => container(handle, membershipOf(recorded, handle))),
    isV2 ? 'v2' : 'v1',
  );
}

const membershipsIn = ({ containers }: SensedCell): Readonly<Record<string, Membership | null>> =>
  Object.fromEntries(containers.map(({ handle, membership }) => [handle, membership]));

/** The path in v2 alone, which is all that a cell with v2 has of Garden. */
const v2Paths = (cell: SensedCell): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(cell.containers.map(({ handle, membership }) => [handle, membership?.['v2']]));

interface Move {
  readonly from: string;
  readonly mode: OtherMode;
  readonly runtime: Runtime;
  readonly to: string;
}

describe('the cgroups of a cell in another mode', () => {
  const toV2: readonly Move[] = [
    { from: 'runc', mode: 'v2', runtime: 'runc', to: 'v2-runc' },
    { from: 'runc', mode: 'v2', runtime: 'containerd', to: 'v2-containerd' },
    { from: 'containerd', mode: 'v2', runtime: 'containerd', to: 'v2-containerd' },
    { from: 'throttle-v1', mode: 'v2', runtime: 'containerd', to: 'v2-throttle-containerd' },
    {
      from: 'v2-containerd',
      mode: 'throttled',
      runtime: 'containerd',
      to: 'v2-throttle-containerd',
    },
  ];
  for (const { from, mode, runtime, to } of toV2)
    it(`are those that were recorded: ${from} becomes ${to}`, () => {
      const moved = inOtherMode(recordedCell(from), mode, runtime);
      expect(v2Paths(moved)).to.deep.equal(v2Paths(recordedCell(to)));
    });

  it('are those that were recorded for side processes, which have no leaf', () => {
    const sidesIn = (recorded: string): SensedCell => ({
      ...recordedCell(recorded, []),
      containers: [
        container(HANDLES[1], membershipOf(recorded, HEALTH_CHECK)),
        container(PRIVILEGED, membershipOf(recorded, ENVOY)),
      ],
    });
    const moved = inOtherMode(sidesIn('containerd'), 'v2', 'containerd');
    expect(v2Paths(moved)).to.deep.equal(v2Paths(sidesIn('v2-containerd')));
  });

  it('are those that were recorded with throttling on v1: all in good but a privileged one', () => {
    const moved = inOtherMode(recordedCell('containerd'), 'throttled', 'containerd');
    expect(membershipsIn(moved)).to.deep.equal(membershipsIn(recordedCell('throttle-v1')));
    const privileged = moved.containers.find(({ handle }) => handle === PRIVILEGED);
    expect(Object.values(privileged?.membership ?? {}).join()).not.to.contain('good');
  });

  it('stay unread where they could not be read', () => {
    const cell = cellOf(recordedCell('runc').mounts, [container(HANDLES[0], null)]);
    expect(inOtherMode(cell, 'v2', 'runc').containers[0]?.membership).to.equal(null);
  });
});

describe('the mode of a cell', () => {
  it('is throttled where a container is in good', () => {
    expect(hasMode(recordedCell('throttle-v1'), 'throttled')).to.equal(true);
    expect(hasMode(recordedCell('v2-throttle-containerd'), 'throttled')).to.equal(true);
    expect(hasMode(recordedCell('runc'), 'throttled')).to.equal(false);
  });

  it('is not known to be throttled where only privileged containers run', () => {
    expect(hasMode(recordedCell('runc', [PRIVILEGED]), 'throttled')).to.equal(null);
  });
});

const falcoChanges = (recorded: string, mode: OtherMode): readonly ModeChange[] =>
  compareModes(recordedCell(recorded), mode, { tools: ['falco'], version: typedVersion('0.44') });

describe('what a sensor would gain and lose', () => {
  it('is, for Falco on cgroup v2, the privileged container that v1 calls garden.servi', () => {
    const changes = falcoChanges('runc', 'v2');
    expect(changes.flatMap(({ gains }) => gains)).to.contain(PRIVILEGED);
    expect(changes.flatMap(({ loses }) => loses)).to.deep.equal([]);
  });

  it('is, for Falco with throttling on cgroup v2, every container that moves to good', () => {
    const [change] = falcoChanges('v2-containerd', 'throttled');
    expect(change?.runtime).to.equal(null);
    expect(change?.gains).to.deep.equal([]);
    expect(change?.loses).to.have.members(HANDLES.filter((handle) => handle !== PRIVILEGED));
  });

  it('is neither for an app with throttling on v1, which cgroup v2 gives another wrong id', () => {
    const changes = falcoChanges('throttle-v1', 'v2');
    expect(changes).not.to.be.empty;
    for (const { gains, loses, renames, whyNow, why } of changes) {
      expect([gains, loses]).to.deep.equal([[PRIVILEGED], []]);
      expect(renames).to.include(HANDLES[0]).and.not.to.include(PRIVILEGED);
      expect(whyNow).to.contain('such as garden.servi');
      expect(why).to.contain('such as good/8a37cb6');
    }
  });
});
