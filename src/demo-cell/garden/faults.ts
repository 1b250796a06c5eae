import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteName } from './routes.ts';
import type { Fault, GardenState } from './state.ts';

const DRIP_MILLISECONDS = 100;
const HUGE_PIECE = 'x'.repeat(65_536);
const HTML =
  '<!DOCTYPE html>\n<html><head><title>503</title></head><body>no cell here</body></html>\n';
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The fault that applies to this request. */
export function faultOf(state: GardenState, name: RouteName | null): Fault {
  const { fault, faultOn } = state;
  if (fault.kind === 'null-list') return name === 'list' ? fault : { kind: 'none' };
  const hit =
    faultOn === 'all' ||
    (faultOn === 'list' && name === 'list') ||
    (faultOn === 'properties' && (name === 'properties' || name === 'property'));
  return hit ? fault : { kind: 'none' };
}

async function drip(response: ServerResponse): Promise<void> {
  response.writeHead(200, JSON_TYPE);
  while (!response.closed) {
    response.write(' ');
    await sleep(DRIP_MILLISECONDS);
  }
}

async function huge(response: ServerResponse, name: RouteName | null, bytes: number) {
  response.writeHead(200, JSON_TYPE);
  const [begin, end] = name === 'list' ? ['{"Handles":["', '"]}\n'] : ['{"huge":"', '"}\n'];
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
  fault: Fault,
  name: RouteName | null,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case 'none':
      return false;
    case 'hang':
      return true;
    case 'slow':
      await sleep(fault.milliseconds);
      return false;
    case 'reset':
      response.destroy();
      return true;
    case 'garbage':
      response.socket?.end('\u0000\u0001 this is no HTTP \u0002\r\n\r\n');
      return true;
    case 'html':
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(HTML);
      return true;
    case 'status':
      response.writeHead(fault.status, JSON_TYPE).end(fault.body);
      return true;
    case 'null-list':
      response.writeHead(200, JSON_TYPE).end('{"Handles":null}\n');
      return true;
    case 'half-body':
      response.writeHead(200, { ...JSON_TYPE, 'Content-Length': '1000' });
      response.write('{"Handles":["a2', () => response.destroy());
      return true;
    case 'huge-body':
      await huge(response, name, fault.bytes);
      return true;
    case 'drip':
      await drip(response);
      return true;
  }
}
