import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../../tools/bootstrap/place.mjs';
import { RUNBOOK } from '../../../tools/monitoring/alerts/alert-files.ts';

export const runbook = (): string => readFileSync(path.join(root, RUNBOOK), 'utf8');

/** What stands below one heading, up to the next one of its level. */
export function section(anchor: string): string {
  const sections = runbook().split(/^## /m).slice(1);
  return sections.find((text) => anchorOf(text.split('\n')[0] ?? '') === anchor) ?? '';
}

/** The anchor that GitHub and GitLab give a heading of these plain ones. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

export const anchors = (): readonly string[] =>
  [...runbook().matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
