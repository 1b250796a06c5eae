import type { NamedContainer } from '../model/answers.ts';
import type { ContainerName } from '../model/names.ts';
import { cleanText } from './clean-text.ts';

const clean = (text: string | null): string | null => (text === null ? null : cleanText(text));
const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/**
 * Whose a container is, for programs.
 * @param pea the side process of it that is meant; null: the container itself
 */
export const namedContainer = (one: ContainerName, pea: string | null): NamedContainer => ({
  handle: cleanText(one.handle),
  kind: pea === null ? one.kind : 'pea',
  pea: clean(pea),
  app: clean(one.app),
  appId: clean(one.appId),
  index: one.index,
  space: clean(one.space),
  spaceId: clean(one.spaceId),
  org: clean(one.org),
  orgId: clean(one.orgId),
  processType: clean(one.processType),
  status: one.status,
  since: timeOf(one.since),
  ended: one.ended === null ? null : timeOf(one.ended),
});
