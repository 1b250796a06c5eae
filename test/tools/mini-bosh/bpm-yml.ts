import { bpmProcess, type BpmProcess } from '../../../tools/mini-bosh/bpm-config.ts';

/** The process of a bpm.yml that holds little more than this. */
export const processOf = (process: object): BpmProcess =>
  bpmProcess(
    'rollcall',
    JSON.stringify({ processes: [{ name: 'rollcall', executable: '/bin/true', ...process }] }),
  );
