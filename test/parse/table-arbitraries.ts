import fc from 'fast-check';
import { asByteString, asDevice } from '../../src/model/ids.ts';
import type { Mount } from '../../src/model/mount.ts';

const byte = fc.oneof(
  fc.constantFrom(...'ab/ \\\t\n#-:"'.split('')),
  fc.integer({ min: 1, max: 255 }).map((n) => String.fromCharCode(n)),
);
const word = (minLength: number) =>
  fc.array(byte, { minLength, maxLength: 12 }).map((bytes) => bytes.join(''));
const number = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** A mount with every field that the kernel prints escaped holding any byte but NUL. */
export const anyMount: fc.Arbitrary<Omit<Mount, 'line' | 'optionalFields'>> = fc.record({
  id: number,
  parentId: number,
  device: fc.tuple(number, number).map(([major, minor]) => asDevice(`${major}:${minor}`)),
  root: word(1).map(asByteString),
  mountPoint: word(1).map(asByteString),
  fstype: word(1),
  source: word(0).map(asByteString),
  superOptions: fc.array(
    word(1).filter((option) => !/[,"]/.test(option)),
    { minLength: 1, maxLength: 4 },
  ),
});

/** As the kernel escapes a field. */
export const escapeField = (field: string): string =>
  field.replace(
    /[ \t\n\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
