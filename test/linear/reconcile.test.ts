import { ownerOfPea } from '../../src/reconcile/cgroup-names.ts';
import { callWithLongTexts } from './call-with-long-texts.ts';

describe('no name takes longer to reconcile than its length', () => {
  it('ownerOfPea', () => {
    callWithLongTexts((name) => ownerOfPea(name, () => false), 400_000);
  });
});
