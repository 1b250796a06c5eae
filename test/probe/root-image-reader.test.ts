import { expect } from 'chai';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { rootImageReader } from '../../src/probe/root-image-reader.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { NotingReader, showProcess } from './shown-process.ts';

const imageOf = (name: string) => `upperdir=/s/images/${name}/diff,workdir=/s/images/${name}/work`;
const rootOf = (id: number, name: string) => `${id} 1 0:57 / / rw - overlay o rw,${imageOf(name)}`;
const below = (id: number) => `${id} 1 0:5 / /d${id} rw - tmpfs t rw`;
const HOST = '22 1 8:1 / / rw - ext4 /dev/sda1 rw';
const MANY = Array.from({ length: 100_000 }, (_, index) => below(1000 + index));
const FEW = [below(10), below(11), below(12)];

/** What one reader finds for processes with these tables, in this order, and reads of each. */
function namesIn(tables: readonly (readonly string[] | string)[]) {
  const root = temporaryFolder();
  for (const [pid, lines] of tables.entries()) {
    const table = typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join('');
    showProcess(root, { pid, table });
  }
  const reader = new NotingReader(root);
  const imagesOf = rootImageReader(reader);
  const linesTaken: number[] = [];
  const names = tables.map((_, pid) => {
    reader.linesTaken = 0;
    const images = imagesOf(pid);
    linesTaken.push(reader.linesTaken);
    return images?.map(({ name }) => String(name)) ?? null;
  });
  return { names, linesTaken };
}

describe('the images of the root of a process', () => {
  it('are those of the line of `/`', () => {
    const other = `9 1 0:57 / /s/images/H/rootfs rw - overlay o rw,${imageOf('H')}`;
    const { names } = namesIn([
      [rootOf(1, 'H')],
      [...FEW, rootOf(2, 'H')],
      [other, HOST],
      [HOST, other],
      [other],
    ]);
    expect(names).to.deep.equal([['H'], ['H'], [], [], []]);
  });

  it('are those of the first of several mounts on `/`', () => {
    const above = '195 194 0:58 / / rw - tmpfs tmpfs rw';
    const { names } = namesIn([
      [rootOf(1, 'H'), above],
      [above, rootOf(2, 'H')],
    ]);
    expect(names).to.deep.equal([['H'], []]);
  });

  it('need the whole line', () => {
    const { names } = namesIn([`${rootOf(1, 'H')}\n`, rootOf(1, 'H'), '']);
    expect(names).to.deep.equal([['H'], null, null]);
  });

  it('are unknown without a table, or if the line is not in the part that is read', () => {
    const root = temporaryFolder();
    expect(rootImageReader(new KernelReader(root))(1)).to.equal(null);
    const { names } = namesIn([MANY, [...MANY, rootOf(1, 'H')]]);
    expect(names).to.deep.equal([null, null]);
  });

  it('are read once of a table that many processes share, whatever is in it', () => {
    const tables = [MANY, FEW, [below(1), rootOf(2, 'H')], [rootOf(3, 'G')]];
    const { names, linesTaken } = namesIn([...tables, ...tables]);
    const found = [null, [], ['H'], ['G']];
    expect(names).to.deep.equal([...found, ...found]);
    expect(linesTaken[0]).to.be.within(100, 1000);
    expect(linesTaken.slice(1)).to.deep.equal([FEW.length, 2, 1, 1, 1, 1, 1]);
  });

  it('are not those of another root in the same mount namespace', () => {
    const [first = '', ...rest] = FEW;
    const otherRoot = first.replace(' /d', ' /x/d');
    const { names } = namesIn([
      [first, ...rest],
      [otherRoot, rootOf(1, 'H')],
    ]);
    expect(names).to.deep.equal([[], ['H']]);
  });
});
