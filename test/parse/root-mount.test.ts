import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import { parseMountInfo } from '../../src/parse/mountinfo.ts';
import { rootMountComponents } from '../../src/parse/root-mount.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const words = (...lines: string[]) =>
  rootMountComponents(parseMountInfo(asByteString(`${lines.join('\n')}\n`)).mounts);

describe('rootMountComponents: whose root filesystem a process has', () => {
  it('names the container of an overlay', () => {
    const store = `/var/vcap/data/grootfs/store/unprivileged/images/${H}`;
    const found = words(
      `1 0 0:40 / / rw - overlay overlay rw,upperdir=${store}/diff,workdir=${store}/w`,
    );
    expect(found?.has(H)).to.equal(true);
  });

  it('names it by the root and by the source of a bind mount', () => {
    expect(words(`1 0 8:1 /images/${H}/rootfs / rw - ext4 /dev/sda rw`)?.has(H)).to.equal(true);
    expect(words(`1 0 8:1 / / rw - xfs /dev/${H} rw`)?.has(H)).to.equal(true);
  });

  it('takes whole components only, and no words that are no paths', () => {
    const found = words(`1 0 0:40 /${H}-envoy / rw - overlay overlay rw`);
    expect(found?.has(H)).to.equal(false);
    expect(found?.has('overlay')).to.equal(false);
    expect(found?.has('rw')).to.equal(false);
  });

  it('takes the mount on top where several cover the root', () => {
    const found = words(
      `1 0 0:1 /${H} / rw - ext4 /dev/a rw`,
      '2 1 0:2 /other / rw - ext4 /dev/b rw',
    );
    expect(found?.has(H)).to.equal(false);
  });

  it('gives null for a table without a root', () => {
    expect(words('1 0 0:1 / /proc rw - proc proc rw')).to.equal(null);
  });
});
