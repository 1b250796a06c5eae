// In the cell, below strace: the scan so many times. What starting costs is in a run with none.
import { answerWith, askedOf, SCAN_TIMES } from './measurements.ts';
import { primaryScan } from './primary-scan.ts';

const { times } = askedOf(SCAN_TIMES);
const scan = primaryScan();
for (let time = 0; time < times; time++) scan.run();
answerWith({ openedAt: scan.top, garden: scan.garden });
