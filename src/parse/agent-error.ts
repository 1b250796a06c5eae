import * as v from 'valibot';
import { oneLine } from '../model/text.ts';

const answer = v.object({ error: v.string() });

/** What the agent says in an answer that is no 200, bounded; its beginning where it is not the agent's JSON. */
export function parseAgentError(body: string): string {
  try {
    const parsed = v.safeParse(answer, JSON.parse(body));
    if (parsed.success) return oneLine(parsed.output.error, 400);
  } catch {
    // A text of somebody else.
  }
  return oneLine(body.trim(), 200);
}
