import * as v from 'valibot';
import type { ByteString } from '../model/ids.ts';

// The shapes that several files of ours hold. Whoever parses one bounds the lists around them.

export const text = v.pipe(v.string(), v.maxLength(1_000_000));
export const nullableText = v.nullable(text);
export const count = v.pipe(v.number(), v.finite());
/** As `Date.toISOString` writes it, with or without a part of a second: it is shown as it stands. */
export const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/));
/** `ENOENT`, or a code of Node's. */
export const errno = v.pipe(v.string(), v.regex(/^[A-Z0-9_]{1,32}$/));
export const bytes = v.pipe(
  text,
  v.custom<ByteString>((value) => /^[\x00-\xff]*$/.test(String(value))),
);

/** Not `v.record`, which leaves out keys called `__proto__`, `prototype` and `constructor`. */
export const recordOf = <T>(value: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.custom<object>((record) => typeof record === 'object' && record !== null),
    v.transform((record) => Object.entries(record)),
    v.array(v.tuple([text, value])),
    v.transform((pairs): Readonly<Record<string, T>> => Object.fromEntries(pairs)),
  );

export const appIdentity = v.object({
  id: nullableText,
  name: nullableText,
  spaceId: nullableText,
  spaceName: nullableText,
  organizationId: nullableText,
  organizationName: nullableText,
  index: v.nullable(count),
  processType: nullableText,
});

export const processEntries = {
  pid: count,
  parentPid: count,
  startTicks: count,
  startedAt: time,
  realUid: count,
  namespacePids: v.pipe(v.array(count), v.maxLength(64)),
  comm: text,
  command: text,
  launched: v.nullable(
    v.variant('by', [
      v.object({ by: v.literal('containerd-shim'), namespace: text, id: text }),
      v.object({ by: v.literal('dadoo'), id: text }),
    ]),
  ),
};
