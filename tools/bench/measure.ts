// `measure.ts NAME [ARGUMENT…]`: one measurement, in a process in the cell. Prints JSON.
import { measureMountinfo } from './mountinfo-section.ts';
import { measureScan } from './scan-section.ts';

const MEASUREMENTS = { mountinfo: measureMountinfo, scan: measureScan };

const [, , name = '', program = ''] = process.argv;
const measure = Object.entries(MEASUREMENTS).find(([each]) => each === name)?.[1];
if (measure === undefined) throw new Error(`unknown measurement ${name}`);
process.stdout.write(JSON.stringify(await measure(program)));
