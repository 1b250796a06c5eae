import { expect } from 'chai';
import { bytesOfText, textOfBytes } from '../../src/model/text.ts';
import { asByteString } from '../../src/model/ids.ts';
import { holdsRootLine, rootImages } from '../../src/parse/root-images.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const STORE = '/var/vcap/data/grootfs/store/unprivileged';
const overlay = (image: string, at = '/'): string =>
  `194 167 0:57 / ${at} rw,relatime - overlay overlay rw,lowerdir=${STORE}/l/a:${STORE}/l/b,` +
  `upperdir=${image}/diff,workdir=${image}/workdir`;
const named = (...lines: string[]): readonly string[] =>
  rootImages(bytesOfText(`${lines.join('\n')}\n`)).map(
    ({ name, store }) => `${textOfBytes(name)} in ${textOfBytes(store)}`,
  );

describe('rootImages: whose root filesystem a process has', () => {
  it('names the container of an overlay, and its store', () => {
    expect(named(overlay(`${STORE}/images/${H}`))).to.deep.equal([`${H} in ${STORE}`]);
  });

  it('names it by the root of a bind mount', () => {
    const line = `1 0 8:1 /data/store/images/${H}/rootfs / rw - ext4 /dev/sda rw`;
    expect(named(line)).to.deep.equal([`${H} in /data/store`]);
  });

  it('uses only the line of `/`', () => {
    const host = '22 1 8:1 / / rw - ext4 /dev/sda1 rw';
    const other = overlay(`${STORE}/images/${H}`, `${STORE}/images/${H}/rootfs`);
    expect(named(other, host)).to.deep.equal([]);
    expect(named(host, other)).to.deep.equal([]);
    expect(named('22 1 0:5 / /proc rw - proc proc rw')).to.deep.equal([]);
    expect(named('')).to.deep.equal([]);
  });

  it('uses the first of several mounts on `/`', () => {
    const first = overlay(`${STORE}/images/${H}`);
    const above = '195 194 0:58 / / rw - tmpfs tmpfs rw';
    expect(named(first, above)).to.deep.equal([`${H} in ${STORE}`]);
    expect(named(above, first)).to.deep.equal([]);
  });

  it('uses only the component after `images/`', () => {
    expect(named(overlay(`${STORE}/images/store`))).to.deep.equal([`store in ${STORE}`]);
    expect(named(overlay('/x/images/images'))).to.deep.equal(['images in /x']);
    expect(named(overlay('/images/a/images/b'))).to.deep.equal(['b in /images/a']);
    expect(named(overlay(`/images/${H}`))).to.deep.equal([`${H} in `]);
    const layer = `1 0 0:40 / / rw - overlay overlay rw,lowerdir=/x/images/${H}/rootfs,upperdir=/u/d`;
    expect(named(layer)).to.deep.equal([]);
    const docker = `/var/lib/docker/overlay2/${'a'.repeat(64)}`;
    expect(named(overlay(docker))).to.deep.equal([]);
    for (const image of ['/x/images', '/images', 'images/a', '/x/myimages/a', '/x/images//a']) {
      expect(named(overlay(image)), image).to.deep.equal([]);
    }
  });

  it('distinguishes a pea with its own image from its container', () => {
    expect(named(overlay(`${STORE}/images/${H}-envoy`))).to.deep.equal([`${H}-envoy in ${STORE}`]);
  });

  // As Linux 6.18 showed them.
  for (const [handle, shown] of [
    ['a:b=c é', String.raw`a:b=c\040é`],
    ['x,y', String.raw`x\054y`],
    ['l:1', String.raw`l\134:1`],
  ] as const) {
    it(`names a handle with special characters: ${handle}`, () => {
      expect(named(overlay(`/s/images/${shown}`))).to.deep.equal([`${handle} in /s`]);
    });
  }

  it('needs the whole line', () => {
    const text = `${overlay(`${STORE}/images/${H}`)}\n1 2 0:5 / /proc rw - proc proc rw\n`;
    for (const length of [0, 20, 60, 200, text.indexOf('\n')]) {
      const beginning = asByteString(text.slice(0, length));
      expect(holdsRootLine(beginning), `${length}`).to.equal(false);
      expect(rootImages(beginning)).to.deep.equal([]);
    }
    expect(holdsRootLine(asByteString(text.slice(0, text.indexOf('\n') + 1)))).to.equal(true);
  });
});
