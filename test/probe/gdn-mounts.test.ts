import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gdnMountsReader } from '../../src/probe/gdn-mounts.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';

const NETNS = '/var/vcap/data/garden-cni/container-netns';
const IMAGES = '/var/vcap/data/grootfs/store/unprivileged/images';
const namespace = (handle: string, inode: number): string =>
  `51 28 0:4 net:[${inode}] ${NETNS}/${handle} rw - nsfs nsfs rw\n`;
const overlay = (handle: string): string =>
  `52 28 0:60 / ${IMAGES}/${handle}/rootfs rw - overlay overlay rw,upperdir=${IMAGES}/${handle}/diff\n`;

describe('what gdn has mounted', () => {
  it('is read once in a pass, and the same value while its table is the same', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'proc/9'), { recursive: true });
    const write = (text: string): void => writeFileSync(join(root, 'proc/9/mountinfo'), text);
    const pass = new PassUnderWay();
    const mounts = gdnMountsReader(new KernelReader(root), pass);
    expect(mounts(9)).to.equal(null);
    write(namespace('a', 7) + overlay('a'));
    const first = mounts(9);
    expect(first).to.deep.equal({ overlays: ['a'], namespaces: new Map([['a', 7]]) });
    write(namespace('b', 8));
    expect(mounts(9)).to.equal(first);
    pass.starts('everything', new Set());
    const second = mounts(9);
    expect(second).to.deep.equal({ overlays: [], namespaces: new Map([['b', 8]]) });
    pass.starts('everything', new Set());
    expect(mounts(9)).to.equal(second);
    expect(mounts(10)).to.equal(null);
  });
});
