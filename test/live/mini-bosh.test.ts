import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { makeParts } from '../../tools/mini-bosh/parts.ts';
import { whyNoMiniBosh } from '../../tools/mini-bosh/requirements.ts';
import { setStage, type Stage } from '../../tools/mini-bosh/stage.ts';
import { STEPS } from '../../tools/mini-bosh/steps/all-steps.ts';
import { takeStep } from '../../tools/mini-bosh/steps/take-step.ts';
import { tracesHere, tracesOf, type Traces } from '../../tools/mini-bosh/traces.ts';
import { Vm } from '../../tools/mini-bosh/vm.ts';
import { skip } from '../skip.ts';
import { needsCell } from './cells.ts';

for (const mode of ['auto', 'v2'] as const) {
  describe(`the release on a cell in a box, cgroup mode ${mode}`, function () {
    this.timeout(120_000);
    let machine: Traces;
    let vm: Vm;
    let stage: Stage;
    let taken = 0;

    before(async function () {
      needsCell(this, mode);
      const obstacle = whyNoMiniBosh();
      if (obstacle !== null) skip(this, obstacle);
      await makeParts();
      machine = tracesHere();
      vm = await Vm.start(mode);
      stage = await setStage(vm, root, () => undefined);
    });

    after(() => vm?.stop());

    for (const [index, step] of STEPS.entries()) {
      it(step.title, async function () {
        if (taken < index) skip(this, 'it begins where the step before ends, and that one failed');
        await takeStep(step, stage);
        taken += 1;
      });
    }

    it('leaves nothing on the machine', async () => {
      await vm.stop();
      expect(tracesOf(vm.cell.runId, machine)).to.have.length(1);
    });
  });
}
