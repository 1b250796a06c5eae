import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { NOW } from '../standin/fleet.ts';
import { ranPlugin } from '../standin/ran-plugin.ts';

const gauge = (name: string, value: unknown): unknown => ({ metrics: { [name]: { value } } });
const BEAT = 'rollcall_last_reconcile_timestamp_seconds';
const envelope = (more: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    envelopes: {
      batch: [
        {
          timestamp: `${NOW}000000000`,
          source_id: 'rollcall',
          instance_id: 'x',
          tags: {},
          gauge: gauge(BEAT, NOW),
          ...more,
        },
      ],
    },
  });

const GARBAGE: Readonly<Record<string, string>> = {
  'random bytes': randomBytes(100_000).toString('latin1'),
  // The plugin reads 4 MB of an answer.
  '8 MB of JSON': `{"envelopes":{"batch":[${'{},'.repeat(2_700_000)}{}]}}`,
  'a million brackets': '['.repeat(1_000_000),
  'a list': '[]',
  null: 'null',
  'a number as a time': envelope({ timestamp: 1 }),
  'a list of values': envelope({ gauge: gauge(BEAT, [1]) }),
  'a tag that is an object': envelope({ tags: { ip: { toString: 1 } } }),
  'a key called __proto__': envelope({ tags: {} }).replace(
    '"tags":{}',
    '"tags":{"__proto__":{"job":"x"}}',
  ),
  'a number beyond any': envelope({}).replace(String(NOW) + '}', '1e999}'),
  'a huge number': envelope({ gauge: gauge(BEAT, 1e300) }),
  'a huge negative number': envelope({ gauge: gauge('rollcall_containers', -1e300) }),
  NaN: envelope({ gauge: gauge(BEAT, 'NaN') }),
  'a time in the year 2262': envelope({ timestamp: '9223372036854775807' }),
  'a time of 19 nines': envelope({ timestamp: '9'.repeat(19) }),
};

describe('garbage from Log Cache', () => {
  for (const [what, body] of Object.entries(GARBAGE)) {
    it(`is never a success, nor a failure of the plugin itself: ${what}`, async () => {
      const { code, stdout, stderr } = await ranPlugin({
        series: [],
        fault: ({ pathname }) =>
          pathname.startsWith('/api/') ? { kind: 'answer', status: 200, body } : null,
      });
      const said = stdout + stderr;
      expect(code, said).to.equal(1);
      expect(said).to.match(/^FAILED|1 cell: 1 unknown/m);
      expect(said).not.to.match(/\bbug\b|Error|undefined|NaN|Infinity|\de\+|-\d+[dhms]/);
    });
  }
});
