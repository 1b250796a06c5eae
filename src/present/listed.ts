import type { Report } from '../model/report.ts';

/**
 * How many containers Garden lists; while its list cannot be read, how many it held when it last could: those of the last
 * report that are in it.
 */
export const listedByGarden = ({ garden, containers }: Report): number =>
  garden.state === 'known'
    ? garden.listed
    : containers.filter(({ reason }) => reason !== 'unknown-to-garden').length;
