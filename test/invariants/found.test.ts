import { expect } from 'chai';
import { live } from './made-agent.ts';
import type { History } from './made-histories.ts';
import { PROPERTIES } from './properties.ts';

/** Histories that once broke a property. */
const FOUND: Readonly<Record<string, History>> = {
  'two throttled containers use equally much': {
    layout: 'v2-throttling',
    steps: ['create c', 'create a', 'throttle c', 'throttle a', 'pass 4'],
  },
  'a container is created between two walks of a pass': {
    layout: 'v2',
    steps: ['create c', 'begin b', 'before walks create b', 'unlist c', 'pass'],
  },
  'a renamed container has a pea, and gets its name back': {
    layout: 'hybrid',
    steps: ['create-privileged a', 'pea a', 'rename a', 'pass 10', 'rename-back a', 'pass 4'],
  },
  'a container hides its cgroup, and gets its owner back': {
    layout: 'v1-throttling',
    steps: [
      'create-privileged a',
      'pass 4',
      'before properties hide a',
      'disown a',
      'pass 10',
      'own a',
      'pass 4',
    ],
  },
  'a container without processes has two empty directories': {
    layout: 'v2-throttling',
    steps: ['create a', 'flee a', 'pass 10'],
  },
  'a container exceeds its limit between two passes that read limits': {
    layout: 'v2-throttling',
    steps: ['read-all', 'create a', 'pass 6', 'exceed a', 'pass'],
  },
  'a lost container hides its cgroup but not that of its pea': {
    layout: 'v2',
    steps: ['create a-envoy', 'create c', 'create a', 'pea a', 'hide a', 'unlist a', 'pass'],
  },
  'a lost container is disguised, comes home and ends': {
    layout: 'hybrid',
    steps: [
      'create a',
      'unlist a',
      'pass 10',
      'disguise a',
      'pass 4',
      'return a',
      'flee a',
      'pass',
      'return a',
      'pass',
      'kill a',
      'pass 4',
    ],
  },
  'a container is throttled after the walk, and Garden loses it before the next one': {
    layout: 'v2-throttling',
    steps: ['create a', 'pass 3', 'before sweep throttle a', 'pass', 'unlist a', 'pass 4'],
  },
  'a container is created during the first of two walks': {
    layout: 'hybrid',
    steps: ['create a-envoy', 'rename a-envoy', 'before walk create c', 'pass'],
  },
  'a disguised container is replaced': {
    layout: 'v1',
    steps: [
      'create b',
      'before list create-privileged a',
      'pass',
      'pass 10',
      'disguise a',
      'pass 10',
      'replace a',
      'pass 4',
    ],
  },
  'a reported container is disguised during a walk': {
    layout: 'v1-throttling',
    steps: ['create-privileged a', 'pass', 'unlist a', 'pass 4', 'before walk disguise a', 'pass'],
  },
  'a container is replaced and loses its owner before its new cgroup is read': {
    layout: 'hybrid',
    steps: ['create a', 'pass', 'pass 4', 'replace a', 'gdn-crashes', 'pass 10'],
  },
  'a container comes back under a handle that has ended, and was never listed again': {
    layout: 'v2-throttling',
    steps: [
      'create-privileged a',
      'pass',
      'destroy a',
      'pass 4',
      'create-privileged a',
      'unlist a',
      'pass 10',
    ],
  },
  'a lost container shows its own cgroup again beside that of its pea': {
    layout: 'hybrid',
    steps: [
      'create-privileged a',
      'sidecar a',
      'pass 4',
      'unlist a',
      'hide a',
      'pass 4',
      'show a',
      'pass 4',
    ],
  },
  'a process starts in a pea, and only its container is decided': {
    layout: 'v1-throttling',
    steps: [
      'create-privileged a',
      'create-privileged b',
      'sidecar a',
      'sidecar b',
      'pass 4',
      'sidecar a',
      'pass 4',
    ],
  },
  'more than five processes of a container are outside': {
    layout: 'v2-throttling',
    steps: [
      'create a',
      'thread a',
      'thread a',
      'sidecar a',
      'spawn a',
      'return a',
      'flee a',
      'pass 2',
      'pass',
    ],
  },
  'a container is renamed in one hierarchy between the walk and the list': {
    layout: 'v1-throttling',
    steps: ['create c', 'before list rename c', 'pass 10'],
  },
  'a disguised container leaves its cgroup for some passes, and nothing else shows it': {
    layout: 'v2',
    steps: [
      'create-privileged a',
      'pass',
      'unlist a',
      'disguise a',
      'flee a',
      'pass 4',
      'return a',
      'spawn a',
      'pass 4',
    ],
  },
  'the same, and the agent is restarted meanwhile': {
    layout: 'v2',
    steps: [
      'create-privileged a',
      'pass',
      'unlist a',
      'disguise a',
      'flee a',
      'pass 4',
      'restart',
      'pass',
      'return a',
      'spawn a',
      'pass 4',
    ],
  },
};

describe('in a history that once broke a property', () => {
  for (const [name, history] of Object.entries(FOUND)) {
    it(`all properties hold: ${name}`, async () => {
      const lived = await live(history);
      const wrong = Object.values(PROPERTIES).flatMap((property) => property(lived) ?? []);
      expect(wrong).to.deep.equal([]);
    });
  }
});
