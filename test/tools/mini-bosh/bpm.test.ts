import { expect } from 'chai';
import { withoutUnmounted } from '../../../tools/mini-bosh/bpm.ts';
import { bpmProcess } from '../../../tools/mini-bosh/bpm-config.ts';

describe('bpm.yml of a job', () => {
  it('is refused with a key that bpm would ignore', () => {
    const text = JSON.stringify({ processes: [], priviledged: 1 });
    expect(() => bpmProcess(text)).to.throw(/priviledged/);
  });
});

describe('/proc/cgroups for bpm itself', () => {
  it('has every controller disabled that the VM does not mount', () => {
    const header = '#subsys_name\thierarchy\tnum_cgroups\tenabled\n';
    const table = `${header}cpu\t1\t9\t1\nmemory\t4\t99\t1\nnet_cls\t0\t1\t1\nhugetlb\t0\t1\t0\n`;
    expect(withoutUnmounted(table, ['cpu', 'memory'])).to.equal(
      `${header}cpu\t1\t9\t1\nmemory\t4\t99\t1\nnet_cls\t0\t1\t0\nhugetlb\t0\t1\t0\n`,
    );
  });
});
