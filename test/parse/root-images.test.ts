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
  const layer = `1 0 0:40 / / rw - overlay overlay rw,lowerdir=/x/images/${H}/rootfs,upperdir=/u/d`;
  // The special characters are as Linux 6.18 showed them.
  const cases: readonly (readonly [what: string, line: string, named?: string])[] = [
    ['an overlay', overlay(`${STORE}/images/${H}`), `${H} in ${STORE}`],
    ['a pea', overlay(`${STORE}/images/${H}-envoy`), `${H}-envoy in ${STORE}`],
    ['a bind mount', `1 0 8:1 /s/images/${H}/rootfs / rw - ext4 /dev/sda rw`, `${H} in /s`],
    ['the root of the host', '22 1 8:1 / / rw - ext4 /dev/sda1 rw'],
    ['no mount', ''],
    ['a layer', layer],
    ["docker's overlay", overlay(`/var/lib/docker/overlay2/${'a'.repeat(64)}`)],
    ['an image called store', overlay(`${STORE}/images/store`), `store in ${STORE}`],
    ['an image called images', overlay('/x/images/images'), 'images in /x'],
    ['a store in an image', overlay('/images/a/images/b'), 'b in /images/a'],
    ['a store at the top', overlay(`/images/${H}`), `${H} in `],
    ...['/x/images', '/images', 'images/a', '/x/myimages/a', '/x/images//a'].map(
      (image) => [image, overlay(image)] as const,
    ),
    ['a colon, a space and é', overlay(String.raw`/s/images/a:b=c\040é`), 'a:b=c é in /s'],
    ['a comma', overlay(String.raw`/s/images/x\054y`), 'x,y in /s'],
    ['an escaped colon', overlay(String.raw`/s/images/l\134:1`), 'l:1 in /s'],
  ];
  for (const [what, line, expected] of cases) {
    it(`names the container after images/, or nobody: ${what}`, () => {
      expect(named(line)).to.deep.equal(expected === undefined ? [] : [expected]);
    });
  }
});

describe('isRootLine', () => {
  it('looks at the mount point only', () => {
    const image = `${STORE}/images/${H}`;
    expect(isRootLine(bytesOfText(overlay(image)))).to.equal(true);
    const below = overlay(image, `${image}/rootfs`);
    for (const line of [below, '22 1 0:5 / /proc rw - proc proc rw', '22 1 0:5 / ', ''])
      expect(isRootLine(bytesOfText(line)), line).to.equal(false);
  });
});
