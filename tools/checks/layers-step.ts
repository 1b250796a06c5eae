import { root } from '../bootstrap/place.mjs';
import { cruiseSources } from './cruise.ts';
import { sourceFiles } from './source-files.ts';
import { oneTest, type Step } from './step.ts';

/** Without a TypeScript it understands, dependency-cruiser finds no module, hence no violation, and is content. */
export const layersStep: Step = {
  name: 'layers',
  async run() {
    const { violations, modules } = await cruiseSources(root);
    const cruised = new Set(modules);
    const missed = sourceFiles('src', 'tools').filter((file) => !cruised.has(file));
    const complaints = [
      ...violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`),
      ...missed.map((file) => `not looked at: ${file}`),
    ];
    return oneTest(complaints.length === 0, `${modules.length} modules`, complaints.join('\n'));
  },
};
