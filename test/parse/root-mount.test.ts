import { expect } from 'chai';
import { bytesOfText } from '../../src/model/text.ts';
import { parseMountInfo } from '../../src/parse/mountinfo.ts';
import { rootMountComponents } from '../../src/parse/root-mount.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const words = (...lines: string[]) =>
  rootMountComponents(parseMountInfo(bytesOfText(`${lines.join('\n')}\n`)).mounts);
const names = (handle: string, ...lines: string[]) => words(...lines)?.has(bytesOfText(handle));

describe('rootMountComponents: whose root filesystem a process has', () => {
  it('names the container of an overlay', () => {
    const store = `/var/vcap/data/grootfs/store/unprivileged/images/${H}`;
    const found = words(
      `1 0 0:40 / / rw - overlay overlay rw,upperdir=${store}/diff,workdir=${store}/w`,
    );
    expect(found?.has(bytesOfText(H))).to.equal(true);
  });

  it('names it by the root and by the source of a bind mount', () => {
    expect(names(H, `1 0 8:1 /images/${H}/rootfs / rw - ext4 /dev/sda rw`)).to.equal(true);
    expect(names(H, `1 0 8:1 / / rw - xfs /dev/${H} rw`)).to.equal(true);
  });

  it('takes whole components only, and no words that are no paths', () => {
    const found = words(`1 0 0:40 /${H}-envoy / rw - overlay overlay rw`);
    expect(found?.has(bytesOfText(H))).to.equal(false);
    expect(found?.has(bytesOfText('overlay'))).to.equal(false);
    expect(found?.has(bytesOfText('rw'))).to.equal(false);
  });

  it('takes the mount on top where several cover the root', () => {
    const found = words(
      `1 0 0:1 /${H} / rw - ext4 /dev/a rw`,
      '2 1 0:2 /other / rw - ext4 /dev/b rw',
    );
    expect(found?.has(bytesOfText(H))).to.equal(false);
  });

  it('gives null for a table without a root', () => {
    expect(words('1 0 0:1 / /proc rw - proc proc rw')).to.equal(null);
  });

  // As Linux 6.18 showed them.
  const images = String.raw`lowerdir=/l\134:1/x:/l2,upperdir=/images/a:b=c\040é/diff,workdir=/images/a:b=c\040é/work`;
  for (const [what, handle, line] of [
    ['is not ASCII', 'a:b=c é', `46 42 0:40 / / rw - overlay overlay rw,${images},uuid=on`],
    [
      'holds a comma',
      'x,y',
      String.raw`45 42 0:40 / / rw - overlay overlay rw,lowerdir=/l2,upperdir=/images/x\054y/diff`,
    ],
    [
      'is the root of a bind mount',
      'a:x,y=z é',
      String.raw`43 42 0:39 /a:x,y=z\040é / rw - tmpfs t rw`,
    ],
    ['is in a source', 'a:b=c', '43 42 8:1 / / rw - xfs /dev/a:b=c rw'],
    ['is a layer', 'l:1', `46 42 0:40 / / rw - overlay overlay rw,${images}`],
  ] as const) {
    it(`names a handle that ${what}: ${handle}`, () => {
      expect(names(handle, line)).to.equal(true);
    });
  }

  it('takes no part of a component for the whole', () => {
    for (const part of ['a', 'b', 'c é', 'b=c é', 'a:b']) {
      expect(names(part, `46 42 0:40 / / rw - overlay overlay rw,${images}`), part).to.equal(false);
    }
    expect(names('a', '43 42 0:39 /a:b / rw - tmpfs t rw')).to.equal(false);
  });

  it('takes each layer of a list, at the end of its path, too', () => {
    const line = (list: string) => `46 42 0:40 / / rw - overlay overlay rw,lowerdir=${list}`;
    const lists = [
      [String.raw`/a\134:b:/c:d/e`, 'as it was mounted'],
      [String.raw`/a\072b:/c\072d/e`, 'escaped by the kernel'],
    ] as const;
    for (const [list, how] of lists) {
      for (const handle of ['a:b', 'e']) {
        expect(names(handle, line(list)), `${handle}, ${how}`).to.equal(true);
      }
    }
    for (const handle of ['12', 'fs', '11', 'H']) {
      expect(names(handle, line('x/12:11/fs:y/H')), handle).to.equal(true);
    }
  });
});
