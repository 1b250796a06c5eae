import { expect } from 'chai';
import { bytesOfText, textOfBytes } from '../../src/model/text.ts';
import { imagesOfMount, isRootLine } from '../../src/parse/root-images.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const STORE = '/var/vcap/data/grootfs/store/unprivileged';
const overlay = (image: string, at = '/'): string =>
  `194 167 0:57 / ${at} rw,relatime - overlay overlay rw,lowerdir=${STORE}/l/a:${STORE}/l/b,` +
  `upperdir=${image}/diff,workdir=${image}/workdir`;
const named = (line: string): readonly string[] =>
  imagesOfMount(bytesOfText(line)).map(
    ({ name, store }) => `${textOfBytes(name)} in ${textOfBytes(store)}`,
  );

describe('imagesOfMount: whose root filesystem a mount shows', () => {
  it('names the container of an overlay, and its store', () => {
    expect(named(overlay(`${STORE}/images/${H}`))).to.deep.equal([`${H} in ${STORE}`]);
  });

  it('names it by the root of a bind mount', () => {
    const line = `1 0 8:1 /data/store/images/${H}/rootfs / rw - ext4 /dev/sda rw`;
    expect(named(line)).to.deep.equal([`${H} in /data/store`]);
  });

  it('names nobody by the root of the host, or by no mount', () => {
    expect(named('22 1 8:1 / / rw - ext4 /dev/sda1 rw')).to.deep.equal([]);
    expect(named('')).to.deep.equal([]);
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
});

describe('isRootLine', () => {
  it('looks at the mount point only', () => {
    const image = `${STORE}/images/${H}`;
    expect(isRootLine(bytesOfText(overlay(image)))).to.equal(true);
    for (const line of [
      overlay(image, `${image}/rootfs`),
      '22 1 0:5 / /proc rw - proc proc rw',
      '22 1 0:5 / ',
      '',
    ]) {
      expect(isRootLine(bytesOfText(line)), line).to.equal(false);
    }
  });
});
