import process from 'node:process';
import {
  contentSecurityPolicy,
  type PageHashes,
  REFRESH_SCRIPT,
} from '../present/page/refresh-script.ts';
import { STYLE_SHEET } from '../present/page/style-sheet.ts';

/** An agent loads node:crypto when somebody opens the page: 6 ms of its start otherwise. */
const hashOf = (text: string): string =>
  `sha256-${process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('base64')}`;

/** Computed from this program's texts, so that the policy always names the page's own. */
export const pageHashes = (): PageHashes => ({
  style: hashOf(STYLE_SHEET),
  script: hashOf(REFRESH_SCRIPT),
});

/** The headers that the page has besides those of every answer. */
export const pageHeaders = (): Record<string, string> => ({
  'content-security-policy': contentSecurityPolicy(pageHashes(), 'header'),
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
});
