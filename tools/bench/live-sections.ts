import { whyNoCell } from '../../src/demo-cell/requirements.ts';
import { agentSection } from './agent-section.ts';
import { inBenchCell, leaveDead } from './bench-cell.ts';
import { realMountinfo } from './mountinfo-section.ts';
import { scanCell, scanSection, type ScannedCell } from './scan-section.ts';
import type { Section, Skipped } from './section.ts';
import { soakSection } from './soak-section.ts';

const SIZES = [1, 250, 1000, 5000];
const DEAD = 20_000;
const BESIDE_DEAD = 250;
const AGENT_CONTAINERS = 250;

export interface BenchTools {
  /** The compiled C program; null where there is none. */
  readonly program: string | null;
  readonly directory: string;
  readonly stop: AbortSignal;
  /** What happens now, for people. */
  readonly say: (what: string) => void;
}

/** All that needs a cell, in one cell that grows, and one with dead directories. */
export async function liveSections(tools: BenchTools): Promise<readonly (Section | Skipped)[]> {
  const obstacle = whyNoCell();
  if (obstacle !== null) return [{ title: 'Mounts, scans and the agent', why: obstacle.message }];
  const { program, say } = tools;
  const parts: (Section | Skipped)[] = [];
  const scanned: ScannedCell[] = [];
  let agent: Section | Skipped = { title: 'The agent', why: 'it was not reached' };
  await inBenchCell(tools.stop, async (cell) => {
    say('a mount table of 5,000 lines');
    parts.push(await realMountinfo(cell, program));
    let created = 0;
    for (const containers of SIZES) {
      say(`a cell with ${containers} containers`);
      await cell.createMany(containers - created, `bench ${containers}`);
      created = containers;
      const size = { containers, dead: 0 };
      scanned.push(await scanCell(cell, program, size));
    }
  });
  await inBenchCell(tools.stop, async (cell) => {
    say(`the agent on a cell with ${AGENT_CONTAINERS} containers`);
    await cell.createMany(AGENT_CONTAINERS);
    agent = await agentSection(cell, AGENT_CONTAINERS);
    say('a soak of 2,000 passes');
    parts.push(await soakSection(cell));
  });
  await inBenchCell(tools.stop, async (cell) => {
    say(`a cell with ${BESIDE_DEAD} containers and ${DEAD} dead directories`);
    const size = { containers: BESIDE_DEAD, dead: DEAD };
    await cell.createMany(BESIDE_DEAD);
    leaveDead(cell, DEAD);
    scanned.push(await scanCell(cell, program, size));
  });
  return [...parts, scanSection(scanned), agent];
}
