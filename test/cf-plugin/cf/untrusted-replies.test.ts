import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { repliesIn } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { jsonText } from '../../../src/present/json-text.ts';
import { keepsPromises } from '../../untrusted-text.ts';

const recordedReplies = (): readonly string[] => {
  const vectors = readFileSync(new URL('go-vectors.json', import.meta.url), 'utf8');
  return [...vectors.matchAll(/"hex": "(\w+)"/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  );
};

describe('where cf writes,', () => {
  keepsPromises('a reply', {
    recorded: recordedReplies,
    failures: ['GOB_MALFORMED', 'GOB_TOO_LARGE', 'CF_ANSWER', 'CF_CLOSED'],
    read: async (text) => {
      const replies = [];
      for await (const reply of repliesIn(Readable.from([Buffer.from(text, 'latin1')])))
        replies.push(reply);
      return [jsonText(replies)];
    },
  });
});
