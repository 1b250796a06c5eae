import type { ByteString } from '../../model/ids.ts';
import type { ContainerReport } from '../../model/report.ts';
import { textOfBytes, oneLine } from '../../model/text.ts';
import { html, type SafeHtml } from './html.ts';

export const MAX_NAME = 80;
export const MAX_HANDLE = 200;
export const MAX_PATH = 300;
export const MAX_SENTENCE = 900;

/**
 * A text that others chose: bounded, its control and bidirectional characters made visible, and isolated, so that letters
 * written from right to left do not reorder what stands beside them.
 */
export const foreign = (text: string, limit: number): SafeHtml =>
  html`<bdi>${oneLine(text, limit)}</bdi>`;

export const pathText = (path: ByteString): string => oneLine(textOfBytes(path), MAX_PATH);

const KIND_WORDS = {
  'app-instance': 'app instance',
  task: 'task',
  'health-check': 'health check',
  other: 'other',
} as const;

export const kindWords = ({ kind }: ContainerReport): string => KIND_WORDS[kind];

/** `billing/2` for the third instance of an app; null for what is no app or where nobody knows. */
export function appText({ app }: ContainerReport): string | null {
  if (app === null || app.name === null) return null;
  const name = oneLine(app.name, MAX_NAME);
  return app.index === null ? name : `${name}/${app.index}`;
}

export const placeText = ({ app }: ContainerReport): string | null =>
  app === null || (app.organizationName === null && app.spaceName === null)
    ? null
    : `${oneLine(app.organizationName ?? '?', MAX_NAME)} / ${oneLine(app.spaceName ?? '?', MAX_NAME)}`;
