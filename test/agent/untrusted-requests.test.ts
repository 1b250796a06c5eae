import { expect } from 'chai';
import { parseDrillRequest } from '../../src/parse/agent-answers.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { keepsPromises } from '../untrusted-text.ts';

describe('where a client of the status socket writes,', () => {
  keepsPromises('the request for a drill', {
    recorded: () => [
      '{"forSeconds":300}',
      '{"schemaVersion":1,"handle":"a","until":"2026-01-01T00:00:00.000Z"}',
    ],
    read: (text) => {
      const seconds = parseDrillRequest(text);
      if (seconds !== null) expect(seconds, 'seconds of a drill').to.be.within(1, 3600);
      return [jsonText(seconds)];
    },
  });
});
