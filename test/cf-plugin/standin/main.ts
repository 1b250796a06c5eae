// `main.ts CELLS DELAY`: a foundation of healthy cells, and a cf with which somebody has logged in
// to it, for a plugin that runs as a process. Each answer of Log Cache takes so many milliseconds.
// Prints the port of cf, then, when its input ends, how many requests came and how many bytes were
// sent.
import { text } from 'node:stream/consumers';
import { startLoggedInCf } from '../cf/stand-in-cf.ts';
import { seriesOf, spreadFleet } from './fleet.ts';
import { startStandIn } from './foundation.ts';

const [cells = 0, delayMilliseconds = 0] = process.argv.slice(2).map(Number);
const series = seriesOf(...spreadFleet(cells));
const foundation = await startStandIn({ series, delayMilliseconds });
const cf = await startLoggedInCf(foundation.origin);
process.stdout.write(`${cf.port}\n`);
await text(process.stdin);
process.stdout.write(`${foundation.requests.length}\n${foundation.sentBytes()}\n`);
await Promise.all([cf.close(), foundation.close()]);
