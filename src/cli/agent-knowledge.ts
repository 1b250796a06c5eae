import type { AgentKnowledge } from '../model/agent-knowledge.ts';
import { KnownFailure } from '../model/failure.ts';
import type { Handle } from '../model/ids.ts';
import { parseAgentEvents } from '../parse/agent-events.ts';
import { askedOfAgent, reportOfAgent, unreadable } from './asked-agent.ts';

export type AskedAgent =
  | { readonly kind: 'answered'; readonly knowledge: AgentKnowledge }
  | { readonly kind: 'silent'; readonly why: string }
  /** A saved cell, or the files of another one: the agent here knows nothing of it. */
  | { readonly kind: 'not-asked' };

/** What the agent of this cell remembers of a container. An agent that does not answer takes nothing from an explanation. */
export async function askedAgent(handle: Handle, socketPath: string): Promise<AskedAgent> {
  try {
    const { containers } = await reportOfAgent(socketPath);
    const parsed = parseAgentEvents(await askedOfAgent(socketPath, '/v1/events'));
    if (!parsed.ok) throw unreadable(parsed.why);
    const container = containers.find((one) => one.handle === handle);
    const isUntracked = container?.status === 'untracked';
    return {
      kind: 'answered',
      knowledge: {
        app: container?.app ?? null,
        untrackedSince: isUntracked ? container.since : null,
        events: parsed.events.filter((one) => one.handle === handle),
      },
    };
  } catch (error) {
    if (!(error instanceof KnownFailure)) throw error;
    return { kind: 'silent', why: error.message };
  }
}
