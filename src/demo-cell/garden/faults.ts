import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked } from './requests.ts';
import type { GardenState } from './state.ts';

const HUGE_PIECE = 'x'.repeat(65_536);
const JSON_TYPE = { 'Content-Type': 'application/json' };

async function huge(response: ServerResponse, isList: boolean, bytes: number) {
  response.writeHead(200, JSON_TYPE);
  const [begin, end] = isList ? ['{"Handles":["', '"]}\n'] : ['{"huge":"', '"}\n'];
  response.write(begin);
  for (let left = bytes; left > 0 && !response.closed; left -= HUGE_PIECE.length) {
    const more = response.write(HUGE_PIECE.slice(0, left));
    // A reader may close the connection early, and then there is no drain event.
    if (!more) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end(end);
}

/** Sends a faulty answer or none; false if the request gets its usual answer. */
export async function applyFault(
  { fault, faultOn }: GardenState,
  name: Asked['name'] | null,
  response: ServerResponse,
): Promise<boolean> {
  if (faultOn !== 'all' && faultOn !== name) return false;
  switch (fault.kind) {
    case 'none':
      return false;
    case 'hang':
      return true;
    case 'slow':
      await sleep(fault.milliseconds);
      return false;
    case 'garbage':
      response.socket?.end('\u0000\u0001 this is no HTTP \u0002\r\n\r\n');
      return true;
    case 'status':
      response.writeHead(fault.status, JSON_TYPE).end(fault.body);
      return true;
    case 'half-body':
      response.writeHead(200, { ...JSON_TYPE, 'Content-Length': '1000' });
      response.write('{"Handles":["a2', () => response.destroy());
      return true;
    case 'huge-body':
      await huge(response, name === 'list', fault.bytes);
      return true;
  }
}
