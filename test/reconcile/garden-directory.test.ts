import { expect } from 'chai';
import type { GardenFailureCode } from '../../src/model/garden.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { GardenDirectory } from '../../src/model/memory.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import {
  gardenDirectoryAfter,
  removedDirectoryFailure,
  showsRemovedDirectory,
} from '../../src/reconcile/garden-directory.ts';

const SOCKET = '/var/vcap/data/garden/garden.sock';

/** Under bpm: its root file system, the data of the job, and this at the directory of Garden. */
const table = (...garden: readonly string[]): string =>
  [
    '600 500 0:50 /bundles/rootfs / rw - ext4 /dev/sda1 rw',
    '610 600 8:2 /rollcall /var/vcap/data/rollcall rw - ext4 /dev/sda2 rw',
    ...garden.map(
      (root, at) => `${620 + at} 600 8:2 ${root} /var/vcap/data/garden ro - ext4 /dev/sda2 rw`,
    ),
  ].join('\n');

const isSeenIn = (text: string, code: GardenFailureCode | null, socket = SOCKET): boolean =>
  showsRemovedDirectory(
    {
      mounts: { ownTable: parseMountInfo(asByteString(`${text}\n`)) },
      list: code === null ? { kind: 'answered', value: [] } : { kind: 'failed', code, why: '' },
    },
    socket,
  );

describe("Garden's directory, made anew behind the mount that shows it", () => {
  it('is recognised by the mark of the kernel on the root of the mount while no socket is there', () => {
    expect(isSeenIn(table('/garden//deleted'), 'socket-missing')).to.equal(true);
  });

  const others: Readonly<Record<string, readonly [string, GardenFailureCode | null, string?]>> = {
    'Garden that has not started yet': [table('/garden'), 'socket-missing'],
    'Garden that answers, whatever the table says': [table('/garden//deleted'), null],
    'a Garden that refuses: the socket is there': [table('/garden//deleted'), 'refused'],
    'a directory that is no mount of its own': [table(), 'socket-missing'],
    'a removed directory of somebody else': [
      table('/garden').replace('/rollcall /', '/rollcall//deleted /'),
      'socket-missing',
    ],
    'a mount that another one covers': [table('/garden//deleted', '/garden'), 'socket-missing'],
    'another socket beside the mount': [
      table('/garden//deleted'),
      'socket-missing',
      '/var/vcap/data/garden-2/garden.sock',
    ],
  };
  for (const [what, [text, code, socket]] of Object.entries(others)) {
    it(`is not seen in ${what}`, () => {
      expect(isSeenIn(text, code, socket)).to.equal(false);
    });
  }

  it('is looked for in the deepest mount, also in a directory with a space', () => {
    const removed = table('/garden//deleted').replaceAll('/data/garden', '/data/the\\040garden');
    expect(isSeenIn(removed, 'socket-missing', '/var/vcap/data/the garden/garden.sock')).to.equal(
      true,
    );
    const covered = [
      table('/garden//deleted'),
      '700 600 8:2 /x /var/vcap/data/garden/run rw - ext4 /dev/sda2 rw',
    ].join('\n');
    expect(isSeenIn(covered, 'socket-missing', '/var/vcap/data/garden/run/s')).to.equal(false);
  });

  const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();
  const never: GardenDirectory = { passes: 0, endedAt: null };

  it('ends the agent in the second pass in a row that sees it', () => {
    const first = gardenDirectoryAfter(never, true, at(0));
    expect(first).to.deep.equal({ remembered: { passes: 1, endedAt: null }, ends: false });
    const other = gardenDirectoryAfter(first.remembered, false, at(1));
    expect(other).to.deep.equal({ remembered: never, ends: false });
    const second = gardenDirectoryAfter(first.remembered, true, at(1));
    expect(second).to.deep.equal({ remembered: { passes: 0, endedAt: at(1) }, ends: true });
  });

  it('ends it at most once in ten minutes, and again after them', () => {
    let state: GardenDirectory = { passes: 0, endedAt: at(10) };
    const ends = [11, 15, 19, 20, 21, 22].map((minute) => {
      const after = gardenDirectoryAfter(state, true, at(minute));
      state = after.remembered;
      return after.ends;
    });
    expect(ends).to.deep.equal([false, false, false, true, false, false]);
  });

  for (const endedAt of [at(60), 'no time']) {
    it(`is not kept from ending it by a last time of ${endedAt}`, () => {
      expect(gardenDirectoryAfter({ passes: 1, endedAt }, true, at(5)).ends).to.equal(true);
    });
  }

  it('has a stable code, and one line that says what to expect', () => {
    const { code, message } = removedDirectoryFailure(`${SOCKET}\n`);
    expect(code).to.equal('GARDEN_DIRECTORY_REMOVED');
    expect(message).to.contain(SOCKET).and.not.contain('\n');
    expect(message.length).to.be.at.most(500);
  });
});
