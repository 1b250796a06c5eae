import { isPlaced, type InstanceGroup } from './addon-filter.ts';
import type { RuntimeConfig } from '../../tools/runtime-config/complete-config.ts';

/** An instance group of a Linux or Windows VM with jobs, each as RELEASE/JOB. */
export const group = (name: string, ...jobs: readonly string[]): InstanceGroup => ({
  name,
  deployment: name.startsWith('isolated') ? 'p-isolation-segment-1' : 'cf-1',
  os: name.startsWith('windows') ? 'windows2019' : 'ubuntu-jammy',
  lifecycle: name.startsWith('smoke') ? 'errand' : 'service',
  jobs: jobs.map((each) => {
    const [release = '', jobName = ''] = each.split('/');
    return { name: jobName, release };
  }),
});

const LINUX_CELLS = [
  'diego_cell',
  'isolated_diego_cell',
  'isolated_diego_cell_blue',
  'compute',
  'diego-cell',
  'isolated-diego-cell',
].map((name) => group(name, 'diego/rep', 'garden-runc/garden', 'bpm/bpm'));
const OTHERS = [
  group('windows_diego_cell', 'diego/rep_windows', 'garden-windows/garden-windows'),
  group('windows2019-cell', 'diego/rep_windows'),
  group('diego_brain', 'diego/auctioneer'),
  group('router', 'routing/gorouter'),
  group('worker', 'garden-runc/garden', 'concourse/worker'),
  group('smoke-tests', 'cf-smoke-tests/smoke_tests'),
  group('other', 'elsewhere/rep'),
];

export const placed = (config: RuntimeConfig): readonly string[] =>
  [...LINUX_CELLS, ...OTHERS]
    .filter((each) => isPlaced(config.addons[0] as Parameters<typeof isPlaced>[0], each))
    .map(({ name }) => name);

export const ALL_CELLS = LINUX_CELLS.map(({ name }) => name);
