/**
 * How Node is started for the agent (docs/decisions/agent-flags.md): it waits for 15 seconds and works for a tenth of a second,
 * so that memory counts more than speed.
 */
export const AGENT_FLAGS: readonly string[] = [
  '--lite-mode',
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  '--max-old-space-size=128',
];
