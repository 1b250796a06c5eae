import * as v from 'valibot';
import type { HierarchyView } from '../../src/model/report-view.ts';
import { count, nullableCount, nullableText, flag, text, described } from './shapes.ts';

const place = {
  mountPoint: described(text, 'Its path, decoded: \\040 is a space.'),
  mountId: described(nullableCount, 'Null for a table in the format of /proc/mounts.'),
  root: described(
    nullableText,
    'The directory of the hierarchy that the mount shows; null if the table has no such field.',
  ),
};

/** A hierarchy and the mount that shows it. */
export const hierarchy = v.object({
  device: described(
    nullableText,
    'Major and minor number of its file system; null where the table has none.',
  ),
  version: described(v.picklist([1, 2]), 'The cgroup version.'),
  controllers: described(
    v.array(text),
    'Empty for v2 and for a named hierarchy without controllers.',
  ),
  name: described(nullableText, 'The X of name=X, of a named hierarchy of v1.'),
  chosen: described(v.nullable(v.object(place)), 'The mount that shows its root; null: none does.'),
  confirmed: described(
    v.nullable(flag),
    'Whether the kernel confirmed the choice; null: the table was a saved one.',
  ),
  why: described(text, 'The choice in one sentence.'),
}) satisfies v.GenericSchema<unknown, HierarchyView>;

const verdict = v.picklist([
  'chosen',
  'equivalent',
  'sub-cgroup',
  'shadowed',
  'deleted',
  'own-namespace',
  'undecided',
  'not-confirmed',
  'passed-over',
]);

/** The same with every mount that was considered. */
export const judgedHierarchy = v.object({
  ...hierarchy.entries,
  candidates: described(
    v.array(
      v.object({
        ...place,
        verdict: described(
          verdict,
          'passed-over: a good mount that the given rule does not choose.',
        ),
        why: described(text, 'The verdict in one sentence.'),
      }),
    ),
    'Every mount of the hierarchy in the table.',
  ),
});

export const mode = described(
  v.picklist(['v1', 'hybrid', 'v2', 'none']),
  'Whether the mount table has hierarchies of v1, of v2, or of both.',
);
export const namespace = v.picklist(['initial', 'private']);
export const malformedLines = described(count, 'Lines that are not in the format of the table.');
